"""The secret of a ledger: one file of 32 random bytes beside it, from which each use derives its own key."""

import hmac
import os
import secrets
import tempfile
from pathlib import Path

from ledger.entry import LedgerError

FILE = "kith.key"
SECRET_BYTES = 32


def derive(secret: bytes, use: str) -> bytes:
    """Return the key for one use; keys of different uses say nothing of each other."""
    return hmac.digest(secret, use.encode(), "sha256")


def load_secret(folder: Path, *, create: bool) -> bytes:
    """Return the secret of a data folder, made (mode 0600, synced) when absent and `create` is given.

    Whoever makes it first wins: processes that open a new folder together read the same secret.
    Raises: LedgerError when it is absent or not whole: audit chain and keys cannot be checked without it.
    """
    path = folder / FILE
    if create and not path.exists():
        _make(path)
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        raise LedgerError(
            f"{FILE} is missing beside the ledger: put it back from the backup of this data folder"
        ) from None
    if len(secret) != SECRET_BYTES:
        raise LedgerError(f"{FILE} is damaged: put it back from the backup of this data folder")
    return secret


def sync_folder(folder: Path) -> None:
    """Make the names of a folder's files durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make(path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
        sync_folder(path.parent)
    finally:
        os.unlink(temporary)
