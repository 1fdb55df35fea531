"""Through the ledger: any order of versioned puts, deletes and judgements, any batch split, and a rebuild."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.rebuilding import promote, rebuild
from app.settings import Settings
from app.wiring import Kith, open_kith
from ledger.entry import NewJudgement, Verdict
from resolvers.domain import Record, RecordKey
from resolvers.linkage_model import default_model

MODEL = replace(default_model(), max_block=3)
DAY, PHONE, MAIL = "1980-03-26", "0113 496 0123", "anna.bell@example.org"
SAID: tuple[dict[str, str], ...] = (
    {"name": "Anna Bell", "date_of_birth": DAY, "phone": PHONE},
    {"name": "Anna Bell", "date_of_birth": DAY, "email": MAIL},
    {"name": "Anna Bell", "phone": PHONE, "email": MAIL},
    {"name": "Annie Bell", "date_of_birth": DAY, "staff_number": "48213"},
    {"name": "Anna Marsh", "date_of_birth": DAY, "phone": PHONE},
    {"name": "Clare Bell", "date_of_birth": DAY, "phone": PHONE},
)
"""What a record may say; the last three are near the first three, so that bridges come and go."""

VERDICTS = (Verdict.SAME, Verdict.SAME, Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE, Verdict.WITHDRAWN)


@dataclass(frozen=True)
class Word:
    """One versioned thing said: of a record (`content` None = deleted), or of a pair."""

    left: RecordKey
    version: int
    content: int | None = None
    right: RecordKey | None = None
    verdict: Verdict = Verdict.SAME


def history(chance: random.Random) -> list[Word]:
    """Return puts, updates, deletes and judgements of six records, each key with versions of its own."""
    keys = [RecordKey("hr", str(number)) for number in range(len(SAID))]
    words = [Word(key, 1, number) for number, key in enumerate(keys)]
    for version in (2, 3):
        for key in chance.sample(keys, 2):
            words.append(Word(key, version, chance.choice([None, *range(len(SAID))])))
    for version in (1, 2):
        for _ in range(5):
            left, right = sorted(chance.sample(keys[:4], 2))
            if not any(
                word.left == left and word.right == right and word.version == version for word in words
            ):
                words.append(Word(left, version, None, right, chance.choice(VERDICTS)))
    return words


def say(kith: Kith, words: Sequence[Word], versioned: Callable[[Word], int | None]) -> None:
    """Say words in their order: neighbouring puts in one commit, everything else in its own."""
    waiting: list[tuple[Record, int | None]] = []

    def flush() -> None:
        kith.pipeline.put_records(waiting, "test")
        waiting.clear()

    for word in words:
        if word.right is None and word.content is not None:
            said = SAID[word.content]
            attributes = {
                name: ({"full" if name == "name" else "value": value},) for name, value in said.items()
            }
            waiting.append((Record(word.left, attributes), versioned(word)))
            continue
        flush()
        if word.right is None:
            kith.pipeline.delete_record(word.left, versioned(word), "test")
        else:
            kith.pipeline.judge(
                NewJudgement(word.left, word.right, word.verdict, "rev", "seen", versioned(word))
            )
    flush()


def digest(kith: Kith) -> str:
    with kith.ledger.read() as session:
        return session.identity.partition_digest()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Callable[[], Kith]]:
    """Yield a maker of empty stores that do not wait for the disk."""
    made: list[Kith] = []

    def new() -> Kith:
        kith = open_kith(Settings(data=tmp_path / str(len(made))))
        with kith.ledger.write() as session:
            connection = session.connection
        connection.pragma("synchronous", "OFF")
        promote(kith.pipeline, MODEL, "test")
        made.append(kith)
        return kith

    yield new
    for kith in made:
        kith.close()


def test_every_order_and_batch_split_and_a_rebuild_give_one_digest(store: Callable[[], Kith]) -> None:
    chance = random.Random(4)
    suspended = 0
    for _ in range(6):
        words = history(chance)
        digests = set()
        for _ in range(2):
            kith = store()
            say(kith, chance.sample(words, len(words)), lambda word: word.version)
            digests.add(digest(kith))
        with kith.ledger.read() as session:
            suspended += sum(one.suspended for one in session.judgements.placed())
        rebuild(kith.pipeline, kith.graph)
        digests.add(digest(kith))
        assert len(digests) == 1
    assert suspended, "no history had a must-link that a cannot-link overruled"


def test_counting_judgements_by_arrival_would_fail(store: Callable[[], Kith]) -> None:
    one, two = RecordKey("hr", "0"), RecordKey("hr", "1")
    puts = [Word(one, 1, 0), Word(two, 1, 5)]
    judged = [Word(one, 1, None, two, Verdict.SAME), Word(one, 2, None, two, Verdict.DIFFERENT)]
    for versioned, digests in ((lambda word: word.version, 1), (lambda word: None, 2)):
        found = set()
        for order in (judged, judged[::-1]):
            kith = store()
            say(kith, [*puts, *order], versioned)
            found.add(digest(kith))
        assert len(found) == digests
