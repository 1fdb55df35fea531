"""What a mapping may say, and how one that says more is refused."""

from pathlib import Path

import pytest

from app.ingest.mapping import load_mapping
from app.ingest.problem import MappingError

PLAIN = """
mapping: 1
source: {value: hr}
id: staff_no
record:
  name: {columns: {given: first, family: last}}
  email: mail
"""

SHIFTS = """
mapping: 1
source: {value: roster}
timezone: Europe/London
events:
  - kind: shift
    id: shift_id
    start: starts
    participants: [{id: worker, role: worker}]
"""


def with_lines(text: str, *lines: str) -> str:
    return text + "\n".join(lines) + "\n"


def test_a_plain_mapping_names_its_columns() -> None:
    mapping = load_mapping(PLAIN)
    assert mapping.record_columns() == {"staff_no", "first", "last", "mail"}
    assert mapping.columns_of("anything.csv") == mapping.record_columns()
    assert mapping.lawful_basis is None


def test_a_mapping_is_read_from_a_file_and_the_file_is_named_in_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "hr.yaml"
    path.write_text(PLAIN, encoding="utf-8")
    assert load_mapping(path) == load_mapping(PLAIN)
    path.write_text(with_lines(PLAIN, "surprise: 1"), encoding="utf-8")
    with pytest.raises(MappingError, match=r"hr\.yaml: surprise: is no key of a mapping"):
        load_mapping(path)


@pytest.mark.parametrize(
    "word",
    [
        "comparisons",
        "levels",
        "blocking_rules",
        "m",
        "u",
        "m_probability",
        "prior",
        "threshold",
        "join",
        "weights",
    ],
)
def test_what_belongs_to_the_model_is_refused(word: str) -> None:
    with pytest.raises(MappingError, match=rf"{word} belongs to the linkage model"):
        load_mapping(with_lines(PLAIN, f"{word}: 1"))
    with pytest.raises(MappingError, match=rf"{word} belongs to the linkage model"):
        load_mapping(with_lines(PLAIN, f"  phone: {{columns: mobile, {word}: 0.5}}"))


def test_columns_may_bear_the_models_words() -> None:
    mapping = load_mapping(with_lines(PLAIN, "extras:", "  weight: {columns: weight, type: number}"))
    assert "weight" in mapping.record_columns()


@pytest.mark.parametrize(
    ("line", "category"),
    [
        ("  occupation: religion", "religion"),
        ("  occupation: {columns: healthStatus}", "health"),
        ("  unit: {columns: trade_union}", "trade union membership"),
        ("  rank: {columns: sexual_orientation}", "sexual life"),
        ("  religion: creed", "religion"),
    ],
)
def test_special_categories_are_refused_wherever_they_are_named(line: str, category: str) -> None:
    with pytest.raises(MappingError, match=f"speaks of {category}, which is never taken"):
        load_mapping(with_lines(PLAIN, line))


def test_special_categories_may_be_ignored_and_other_words_are_left_alone() -> None:
    load_mapping(with_lines(PLAIN, "ignore: [religion, union_branch]"))
    load_mapping(with_lines(PLAIN, "  occupation: reunion_officer"))


def test_ethnicity_needs_a_lawful_basis() -> None:
    text = with_lines(PLAIN, "  ethnicity: race")
    with pytest.raises(MappingError, match="states a `lawful_basis`"):
        load_mapping(text)
    assert load_mapping(
        with_lines(text, "lawful_basis: Equality duty, policy 7, to compare records only")
    ).lawful_basis
    with pytest.raises(MappingError, match="ethnicity is no extra"):
        load_mapping(with_lines(PLAIN, "extras: {race: {columns: race, type: category}}"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("just text\n", "begins with `mapping: 1`"),
        ("mapping: 1\n  source: {", "is not YAML at line 2"),
        ("mapping: 2\nsource: {value: a}\nrecord: {email: e}\n", "mapping: Input should be 1"),
        ("mapping: 1\nsource: {value: hr}\n", "a record section, an events section, or both"),
        (PLAIN.replace("{value: hr}", "{value: hr, column: c}"), "exactly one of"),
        (PLAIN.replace("{value: hr}", "{value: 'h|r'}"), "source.value"),
        (PLAIN.replace("email: mail", "e_mail: mail"), "e_mail is no attribute"),
        (PLAIN.replace("given: first", "givn: first"), "name has no part givn; its parts are full, given"),
        (with_lines(PLAIN, "  age_at: {columns: {age: age}}"), "age_at needs the part date"),
        (with_lines(PLAIN, "  address: {columns: {line: a, town: t}, separator: ';'}"), "one-part value"),
        (with_lines(PLAIN, "timezone: Europe/Londinium"), "no IANA name"),
        (SHIFTS.replace("timezone: Europe/London\n", ""), "need a `timezone`"),
        (SHIFTS.replace("    start: starts\n", "    end: ends\n"), "an end needs a start"),
        (
            SHIFTS.replace("{id: worker, role: worker}", "{id: w, role: r, file: x.csv}"),
            "both `file` and `event`",
        ),
        (
            SHIFTS.replace("{id: worker, role: worker}", "{id: w, role: r, file: x.csv, event: e}"),
            "a bulk kind .* its own rows",
        ),
        (
            SHIFTS.replace("start: starts", "start: {columns: {date: d}}"),
            "one column, or {date: column, time: column}",
        ),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_key_and_remedy(text: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        load_mapping(text)


def test_a_mapping_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="no such mapping"):
        load_mapping(tmp_path / "none.yaml")


def test_files_are_told_apart_by_their_sections() -> None:
    text = with_lines(
        SHIFTS.replace("  - kind: shift\n", "  - kind: shift\n    file: 'shifts.*'\n"),
        "id: worker_id",
        "record: {email: mail}",
    )
    mapping = load_mapping(text)
    assert mapping.columns_of("workers.csv") == {"worker_id", "mail"}
    assert mapping.columns_of("shifts.parquet") == {"shift_id", "starts", "worker"}
    assert load_mapping(with_lines(text, "file: 'workers.*'")).columns_of("other.csv") is None


def test_only_true_and_false_are_flags() -> None:
    text = "mapping: 1\nsource: {value: gym}\nid: no\nrecord:\n  name: {columns: {given: on, family: y}}\n"
    mapping = load_mapping(text)
    assert mapping.id == ("no",)
    assert mapping.record_columns() >= {"no", "on", "y"}
    assert load_mapping(text.replace("{value: gym}", "{file_stem: true}")).source.file_stem is True
