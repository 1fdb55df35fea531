"""Innocent explanations that several patterns share: each tests one candidate pair and gives a verdict."""

from collections.abc import Mapping
from typing import Protocol

from patterns.finding import Outcome
from patterns.homes import has_flat, known_flats
from patterns.pattern import Explanation, Verdict, View
from patterns.people import People, text, texts
from patterns.shared_things import SharedThing


class PairCandidate(Protocol):
    """What the shared explanations need of a candidate: two people, the reader, the parameters in force."""

    @property
    def persons(self) -> tuple[str, str]: ...
    @property
    def people(self) -> People: ...
    @property
    def parameters(self) -> Mapping[str, float]: ...


class ThingCandidate(PairCandidate, Protocol):
    """A candidate pair that rests on one shared thing."""

    @property
    def shared(self) -> SharedThing: ...


def declared(candidate: PairCandidate, view: View) -> Verdict:
    """Pass when a declaration names both people, whichever of them made it and whenever."""
    links = candidate.people.declarations(*candidate.persons)
    if not links:
        return Verdict(Outcome.FAILED, "No declaration names both people.", {"declarations": 0})
    first = min((text(link, "valid_from") for link in links if text(link, "valid_from")), default=None)
    relation = text(links[0], "relation").replace("_", " ") or "a relation"
    said_by = ", ".join(sorted({key for link in links for key in texts(link, "sources")})) or "the register"
    return Verdict(
        Outcome.PASSED,
        f"They declared {relation} ({said_by}).",
        {"declarations": len(links), "declared_from": first},
    )


def same_family_name(candidate: PairCandidate, view: View) -> Verdict:
    """Hint at a family tie when both bear one family name; never explains by itself."""
    nodes = [candidate.people.node(person) for person in candidate.persons]
    names = [text(node, "family_name").casefold() if node is not None else "" for node in nodes]
    if not all(names):
        return Verdict(
            Outcome.NOT_CHECKABLE, "A family name is missing, so a family tie cannot be judged.", {}
        )
    if names[0] == names[1]:
        return Verdict(
            Outcome.NOT_CHECKABLE,
            "They bear one family name, so a family tie is likely: was it declared under another name?",
            {"same_family_name": 1},
        )
    return Verdict(Outcome.FAILED, "Their family names differ.", {"same_family_name": 0})


def not_together(candidate: ThingCandidate, view: View) -> Verdict:
    """Pass when the two certainly did not hold the thing at the same time for `min_overlap` days."""
    shared, least = candidate.shared.score.overlap, candidate.parameters["min_overlap"]
    numbers = candidate.shared.numbers
    read = {name: numbers[name] for name in ("overlap_days", "overlap_open", "gap_days")}
    if shared.gap > 0:
        return Verdict(Outcome.PASSED, f"One ended {int(shared.gap)} days before the other began.", read)
    if shared.days is None:
        return Verdict(
            Outcome.NOT_CHECKABLE, "A record has no start date, so the times cannot be compared.", read
        )
    if shared.days < least:
        return Verdict(
            Outcome.PASSED, f"The records overlap by {int(shared.days)} days, fewer than {least:g}.", read
        )
    if shared.days == float("inf"):
        return Verdict(Outcome.FAILED, f"Both hold it since {numbers['overlap_from']}.", read)
    return Verdict(Outcome.FAILED, f"The records overlap by {int(shared.days)} days.", read)


def widely_held(candidate: ThingCandidate, view: View) -> Verdict:
    """Pass when `widely_held` or more people hold the thing at one time: a hostel, a switchboard."""
    people, limit = candidate.shared.score.occupancy, candidate.parameters["widely_held"]
    numbers = {"occupancy": people, "limit": limit, "holders": candidate.shared.holders}
    if people >= limit:
        return Verdict(Outcome.PASSED, f"{people} people are recorded there at the same time.", numbers)
    return Verdict(Outcome.FAILED, f"At most {people} people are recorded there at the same time.", numbers)


def flat_missing(candidate: ThingCandidate, view: View) -> Verdict:
    """Pass when the address names a building without the flat, and two flats or more of it are known."""
    address = candidate.shared.thing
    if address.kind != "Address" or not text(address, "building"):
        return Verdict(Outcome.NOT_CHECKABLE, "The building of this address is not known.", {})
    if has_flat(address):
        return Verdict(Outcome.FAILED, "The address names the flat.", {"flat_given": 1})
    flats = view.frames.remembered(("flats", address.id), lambda: known_flats(view.graph, address))
    numbers = {"flat_given": 0, "flats_known": flats}
    if flats >= 2:
        return Verdict(
            Outcome.PASSED, f"The flat number is missing: {flats} flats are known in this building.", numbers
        )
    if flats == 1:
        return Verdict(
            Outcome.NOT_CHECKABLE,
            "One flat is known in this building, so the flat number may be missing.",
            numbers,
        )
    return Verdict(Outcome.FAILED, "No flat is known in this building.", numbers)


DECLARED = Explanation("declared", "They declared their relation", declared)
FAMILY_NAME = Explanation("same_family_name", "They may be family", same_family_name, hint=True)
