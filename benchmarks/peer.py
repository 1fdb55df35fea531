"""Splink on the labelled sets, trained by expectation-maximisation, with settings as its demos have them."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from resolvers.features import Features

_ONE_VALUE = (
    *(
        "sex",
        "ethnicity",
        "national_id",
        "staff_number",
        "email",
        "phone",
        "birth_place",
        "occupation",
        "unit",
    ),
    *("rank", "identifier:star", "date:appointed_date", "date:org_hire_date", "date:start_date"),
)
_ADDRESS = ("flat", "number", "street", "town", "postcode", "country", "uprn")


@dataclass(frozen=True)
class Peer:
    """Comparisons, blocking rules, deterministic rules with their recall, and training blocks of one set.

    `known_f1` is the pairwise F1 at its best threshold that these settings are known to reach.
    """

    comparisons: tuple[object, ...]
    blocking: tuple[tuple[str, ...], ...]
    certain: tuple[tuple[str, ...], ...]
    training: tuple[tuple[str, ...], ...]
    known_f1: float
    recall: float = 0.7
    threshold: float = 0.95


@dataclass(frozen=True)
class Linked:
    """The cluster of each record at the peer's threshold, and the best F1 of its pairs at any threshold."""

    clusters: Sequence[int]
    best_f1: float


def _name(column: str) -> object:
    return cl.NameComparison(column).configure(term_frequency_adjustments=True)


def _same(column: str) -> object:
    return cl.ExactMatch(column).configure(term_frequency_adjustments=True)


def _edits(column: str, *edits: int) -> object:
    return cl.DamerauLevenshteinAtThresholds(column, list(edits)).configure(term_frequency_adjustments=True)


def _birth() -> object:
    return cl.DateOfBirthComparison("birth", input_is_string=True)


def _full_name() -> object:
    """Return the demos' comparison of both names together, with frequencies of the whole name."""
    return cl.ForenameSurnameComparison("given", "family", forename_surname_concat_col_name="whole_name")


def _years(column: str, title: str) -> object:
    """Return a comparison of years: the same, one apart, or more."""
    return cl.CustomComparison(
        output_column_name=title,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column),
            cll.CustomLevel(f"abs(cast({column}_l as int) - cast({column}_r as int)) <= 1", "one year apart"),
            cll.ElseLevel(),
        ],
    )


_FEBRL = Peer(
    comparisons=(
        *(_name("given"), _name("family"), _birth(), _edits("national_id", 1, 2)),
        *(_same("number"), _name("street"), _name("town"), _edits("postcode", 1, 2)),
    ),
    blocking=(
        *(("national_id",), ("birth",), ("given", "family"), ("given", "postcode"), ("family", "postcode")),
        *(("street", "number"), ("family", "town"), ("given", "town")),
    ),
    certain=(("national_id",), ("given", "family", "birth"), ("given", "postcode", "birth")),
    training=(("birth",), ("postcode",), ("national_id",)),
    recall=0.9,
    known_f1=0.9957,
)
_CPD_COMPARISONS = (
    *(_name("given"), _name("family"), _same("middle"), _same("suffix"), _same("sex"), _same("ethnicity")),
    *(_years("birth_year", "birth_year"), _same("unit"), _same("rank")),
)
_CPD_BLOCKING = (
    *(
        ("given", "family"),
        ("family", "birth_year"),
        ("given", "birth_year", "middle"),
        ("appointed", "family"),
    ),
    *(
        ("appointed", "given"),
        ("hired", "given"),
        ("hired", "family"),
        ("given", "birth_year", "sex", "unit"),
    ),
)
_CPD_CERTAIN = (("given", "family", "middle", "birth_year"), ("given", "family", "appointed"))
_CPD_TRAINING = (
    ("given", "family", "birth_year"),
    ("appointed", "family"),
    ("appointed", "birth_year", "given"),
)

