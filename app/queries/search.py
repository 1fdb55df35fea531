"""Find persons by what is known of them: the features, blocking keys and weights of resolution."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.messages import SearchHit, SearchRequest, SearchView
from app.queries.entities import NO_NAME, golden_of
from app.queries.identity import is_staff, members
from app.queries.search_input import Reading, read
from app.wiring import Kith
from graph_schema.store import GraphStore, StoreError
from ledger.ledger import Session
from resolvers.blocking import blocking_keys
from resolvers.features import Features, FeatureValue
from resolvers.linkage_model import LinkageModel
from resolvers.normalisation.addresses import Address
from resolvers.normalisation.names import name_forms
from resolvers.scoring import ComparisonScore, level_bits, score

MOST_MEMBERS = 1_000
"""A blocking key that more records share finds nobody in particular."""
MOST_CANDIDATES = 2_000
MOST_ADDRESSES = 20

_EXACT = (
    *("staff_number", "warrant_number", "collar_number", "national_id"),
    *("email", "phone", "account", "vehicle"),
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A person's best record: its features, exact identifiers, and the bits that its levels give."""

    entity_id: str
    features: Features
    exact: tuple[str, ...]
    bits: float

    @property
    def rank(self) -> tuple[int, float, str]:
        return (-len(self.exact), -self.bits, self.entity_id)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Records to compare, best first; whether there are more; why the graph could not add its own, if so."""

    numbers: list[int]
    more: bool
    down: StoreError | None


def search(kith: Kith, request: SearchRequest) -> SearchView:
    """Return persons that fit, exact identifiers first, then by the bits of their levels.

    Without the graph, words of names and addresses are not looked up, and the answer says so.
    Raises: Problem (nothing asked, a date that is none), StoreError (the graph is down, and without it
    nobody was found: somebody may fit).
    """
    with kith.ledger.look() as session:
        reading = read(request)
        model = kith.pipeline.model(session)
        candidates = _candidates(kith, session, reading, model)
        ordered = _best(session, candidates.numbers, reading, model)
        hits = [_hit(session, found, reading, model) for found in ordered[: request.limit]]
    if not hits and candidates.down is not None:
        raise candidates.down
    advice = None
    if not hits and set(reading.read_as) == {"date_of_birth"}:
        advice = "A date of birth is not looked up by itself. Add a name, a number or an address."
    elif not hits:
        advice = "Nobody fits. See how the input was read; fewer fields, or only a family name, find more."
    cut = _cut(len(hits), len(ordered), candidates)
    return SearchView(hits=hits, read_as=dict(reading.read_as), advice=advice, truncated=bool(cut), cut=cut)


def _cut(shown: int, fit: int, candidates: _Candidates) -> str | None:
    """Say what the answer leaves out, None where it is whole."""
    said = []
    if shown < fit:
        said.append(f"{shown:,} of {fit:,} persons that fit are shown; say more of the person.")
    if candidates.more:
        said.append(f"Only {MOST_CANDIDATES:,} records were compared; say more of the person.")
    if candidates.down is not None:
        said.append("The graph does not answer: words of names and addresses were not looked up.")
    return " ".join(said) or None


def _candidates(kith: Kith, session: Session, reading: Reading, model: LinkageModel) -> _Candidates:
    """Return the records to compare: those that may share an identifier before all others.

    Then those that share a blocking key with the input, then those of persons whose words do.
    """
    numbers = dict.fromkeys(session.resolution.identified(reading.features, MOST_CANDIDATES))
    blocks = session.resolution.block_members(blocking_keys(reading.features, model), MOST_MEMBERS)
    numbers.update(dict.fromkeys(sorted({number for block in blocks.values() for number in block})))
    down = None
    try:
        persons = _by_words(kith.graph, reading.features)
    except StoreError as error:
        persons, down = set(), error
    live = session.identity.members(persons)
    numbers.update(dict.fromkeys(sorted(number for of_one in live.values() for number in of_one)))
    return _Candidates(list(numbers)[:MOST_CANDIDATES], len(numbers) > MOST_CANDIDATES, down)


def _by_words(graph: GraphStore, features: Features) -> set[str]:
    """Return the persons whose names, staff numbers or addresses hold the words of the input."""
    persons = set(_at_addresses(graph, features))
    for text in _words(features):
        persons.update(node.id for node in graph.search(text, ["Person"], MOST_MEMBERS))
    return persons


def _at_addresses(graph: GraphStore, features: Features) -> Iterator[str]:
    """Yield the persons at the addresses whose words hold those of the input."""
    for address in features.column("address"):
        said = Address(*address)
        words = (said.flat, said.number, said.street, said.town, said.postcode[:-3], said.postcode[-3:])
        for node in graph.search(" ".join(words), ["Address"], MOST_ADDRESSES):
            around = graph.neighbours(node.id, types=["LIVES_AT"])
            yield from (link.start for link in around.links)


def _words(features: Features) -> Iterable[str]:
    """Yield the texts to look up in the graph: each form of each name, and each staff number."""
    for name in features.column("name"):
        given, family = name[0], name[2]
        forms = sorted(name_forms(given)) if len(given) > 1 else [""]
        yield from (text for form in forms if (text := f"{form} {family}".strip()))
    yield from (value for value in features.column("staff_number") if isinstance(value, str))


def _best(session: Session, numbers: Sequence[int], reading: Reading, model: LinkageModel) -> list[_Found]:
    """Return each person's record that fits best, where anything speaks for one; the best person first."""
    entity = session.identity.entity_of(numbers)
    known = session.resolution.features(entity)
    best: dict[str, _Found] = {}
    for (number, features), bits in zip(
        known.items(), _bits(reading, list(known.values()), model), strict=True
    ):
        exact = tuple(column for column in _EXACT if _agree(column, reading, features))
        found = _Found(entity[number], features, exact, bits)
        if (exact or bits > 0) and (found.entity_id not in best or found.rank < best[found.entity_id].rank):
            best[found.entity_id] = found
    return sorted(best.values(), key=lambda found: found.rank)


