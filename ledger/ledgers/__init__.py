"""The back ends of the ledger, one each; opened by URL or path."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from ledger.entry import LedgerError
from ledger.ledger import Ledger
from ledger.ledgers.sqlite import SqliteLedger


def open_ledger(where: str | Path) -> Ledger:
    """Open the ledger at a data folder, given as a path or as `sqlite:///path`; made when absent.

    Raises: LedgerError when the folder is not usable, the store is newer than this program, or the URL names
    another kind of store.
    """
    if isinstance(where, Path) or "://" not in where:
        return SqliteLedger(Path(where))
    url = urlsplit(where)
    if url.scheme != "sqlite" or url.netloc:
        raise LedgerError(
            f"ledger URL scheme {url.scheme!r}: only a folder or sqlite:///folder can be opened"
        )
    return SqliteLedger(Path(unquote(url.path)))
