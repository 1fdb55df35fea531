"""The version rule: the highest explicit version stands, in any order of arrival."""

from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.entry import Erased, Status, VersionConflict
from ledger.version import Held, decide

Rule = Callable[[Held | None, int | None, bytes], tuple[Status, int]]


def _held(version: int, content: bytes, certificate: str | None = None) -> Held:
    return Held(1, version, 1, 1, bool(content), content, certificate)


@pytest.mark.parametrize(
    ("held", "version", "content", "answer"),
    [
        (None, None, b"a", (Status.ACCEPTED, 1)),
        (None, 7, b"a", (Status.ACCEPTED, 7)),
        (_held(3, b"a"), None, b"a", (Status.DUPLICATE, 3)),
        (_held(3, b"a"), None, b"b", (Status.ACCEPTED, 4)),
        (_held(3, b"a"), 3, b"a", (Status.DUPLICATE, 3)),
        (_held(3, b"a"), 2, b"b", (Status.STALE, 3)),
        (_held(3, b"a"), 4, b"a", (Status.ACCEPTED, 4)),
        (_held(3, b""), None, b"", (Status.DUPLICATE, 3)),
        (_held(3, b""), None, b"a", (Status.ACCEPTED, 4)),
        (_held(3, b""), 2, b"a", (Status.STALE, 3)),
    ],
)
def test_decide(held: Held | None, version: int | None, content: bytes, answer: tuple[Status, int]) -> None:
    assert decide(held, version, content) == answer


@pytest.mark.parametrize(("held", "content"), [(b"a", b"b"), (b"a", b""), (b"", b"a")])
def test_the_same_version_with_other_content_conflicts(held: bytes, content: bytes) -> None:
    with pytest.raises(VersionConflict, match="higher version"):
        decide(_held(3, held), 3, content)


def test_what_is_erased_stays_erased() -> None:
    with pytest.raises(Erased) as refusal:
        decide(_held(3, b"", "c1"), 9, b"a")
    assert refusal.value.certificate == "c1"


def test_a_version_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        decide(None, 0, b"a")


def _last(rule: Rule, pushes: tuple[tuple[int, bytes], ...]) -> tuple[int, bytes]:
    held: Held | None = None
    for version, content in pushes:
        status, now = rule(held, version, content)
        if status is Status.ACCEPTED:
            held = _held(now, content)
    assert held is not None
    return held.version, held.content_hash


def _one_live_state(rule: Rule, pushes: list[tuple[int, bytes]]) -> bool:
    return len({_last(rule, order) for order in permutations(pushes)}) == 1


@given(st.dictionaries(st.integers(1, 9), st.sampled_from([b"", b"a", b"b"]), min_size=1, max_size=4))
def test_every_order_of_explicit_versions_gives_one_live_state(contents: dict[int, bytes]) -> None:
    assert _one_live_state(decide, sorted(contents.items()))


def test_a_last_push_wins_rule_would_fail() -> None:
    def last_wins(_held: Held | None, version: int | None, _content: bytes) -> tuple[Status, int]:
        return Status.ACCEPTED, version or 1

    assert not _one_live_state(last_wins, [(1, b"a"), (2, b"b")])