def _bits(reading: Reading, known: Sequence[Features], model: LinkageModel) -> list[float]:
    """Return the bits that the levels of each record give; that a guess is wrong says nothing."""
    asked, others = np.zeros(len(known), np.int64), np.arange(1, len(known) + 1)
    bits = np.zeros(len(known))
    for name, said in level_bits([reading.features, *known], asked, others, model).items():
        # How common a name is says nothing here: everybody found has it.
        bits += np.maximum(said, 0.0) if name in reading.guesses else said
    return bits.tolist()


def _agree(column: str, reading: Reading, features: Features) -> bool:
    asked, theirs = reading.features.column(column), features.column(column)
    if column == "collar_number":
        return any(_same_collar(one, other) for one in asked for other in theirs)
    return not set(asked).isdisjoint(theirs)


def _same_collar(asked: FeatureValue, theirs: FeatureValue) -> bool:
    """Return whether the number is the same, held on the date asked for (any date where none was given)."""
    scope, _, number = asked[0].rpartition("/")
    their_scope, _, their_number = theirs[0].rpartition("/")
    if number != their_number or (scope and scope != their_scope):
        return False
    return (not asked[2] or not theirs[1] or theirs[1] < asked[2]) and (
        not theirs[2] or not asked[1] or asked[1] < theirs[2]
    )


def _reason(exact: tuple[str, ...], said: Sequence[ComparisonScore]) -> str:
    """Name the identifiers that agree, then what else speaks for the record, strongest first."""
    named = [f"{column.replace('_', ' ')} is the same" for column in exact]
    others = [
        (part.bits, f"{part.title.lower()}: {part.label}")
        for part in said
        if part.name not in exact and part.bits > 0
    ]
    named += [text for _, text in sorted(others, key=lambda pair: (-pair[0], pair[1]))]
    against = [part.title.lower() for part in said if part.bits < -1 and part.name not in exact]
    if against:
        named.append(f"but not {', '.join(sorted(against))}")
    return "; ".join(named[:6]) or "a word of the name is the same"


def _hit(session: Session, found: _Found, reading: Reading, model: LinkageModel) -> SearchHit:
    best = golden_of(session, found.entity_id)
    scores = score(reading.features, found.features, model).comparisons
    said = [part for part in scores if part.bits >= 0 or part.name not in reading.guesses]
    return SearchHit(
        entity_id=found.entity_id,
        display_name=best.display_name or NO_NAME,
        staff=is_staff(members(session, found.entity_id)),
        date_of_birth=best.date_of_birth,
        reason=_reason(found.exact, said),
        exact=bool(found.exact),
        bits=round(found.bits, 2),
    )