PEERS: Mapping[str, Peer] = {
    "febrl3": _FEBRL,
    "febrl4": replace(_FEBRL, known_f1=0.9998),
    "fake_1000": Peer(
        comparisons=(_name("given"), _name("family"), _birth(), _same("town"), cl.EmailComparison("email")),
        blocking=(
            *(
                ("family",),
                ("given",),
                ("birth",),
                ("email",),
                ("substr(birth,1,7)",),
                ("town", "birth_year"),
            ),
            *(
                ("substr(email,1,5)",),
                ("substr(given,1,3)", "birth_year"),
                ("substr(family,1,3)", "birth_year"),
            ),
        ),
        certain=(("given", "birth"), ("family", "birth"), ("email",)),
        training=(("given", "family"), ("birth",), ("email",)),
        known_f1=0.861,
    ),
    "historical_50k": Peer(
        comparisons=(
            *(
                _full_name(),
                _birth(),
                cl.PostcodeComparison("postcode"),
                _same("birth_place"),
                _same("occupation"),
            ),
        ),
        blocking=(
            *(("given", "family"), ("family", "birth"), ("given", "birth"), ("postcode", "given")),
            *(("postcode", "family"), ("birth", "birth_place"), ("birth", "occupation")),
            *(("substr(given,1,3)", "substr(family,1,4)"), ("substr(postcode,1,4)", "birth")),
            *(("substr(postcode,1,4)", "given"), ("substr(postcode,1,4)", "family")),
            ("substr(given,1,2)", "substr(family,1,2)", "substr(birth,1,4)"),
        ),
        certain=(
            ("given", "family", "birth"),
            ("family", "birth", "postcode"),
            ("given", "birth", "postcode"),
        ),
        training=(("given", "family"), ("birth",)),
        known_f1=0.766,
        recall=0.6,
    ),
    "people_100k": Peer(
        comparisons=(
            *(_name("given"), _name("family"), _same("middle"), _birth(), _edits("national_id", 1)),
            *(_edits("staff_number", 1), cl.EmailComparison("email"), _edits("phone", 1)),
            *(cl.PostcodeComparison("postcode"), _name("street")),
        ),
        blocking=(
            *(("national_id",), ("staff_number",), ("email",), ("phone",), ("given", "family", "birth_year")),
            *(("family", "birth"), ("given", "birth"), ("family", "postcode"), ("given", "postcode")),
            ("given", "family", "middle"),
        ),
        certain=(("national_id",), ("staff_number",), ("email",)),
        training=(("national_id",), ("staff_number",), ("email",)),
        known_f1=0.907,
    ),
    "cpd full": Peer(
        comparisons=(*_CPD_COMPARISONS, _edits("appointed", 1), _edits("hired", 1), _same("star")),
        blocking=(*_CPD_BLOCKING, ("star", "family"), ("star", "given")),
        certain=(*_CPD_CERTAIN, ("star", "family", "given")),
        training=_CPD_TRAINING,
        known_f1=0.991,
        threshold=0.99,
    ),
    "cpd hard": Peer(
        comparisons=(*_CPD_COMPARISONS, _years("appointed", "appointed"), _years("hired", "hired")),
        blocking=_CPD_BLOCKING,
        certain=_CPD_CERTAIN,
        training=_CPD_TRAINING,
        known_f1=0.981,
        threshold=0.99,
    ),
}


def link(peer: Peer, features: Sequence[Features], labels: Sequence[str]) -> Linked:
    """Train, predict and cluster; records without a label take part but are not scored."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    table = pl.DataFrame(
        [_row(index, record) for index, record in enumerate(features)], infer_schema_length=None
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(peer.comparisons),
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in peer.blocking],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI().register(table.to_arrow()), settings, log_level=logging.ERROR)
    certain = [block_on(*rule) for rule in peer.certain]
    linker.training.estimate_probability_two_random_records_match(certain, recall=peer.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7)
    for rule in peer.training:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    pairs = linker.inference.predict(threshold_match_probability=0.001)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, peer.threshold)
    members = found.as_pandas_dataframe()[["unique_id", "cluster_id"]]
    clusters = np.empty(len(features), np.int64)
    clusters[members["unique_id"].to_numpy()] = members["cluster_id"].to_numpy()
    scored = pairs.as_pandas_dataframe()[["unique_id_l", "unique_id_r", "match_probability"]].to_numpy()
    return Linked(clusters.tolist(), _best_f1(scored, labels))


def _row(index: int, record: Features) -> dict[str, object]:
    """Return a record as one flat row of text, `None` where nothing was said."""
    name = record.column("name")[0] if record.column("name") else ("", "", "", "")
    where = record.column("address")[0] if record.column("address") else ("",) * len(_ADDRESS)
    born = [value for value in record.column("birth") if isinstance(value, str)]
    row = {column.rpartition(":")[2]: _first(record, column) for column in _ONE_VALUE}
    row |= dict(zip(("given", "middle", "family", "suffix"), name, strict=True))
    row |= dict(zip(_ADDRESS, where, strict=True))
    row["whole_name"] = f"{name[0]} {name[2]}" if name[0] and name[2] else ""
    row["birth"] = next((value for value in born if len(value) == 10), "")
    row["birth_year"] = born[0][:4] if born else ""
    row["appointed"], row["hired"] = row.pop("appointed_date"), row.pop("org_hire_date")
    return {"unique_id": index, **{column: value or None for column, value in row.items()}}


def _first(record: Features, column: str) -> str:
    values = record.column(column)
    return str(values[0]) if values else ""


def _best_f1(scored: np.ndarray, labels: Sequence[str]) -> float:
    """Return the best F1 over thresholds of scored pairs (left, right, probability) of labelled records."""
    codes = np.unique(np.asarray(labels), return_inverse=True)[1]
    known = np.asarray([bool(label) for label in labels])
    left, right = scored[:, 0].astype(np.int64), scored[:, 1].astype(np.int64)
    kept = known[left] & known[right]
    left, right, probability = left[kept], right[kept], scored[kept, 2]
    order = np.argsort(-probability, kind="stable")
    right_so_far = np.cumsum((codes[left] == codes[right])[order])
    sizes = np.bincount(codes[known])
    true = float((sizes * (sizes - 1) // 2).sum())
    return float((2 * right_so_far / (np.arange(1, len(order) + 1) + true)).max(initial=0.0))
