"""The back ends, one file each, found by discovery and opened by URL."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from graph_schema.store import GraphStore, StoreError


def back_ends() -> dict[str, str]:
    """Return the name of each back end by each URL scheme it opens; "" is a plain file path."""
    names = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return {scheme: name for name in names for scheme in _back_end(name).SCHEMES}


def open_store(url: str, *, user: str = "", password: str = "") -> GraphStore:
    """Open the store that the URL's scheme names: a file path, or bolt:// or neo4j:// with user and password.

    Raises: StoreError for a scheme that no back end opens.
    """
    scheme = url.split("://", 1)[0].lower() if "://" in url else ""
    name = back_ends().get(scheme)
    if name is None:
        raise StoreError(
            f"no graph store opens {scheme}:// URLs; known: {', '.join(filter(None, sorted(back_ends())))}"
        )
    store: GraphStore = _back_end(name).open_url(url, user, password)
    return store


def _back_end(name: str) -> Any:
    return import_module(f"{__name__}.{name}")
