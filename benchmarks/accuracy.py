"""Accuracy of resolution on labelled sets at the default threshold, beside Splink and simple rules.

    python benchmarks/accuracy.py [--no-peer] [SET …]   (absent sets are skipped, large ones run when named)

Models are trained on each set without its labels. A set below its floor, a pairwise precision below 0.95, or
a peer that does worse than it is known to ("peer invalid") makes the exit code 1.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labelled_sets import SETS, Labels, load
from simple_rules import join_by_rules

from resolvers.domain import Record
from resolvers.evaluation import Evaluation, evaluate
from resolvers.feature_table import FeatureTable
from resolvers.features import Features, extract
from resolvers.linking import link
from resolvers.training import train

LEAST_PRECISION = 0.95
HEAD = f"{'set':<24}{'by':<8}{'records':>9}  {'pairwise P / R / F1':<26}{'B-cubed P / R / F1':<26}"
HEAD += f"{'over':>6}{'under':>7}{'CPU s':>7}"


@dataclass(frozen=True)
class Labelled:
    """Records of a set that have a label, with their features and labels, in one order."""

    records: Sequence[Record]
    features: Sequence[Features]
    labels: Sequence[str]
    counted: Sequence[int]

    @staticmethod
    def of(records: Sequence[Record], labels: Labels) -> "Labelled":
        """Extract features of all records; `counted` are the indices of those with a label."""
        features = [extract(record) for record in records]
        found = [labels.get(record.key, "") for record in records]
        return Labelled(records, features, found, [index for index, label in enumerate(found) if label])

    def evaluate(self, clusters: Sequence[object], within: Sequence[int] | None = None) -> Evaluation:
        """Return how good clusters are over the counted records, or over some of them."""
        chosen = self.counted if within is None else within
        return evaluate([str(clusters[i]) for i in chosen], [self.labels[i] for i in chosen])


def resolve(labelled: Labelled) -> list[int]:
    """Train on the records, link them, and return the cluster of each."""
    keys = [record.key for record in labelled.records]
    linked = link(FeatureTable.of(labelled.features), keys, train(labelled.features))
    cluster = {index: members[0] for members, _ in linked for index in members}
    return [cluster[index] for index in range(len(keys))]


def slices(labelled: Labelled) -> Mapping[str, list[int]]:
    """Return the subgroups of a set: indices of the records of each."""
    families, holders = defaultdict(set), defaultdict(set)
    names = [[(name[0], name[2].replace(" ", "")) for name in f.column("name")] for f in labelled.features]
    for index in labelled.counted:
        for name in names[index]:
            families[labelled.labels[index]].add(name[1])
            holders[name].add(labelled.labels[index])
    sexes = {index: labelled.features[index].column("sex") for index in labelled.counted}
    return {
        "several last names": [i for i in labelled.counted if len(families[labelled.labels[i]] - {""}) > 1],
        "homonyms": [i for i in labelled.counted if any(all(n) and len(holders[n]) > 1 for n in names[i])],
        "women": [index for index, sex in sexes.items() if sex == ("f",)],
        "men": [index for index, sex in sexes.items() if sex == ("m",)],
    }


def show(name: str, by: str, labelled: Labelled, clusters: Sequence[object], seconds: float) -> Evaluation:
    """Print one row and return what it says."""
    found = labelled.evaluate(clusters)
    parts = [f"{a.precision:.4f} / {a.recall:.4f} / {a.f1:.4f}" for a in (found.pairwise, found.b_cubed)]
    row = f"{name:<24}{by:<8}{found.records:>9,}  {parts[0]:<26}{parts[1]:<26}"
    print(f"{row}{found.over_merged:>6,}{found.under_merged:>7,}{seconds:>7.0f}", flush=True)
    return found


def measure(name: str, peer: bool) -> list[str]:
    """Print the rows of a set; return what is wrong."""
    start = time.process_time()
    records, found = load(name)
    labelled = Labelled.of(records, found)
    clusters = resolve(labelled)
    ours = show(name, "kith", labelled, clusters, time.process_time() - start)
    wrong = []
    floors = SETS[name].floors
    if ours.pairwise.f1 < floors[0] or ours.b_cubed.f1 < floors[1]:
        wrong.append(f"{name}: below its floor of {floors[0]} pairwise, {floors[1]} B-cubed F1")
    if ours.pairwise.precision < LEAST_PRECISION:
        wrong.append(f"{name}: pairwise precision below {LEAST_PRECISION}")
    for title, within in slices(labelled).items():
        if len(within) >= 100:
            part = labelled.evaluate(clusters, within).pairwise
            scores = f"{part.precision:.4f} / {part.recall:.4f} / {part.f1:.4f}"
            print(f"{'  ' + title:<32}{len(within):>9,}  {scores}", flush=True)
    start = time.process_time()
    rules = join_by_rules(labelled.features)
    show("", "rules", labelled, rules, time.process_time() - start)
    return wrong + (_peer(name, labelled) if peer else [])


def _peer(name: str, labelled: Labelled) -> list[str]:
    try:
        from peer import PEERS
        from peer import link as link_by_peer
    except ImportError:
        return [f"{name}: no peer: pip install 'kith[splink]'"]
    if name not in PEERS:
        return []
    start = time.process_time()
    linked = link_by_peer(PEERS[name], labelled.features, labelled.labels)
    show("", "splink", labelled, linked.clusters, time.process_time() - start)
    known = PEERS[name].known_f1
    print(f"{'':<24}{'':<8}{'':>9}  its pairs: best F1 {linked.best_f1:.4f}, known {known:.3f}", flush=True)
    if linked.best_f1 < known - 0.003:
        return [f"{name}: peer invalid: Splink's F1 is {linked.best_f1:.4f}, known to reach {known:.3f}"]
    return []


def main(arguments: list[str]) -> int:
    """Print the table; return 1 when something is wrong."""
    wanted = [argument for argument in arguments if argument != "--no-peer"]
    for unknown in sorted(set(wanted) - SETS.keys()):
        print(f"there is no set {unknown!r}; there are: {', '.join(SETS)}")
        return 2
    wrong = []
    print(HEAD)
    for name, chosen in SETS.items():
        if (wanted and name not in wanted) or (chosen.large and name not in wanted):
            continue
        if not chosen.paths():
            print(f"{name:<24}skipped: not found beside the repository")
            continue
        wrong += measure(name, "--no-peer" not in arguments)
    print("\n".join(wrong) or "all sets reach their floors")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
