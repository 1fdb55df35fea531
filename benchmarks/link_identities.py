"""Kith's own identities for a world of homes: names, births, phones and addresses as written, resolved."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

import polars as pl

from app.synthetic.homes import Homes
from app.synthetic.population import Vocabulary
from resolvers.domain import Record, RecordKey, Scalar
from resolvers.feature_table import FeatureTable
from resolvers.features import extract
from resolvers.linking import link
from resolvers.training import train

Who = tuple[str, str, str, str]
"""Given name, family name, birth, phone."""

STRICT = frozenset({"hr", "vetting"})
"""Systems that check what they write."""


def resolved(homes: Homes, seed: int) -> pl.DataFrame:
    """Return record, entity of every record of a world: trained without labels, resolved in memory."""
    records = list(written(homes, seed))
    features = [extract(record) for record in records]
    keys = [record.key for record in records]
    linked = link(FeatureTable.of(features), keys, train(features))
    return pl.DataFrame(
        [(str(keys[index]), f"k{members[0]:07d}") for members, _ in linked for index in members],
        schema=["record", "entity"],
        orient="row",
    )


def written(homes: Homes, seed: int) -> Iterator[Record]:
    """Yield each record: its addresses, and a name, birth and phone with the errors of its system."""
    rng, words = Random(seed), Vocabulary()
    people = _people(homes.persons, Random(seed + 1), words)
    for (name,), rows in homes.statements.sort("record").group_by(["record"], maintain_order=True):
        source, _, source_id = str(name).partition("|")
        person = rows["person"][0]
        addresses = tuple(_address(row) for row in rows.iter_rows(named=True))
        attributes: dict[str, tuple[dict[str, Scalar], ...]] = {"address": addresses}
        yield Record(RecordKey(source, source_id), attributes | _who(people(person), source, rng))


def _people(persons: pl.DataFrame, rng: Random, words: Vocabulary) -> Callable[[int], Who]:
    """Return a function from a person to given name, family name, birth and phone, the same each time."""
    household = persons["household"].to_list()
    families: dict[int, tuple[str, str]] = {}
    known: dict[int, Who] = {}

    def person(number: int) -> Who:
        if number not in known:
            home = household[number]
            if home not in families:
                community = rng.choice(list(words.communities))
                families[home] = community, words.draw(rng, words.communities[community]["family"])
            community, family = families[home]
            names = words.communities[community]
            if rng.random() < 0.25:
                family = words.draw(rng, names["family"])
            given = words.draw(rng, names[rng.choice(("female", "male"))])
            born = f"{rng.randrange(1950, 2006)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
            known[number] = given, family, born, f"07{rng.choice('457')}{rng.randrange(10**8):08d}"
        return known[number]

    return person


def _who(person: Who, source: str, rng: Random) -> dict[str, tuple[dict[str, Scalar], ...]]:
    given, family, born, phone = person
    careless = 0.003 if source in STRICT else 0.03
    if rng.random() < careless:
        place = rng.randrange(len(family))
        family = family[:place] + rng.choice("aeiorst") + family[place + 1 :]
    said: dict[str, tuple[dict[str, Scalar], ...]] = {"name": ({"given": given, "family": family},)}
    if rng.random() > 2 * careless:
        said["date_of_birth"] = ({"value": born},)
    if rng.random() < (0.95 if source in STRICT else 0.5):
        said["phone"] = ({"value": phone},)
    return said


def _address(row: Mapping[str, object]) -> dict[str, Scalar]:
    """Return the address of a statement, unique to its dwelling; without the flat where that was lost."""
    dwelling = int(str(row["dwelling"]))
    flat = row["block"] is not None
    house = int(str(row["block"])) if flat else dwelling
    line = f"{house % 150 + 1} {_street(house, flat)}"
    if flat and not row["flatless"]:
        line = f"Flat {dwelling % 97 + 1}, {line}"
    return {"line": line, "postcode": _postcode(house, flat)}


def _street(house: int, flat: bool) -> str:
    return ("Mill Row", "Elm Road", "Quay Lane", "High Street", "Oak Avenue")[
        house // 150 % 5
    ] + " Court" * flat


def _postcode(house: int, flat: bool) -> str:
    area = house // 30
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    unit = letters[area // 20 % 20] + letters[area % 20]
    return f"Z{'Y' if flat else 'X'}{area // 3600 % 99 + 1} {area // 400 % 9 + 1}{unit}"
