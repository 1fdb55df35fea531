"""How well findings meet an answer key: what was planted and found, what was raised beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from patterns.finding import Finding

NAMES_THE_FIRST = frozenset({"follower"})
"""Patterns whose finding names the first person of a plant: the other is one of a team."""


@dataclass(frozen=True, slots=True)
class PatternScore:
    """Counts of one pattern. `declared` are findings about a pair that declared its relation."""

    plants: int
    plants_found: int
    blatant: int
    blatant_found: int
    findings: int
    right: int
    declared: int

    @property
    def blatant_recall(self) -> float:
        """Return the share of blatant plants found, 1 where there are none."""
        return self.blatant_found / self.blatant if self.blatant else 1.0

    @property
    def recall(self) -> float:
        """Return the share of all plants found, 1 where there are none."""
        return self.plants_found / self.plants if self.plants else 1.0

    @property
    def precision(self) -> float:
        """Return the share of findings that the key holds, 1 where there are none."""
        return self.right / self.findings if self.findings else 1.0


def true_persons(membership: pl.DataFrame, truth: pl.DataFrame) -> Mapping[str, str]:
    """Return entity id → uid of the true person of most of its records; ties by the smallest uid.

    `membership` has record_source, record_id, entity_id; `truth` has source, source_id, uid.
    """
    named = membership.join(
        truth, left_on=["record_source", "record_id"], right_on=["source", "source_id"], how="inner"
    )
    counted = (
        named.group_by("entity_id", "uid")
        .len()
        .sort("entity_id", "len", "uid", descending=[False, True, False])
    )
    best = counted.unique("entity_id", keep="first", maintain_order=True)
    return dict(best.select("entity_id", "uid").iter_rows())


def score_findings(
    findings: Iterable[Finding],
    plants: pl.DataFrame,
    person_of: Mapping[str, str],
    declared: Iterable[tuple[str, str]] = (),
) -> Mapping[str, PatternScore]:
    """Return the score of each pattern that has a plant or a finding, by pattern id.

    Explained findings are left out. `plants` has pattern, persons (list of uids) and blatant. A finding is
    right, and the plant found, when its true persons are those of a plant of its pattern; two subjects who
    are one true person are never right.
    """
    planted: dict[str, dict[frozenset[str], bool]] = {}
    for pattern, persons, blatant in plants.select("pattern", "persons", "blatant").iter_rows():
        named = persons[:1] if pattern in NAMES_THE_FIRST else persons
        planted.setdefault(pattern, {})[frozenset(named)] = bool(blatant)
    raised: dict[str, list[frozenset[str]]] = {}
    for finding in findings:
        if not finding.explained:
            entities = {subject.entity_id for subject in finding.subjects}
            persons = frozenset(person_of.get(entity, entity) for entity in entities)
            raised.setdefault(finding.pattern, []).append(
                persons if len(persons) == len(entities) else frozenset()
            )
    pairs = {frozenset(pair) for pair in declared}
    return {
        pattern: _score(planted.get(pattern, {}), raised.get(pattern, []), pairs)
        for pattern in sorted(planted.keys() | raised.keys())
    }


def lookalike_hits(
    findings: Iterable[Finding], lookalikes: pl.DataFrame, person_of: Mapping[str, str]
) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Return (pattern, explanation) → how many of the look-alikes a finding was raised about, of how many.

    `lookalikes` has resembles_pattern, explanation and persons (list of uids). A finding is about a case
    where it is of the pattern that the case resembles and two of its true persons, or its one, are of it.
    """
    raised: dict[str, set[frozenset[str]]] = {}
    for finding in findings:
        if not finding.explained:
            persons = sorted({person_of.get(one.entity_id, one.entity_id) for one in finding.subjects})
            pairs = combinations(persons, min(2, len(persons)))
            raised.setdefault(finding.pattern, set()).update(map(frozenset, pairs))
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    columns = lookalikes.select("resembles_pattern", "explanation", "persons")
    for pattern, explanation, persons in columns.iter_rows():
        hit = any(pair <= set(persons) for pair in raised.get(pattern, ()))
        hits, cases = counts.get((pattern, explanation), (0, 0))
        counts[pattern, explanation] = hits + hit, cases + 1
    return {key: counts[key] for key in sorted(counts)}


def _score(
    planted: Mapping[frozenset[str], bool], raised: list[frozenset[str]], declared: set[frozenset[str]]
) -> PatternScore:
    found = planted.keys() & set(raised)
    return PatternScore(
        plants=len(planted),
        plants_found=len(found),
        blatant=sum(planted.values()),
        blatant_found=sum(planted[persons] for persons in found),
        findings=len(raised),
        right=sum(1 for persons in raised if persons in planted),
        declared=sum(1 for persons in raised if persons in declared),
    )
