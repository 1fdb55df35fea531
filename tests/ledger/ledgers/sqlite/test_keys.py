"""API keys and page tokens: shown once, kept as a keyed hash, gone when revoked or expired."""

import re
from pathlib import Path
from typing import Any

import pytest

from ledger.ledger import Ledger, Session


def _create(session: Session, **kwargs: bool) -> tuple[str, str]:
    text = session.keys.create("Ann's", ["reviewer", "investigator"], None, "admin", **kwargs)
    return text, text.split("_")[1]


def test_a_key_is_checked_by_its_whole_text(ledger: Ledger) -> None:
    with ledger.write() as session:
        text, id_ = _create(session, loopback_only=True)
        assert re.fullmatch(r"kith_[a-z2-7]{8}_[\w-]{43}", text)
        assert session.keys.check(text) == {
            "id": id_,
            "name": "Ann's",
            "roles": ["investigator", "reviewer"],
            "source": None,
            "loopback_only": True,
        }
        for wrong in (
            "",
            "kith",
            f"kith_{id_}_",
            text[:-1],
            text + "x",
            text[1:],
            text.upper(),
            "\ud800",
            f"x{text}",
        ):
            assert session.keys.check(wrong) is None


def test_a_key_of_one_is_no_key_of_another(ledger: Ledger) -> None:
    with ledger.write() as session:
        one, other = _create(session)[0], _create(session)[0]
        assert session.keys.check(f"kith_{one.split('_')[1]}_{other.split('_', 2)[2]}") is None


def test_a_revoked_key_is_dead_with_its_sessions(ledger: Ledger) -> None:
    with ledger.write() as session:
        text, id_ = _create(session)
        token = session.keys.open_page(id_, once=False, seconds=60)
        session.keys.revoke(id_, "admin")
        assert session.keys.check(text) is None
        assert session.keys.page(token, once=False) is None
        with pytest.raises(KeyError):
            session.keys.open_page(id_, once=True, seconds=60)
        with pytest.raises(KeyError):
            session.keys.revoke("unknown", "admin")
        (row,) = session.keys.all()
        assert row["revoked_at"] is not None


def test_a_one_time_link_works_once_and_is_no_session(ledger: Ledger) -> None:
    with ledger.write() as session:
        _, id_ = _create(session)
        link = session.keys.open_page(id_, once=True, seconds=60)
        assert session.keys.page(link, once=False) is None
        key = session.keys.page(link, once=True)
        assert key is not None
        assert key["id"] == id_
        assert session.keys.page(link, once=True) is None


def test_a_session_is_read_in_a_snapshot_and_ends_by_ledger_time(ledger: Ledger, clock: Any) -> None:
    with ledger.write() as session:
        _, id_ = _create(session)
        token = session.keys.open_page(id_, once=False, seconds=60)
    clock.turn(59)
    with ledger.read() as session:
        assert session.keys.page(token, once=False) is not None
    clock.turn(2)
    with ledger.read() as session:
        assert session.keys.page(token, once=False) is None


def test_no_secret_is_in_any_file(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.write() as session:
        text, id_ = _create(session)
        token = session.keys.open_page(id_, once=False, seconds=60)
        assert text not in repr(session.keys.all())
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("kith.*"))
    assert id_.encode() in kept
    assert text.split("_", 2)[2].encode() not in kept
    assert token.encode() not in kept
