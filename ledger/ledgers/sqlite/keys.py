"""API keys and page tokens in SQLite: only keyed hashes of secrets are kept."""

import base64
import hmac
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ledger.instant import later
from ledger.ledgers.sqlite.transaction import Transaction
from ledger.secret import derive

_SHOWN = "id, name, roles, source, loopback_only, created_at, revoked_at"


class SqliteKeys:
    """The facet `Keys`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction
        self._pepper = derive(transaction.secret, "keys")

    def create(
        self,
        name: str,
        roles: Collection[str],
        source: str | None,
        actor: str,
        *,
        loopback_only: bool = False,
    ) -> str:
        """Make a key and return its whole text, this once."""
        id_ = base64.b32encode(secrets.token_bytes(5)).decode().lower()
        secret = secrets.token_urlsafe(32)
        roles_text = json.dumps(sorted(roles))
        self._tx.append("key.create", id_, actor, {"roles": sorted(roles), "source": source})
        self._tx.run(
            "INSERT INTO api_key (id, name, roles, source, loopback_only, mac, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(id_, name, roles_text, source, loopback_only, self._mac(id_, secret), self._tx.instant),
        )
        return f"kith_{id_}_{secret}"

    def check(self, text: str) -> Mapping[str, Any] | None:
        """Return what is known of a live key, None otherwise; the time taken says nothing of the secret."""
        prefix, _, rest = text.partition("_")
        id_, _, secret = rest.partition("_")
        row = self._tx.one(f"SELECT mac, {_SHOWN} FROM api_key WHERE id = ?", id_)
        kept = row[0] if row is not None else bytes(32)
        matches = hmac.compare_digest(kept, self._mac(id_, secret))
        if row is None or not matches or prefix != "kith" or row[-1] is not None:
            return None
        return _key(row[1:])

    def revoke(self, key_id: str, actor: str) -> None:
        """Make a key and its page tokens useless. Raises: KeyError if unknown."""
        if self._tx.one("SELECT 1 FROM api_key WHERE id = ?", key_id) is None:
            raise KeyError(key_id)
        self._tx.append("key.revoke", key_id, actor, {})
        self._tx.run(
            "UPDATE api_key SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", self._tx.instant, key_id
        )
        self._tx.run("DELETE FROM page_token WHERE key_id = ?", key_id)

    def all(self) -> Sequence[Mapping[str, Any]]:
        """Return every key, revoked ones too, in order of making; never a secret."""
        found = self._tx.rows(f"SELECT {_SHOWN} FROM api_key ORDER BY created_at, id")
        return [{**_key(row), "created_at": row[5], "revoked_at": row[6]} for row in found]

    def open_page(self, key_id: str, *, once: bool, seconds: int) -> str:
        """Make a page token for a live key: `once` = a one-time link, else a session. Raises: KeyError."""
        if self._tx.one("SELECT 1 FROM api_key WHERE id = ? AND revoked_at IS NULL", key_id) is None:
            raise KeyError(key_id)
        token = secrets.token_urlsafe(32)
        self._tx.append("key.open_page", key_id, key_id, {"once": once, "seconds": seconds})
        self._tx.run("DELETE FROM page_token WHERE expires_at <= ?", self._tx.instant)
        self._tx.run(
            "INSERT INTO page_token (mac, key_id, once, expires_at) VALUES (?, ?, ?, ?)",
            *(self._mac("page", token), key_id, once, later(self._tx.instant, seconds)),
        )
        return token

    def page(self, token: str, *, once: bool) -> Mapping[str, Any] | None:
        """Return the key a page token of this kind stands for; a one-time token is used up."""
        mac = self._mac("page", token)
        row = self._tx.one(
            f"SELECT {_SHOWN} FROM page_token JOIN api_key ON id = key_id"
            " WHERE page_token.mac = ? AND once = ? AND expires_at > ? AND revoked_at IS NULL",
            *(mac, once, self._tx.instant),
        )
        if row is None:
            return None
        if once:
            self._tx.append("key.used_page", row[0], row[0], {})
            self._tx.run("DELETE FROM page_token WHERE mac = ?", mac)
        return _key(row)

    def _mac(self, id_: str, secret: str) -> bytes:
        text = f"{id_}\x00{secret}".encode(errors="surrogatepass")
        return hmac.digest(self._pepper, text, "sha256")


def _key(row: tuple[Any, ...]) -> dict[str, Any]:
    id_, name, roles, source, loopback_only, *_ = row
    return {
        "id": id_,
        "name": name,
        "roles": json.loads(roles),
        "source": source,
        "loopback_only": bool(loopback_only),
    }
