"""The audit chain: each row's HMAC covers the one before, and a seal covers the last."""

import hmac
import json
from dataclasses import asdict

from ledger.audit import AuditEntry
from ledger.content import canonical_json

START = b""
"""What stands for the row before the first."""

MOST_OBJECTS = 1_000


def audit_text(entry: AuditEntry) -> str:
    """Return the canonical text of an audit entry, its objects capped."""
    return canonical_json({**asdict(entry), "objects": list(entry.objects[:MOST_OBJECTS])})


def audit_entry(text: str) -> AuditEntry:
    """Return the audit entry that `audit_text` wrote."""
    said = json.loads(text)
    return AuditEntry(**{**said, "objects": tuple(said["objects"])})


def link(key: bytes, before: bytes, position: int, recorded_at: str, text: str) -> bytes:
    """Return the HMAC-SHA-256 of a row and, through `before`, of all rows ahead of it."""
    return hmac.digest(key, before + canonical_json([position, recorded_at, text]).encode(), "sha256")


def seal(key: bytes, position: int, mac: bytes) -> bytes:
    """Return the seal of the last row, without which a cut tail would go unseen."""
    return hmac.digest(key, b"head" + position.to_bytes(8, "big") + mac, "sha256")
