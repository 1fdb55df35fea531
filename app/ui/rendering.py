"""Turns messages into pages: the templates, what they may call, and the static files they name."""

import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import FileResponse, HTMLResponse, Response

from app.ui import charts, kinds, timeline, words
from patterns.words import counted

HERE = Path(__file__).parent
STATIC = HERE / "static"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What every page is sent with: nothing from elsewhere, nothing kept."""

_TYPES = {".css": "text/css", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}


@cache
def static_version() -> str:
    """Return a short hash of every static file: part of their addresses, so versions never mix."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def static_url(name: str) -> str:
    """Return the address of a static file."""
    return f"/static/{static_version()}/{name}"


def static_file(version: str, name: str) -> Response | None:
    """Return a static file, kept for a year under its own version; None where there is none."""
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file() or path.suffix not in _TYPES:
        return None
    keep = "public, max-age=31536000, immutable" if version == static_version() else "no-cache"
    headers = {"Cache-Control": keep, "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=headers)


@cache
def environment() -> Environment:
    """Return the templates' environment: everything is escaped, and a name that is missing is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "static": static_url,
        "words": words,
        "charts": charts,
        "timeline": timeline,
        "kinds": kinds,
    }
    made.filters |= {
        "title_of": words.title,
        "day": words.day,
        "moment": words.moment,
        "bits": words.bits,
        "rule": words.rule,
        "count": counted,
        "probability": words.probability,
    }
    return made


def page(template: str, status: int = 200, **context: object) -> HTMLResponse:
    """Return one page, never to be cached and under the content security policy."""
    return HTMLResponse(environment().get_template(template).render(**context), status, HEADERS)
