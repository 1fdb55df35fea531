"""Turn text columns into canonical columns, noting for each row what is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl

from app.ingest.columns import Ref, Time, Where
from app.ingest.files import Chunk
from app.ingest.problem import Problem
from app.ingest.vocabulary import FORBIDDEN_CHARACTERS, MAXIMUM_ID, MAXIMUM_TEXT

_ISO_DATE = r"^\d{4}-\d{1,2}-\d{1,2}$|^\d{4}-\d{1,2}$|^\d{4}$"
_FIRST_YEAR, _LAST_YEAR = 1000, 2199
_UTC = pl.Datetime("us", "UTC")


@dataclass(slots=True)
class Sheet:
    """A chunk under conversion: its rows, and the problems found so far by row place."""

    chunk: Chunk
    placeholders: frozenset[str] = frozenset()
    timezone: str | None = None
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    shortened: dict[str, int] = field(default_factory=dict)
    """Field → how many impossible dates kept only their year."""

    @property
    def height(self) -> int:
        """Return the number of rows."""
        return self.chunk.frame.height

    def refuse(self, wrong: pl.Series, problem: Problem) -> None:
        """Note a problem on each row where `wrong` holds (null = no)."""
        for place in wrong.fill_null(False).arg_true():
            self.problems.setdefault(place, []).append(problem)

    def text(self, ref: Ref, name: str, longest: int = MAXIMUM_TEXT) -> pl.Series:
        """Return a text column: stripped, blanks and placeholders null."""
        if ref.column is None:
            return pl.Series(name, [ref.value], dtype=pl.String).new_from_index(0, self.height)
        column = self.chunk.frame[ref.column].str.strip_chars()
        empty = column == ""
        if self.placeholders:
            empty = empty | column.str.to_lowercase().is_in(sorted(self.placeholders))
        column = pl.select(pl.when(empty).then(None).otherwise(column)).to_series().alias(name)
        self.refuse(column.str.contains(FORBIDDEN_CHARACTERS), _forbidden(name))
        self.refuse(column.str.len_chars() > longest, _too_long(name, longest))
        return column

    def identifier(self, columns: Iterable[str], name: str) -> pl.Series:
        """Return the id column: the row number, one column, or several joined by `|`."""
        columns = tuple(columns)
        if columns == ("row_number",):
            return pl.Series(name, self.chunk.rows).cast(pl.String)
        parts = [self.text(Ref(column=column), column, MAXIMUM_ID) for column in columns]
        if len(parts) == 1:
            joined = parts[0].alias(name)
            self.refuse(joined.is_null(), _absent(columns[0]))
        else:
            joined = (
                pl.DataFrame(parts).select(pl.concat_str(pl.all().fill_null(""), separator="|")).to_series()
            )
            self.refuse(joined.str.len_chars() == len(parts) - 1, _absent(" + ".join(columns)))
        return joined.alias(name)

    def integer(self, ref: Ref, name: str, smallest: int = 0, largest: int = 2**53) -> pl.Series:
        """Return a whole-number column within its bounds."""
        text = self.text(ref, name)
        number = text.str.to_integer(strict=False, dtype=pl.Int64)
        wrong = text.is_not_null() & (number.is_null() | (number < smallest) | (number > largest))
        self.refuse(
            wrong,
            Problem(name, "wrong_type", f"is no whole number from {smallest} to {largest}", "correct it"),
        )
        return number

    def number(self, ref: Ref, name: str) -> pl.Series:
        """Return a finite number column."""
        text = self.text(ref, name)
        number = text.cast(pl.Float64, strict=False)
        wrong = text.is_not_null() & (number.is_null() | ~number.is_finite())
        self.refuse(
            wrong, Problem(name, "wrong_type", "is no finite number", "write digits with a decimal point")
        )
        return number

    def date(self, ref: Ref, name: str, formats: tuple[str, ...] = (), *, lenient: bool = False) -> pl.Series:
        """Return ISO dates: `YYYY-MM-DD`, or `YYYY-MM` and `YYYY` where no more is given.

        An impossible date refuses the row, or where `lenient` keeps its year.
        """
        text = self.text(ref, name)
        date = _by_formats(text, formats) if formats else _iso_date(text)
        year = date.str.slice(0, 4).cast(pl.Int64, strict=False)
        date = pl.select(pl.when(year.is_between(_FIRST_YEAR, _LAST_YEAR)).then(date)).to_series()
        wrong = text.is_not_null() & date.is_null()
        if not wrong.any():
            return date.alias(name)
        if lenient:
            self.shortened[name] = self.shortened.get(name, 0) + int(wrong.sum())
            digits = text.str.extract(r"(1\d{3}|20\d{2}|21\d{2})")
            return pl.select(pl.when(wrong).then(digits).otherwise(date)).to_series().alias(name)
        shaped = text.str.contains(_ISO_DATE if not formats else r"\d.*\d")
        self.refuse(
            wrong & shaped, Problem(name, "impossible_date", "is no date of the calendar", "correct the date")
        )
        self.refuse(wrong & ~shaped, _wrong_format(name, formats, "YYYY-MM-DD, YYYY-MM or YYYY"))
        return date.alias(name)

    def instants(self, time: Time, name: str) -> tuple[pl.Series, pl.Series]:
        """Return naive local times and, beside them, UTC instants of those rows that carry an offset.

        The second is null for a naive row. A day without a time is its local midnight (see `is_day`).
        """
        if "date" in time.columns:
            date = self.date(time.columns["date"], f"{name}.date", time.format)
            clock = self.text(time.columns["time"], f"{name}.time")
            text = pl.select(pl.when(clock.is_null()).then(date).otherwise(date + "T" + clock)).to_series()
            formats: tuple[str, ...] = ()
        else:
            text, formats = self.text(time.columns["at"], name), time.format
        local, utc = _clock_times(text, formats)
        wrong = text.is_not_null() & local.is_null() & utc.is_null()
        shaped = text.str.contains(r"^\d{4}-\d\d-\d\d" if not formats else r"\d.*\d")
        self.refuse(
            wrong & shaped, Problem(name, "impossible_date", "is no time of the calendar", "correct the time")
        )
        self.refuse(wrong & ~shaped, _wrong_format(name, formats, "YYYY-MM-DDTHH:MM[:SS][Z or +HH:MM]"))
        if self.timezone is None:
            self.refuse(
                local.is_not_null(),
                Problem(name, "naive_time", "has no offset from UTC", "name a `timezone` in the mapping"),
            )
        return local, utc

    def is_day(self, time: Time) -> pl.Series:
        """Return which rows give a time by its day alone."""
        if "date" in time.columns:
            return self.text(time.columns["time"], "time").is_null()
        if any("%H" in form or "%I" in form for form in time.format):
            return pl.Series([False]).new_from_index(0, self.height)
        text = self.text(time.columns["at"], "at")
        return (
            text.str.contains(r"^\d{4}-\d{1,2}-\d{1,2}$").fill_null(False)
            if not time.format
            else text.is_not_null()
        )

    def to_utc(self, local: pl.Series) -> pl.Series:
        """Return naive local times as UTC.

        The ambiguous hour is the earlier; a time that the clocks jumped over is read with the offset before.
        """
        if self.timezone is None:
            return local.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        zoned = local.dt.replace_time_zone(self.timezone, ambiguous="earliest", non_existent="null")
        if (zoned.is_null() & local.is_not_null()).any():
            after = (local + timedelta(hours=1)).dt.replace_time_zone(
                self.timezone, ambiguous="earliest", non_existent="null"
            )
            zoned = zoned.fill_null(after)
        return zoned.dt.convert_time_zone("UTC")

    def where(self, conditions: Where) -> pl.Series:
        """Return which rows a section or value reads: each named column holds one of its values."""
        chosen = pl.Series([True]).new_from_index(0, self.height)
        for column, values in conditions.items():
            chosen = chosen & self.chunk.frame[column].str.strip_chars().is_in(list(values)).fill_null(False)
        return chosen

    def fields(self, place: int) -> Mapping[str, str]:
        """Return the fields of one row that are filled."""
        row = self.chunk.frame.row(place, named=True)
        return {name: value for name, value in row.items() if value}


def _iso_date(text: pl.Series) -> pl.Series:
    day_text = text.str.extract(r"^(\d{4}-\d{1,2}-\d{1,2})(?:[T ]\d\d:\d\d.*)?$")
    day = day_text.str.strptime(pl.Date, "%Y-%m-%d", strict=False).dt.strftime("%Y-%m-%d")
    if (day.is_null() & text.is_not_null()).any():
        compact = (
            text.str.extract(r"^(\d{8})$")
            .str.strptime(pl.Date, "%Y%m%d", strict=False)
            .dt.strftime("%Y-%m-%d")
        )
        month = (text.str.extract(r"^(\d{4}-\d{1,2})$") + "-01").str.strptime(
            pl.Date, "%Y-%m-%d", strict=False
        )
        year = text.str.extract(r"^(\d{4})$")
        day = day.fill_null(compact).fill_null(month.dt.strftime("%Y-%m")).fill_null(year)
    return day


def _by_formats(text: pl.Series, formats: tuple[str, ...]) -> pl.Series:
    """Return ISO dates by the first format that reads them; without day or month in it, shorter ones."""
    result = pl.Series([None], dtype=pl.String).new_from_index(0, text.len())
    for form in formats:
        given, pattern, shown = text, form, "%Y-%m-%d"
        if not any(sign in form for sign in ("%d", "%e", "%j", "%F", "%D", "%x")):
            given, pattern, shown = "01 " + given, "%d " + pattern, "%Y-%m"
        if shown == "%Y-%m" and not any(sign in form for sign in ("%m", "%b", "%B")):
            given, pattern, shown = "01 " + given, "%m " + pattern, "%Y"
        parsed = given.str.strptime(pl.Date, pattern, strict=False)
        result = result.fill_null(parsed.dt.strftime(shown))
    return result


def _clock_times(text: pl.Series, formats: tuple[str, ...]) -> tuple[pl.Series, pl.Series]:
    local = pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, text.len())
    utc = pl.Series([None], dtype=_UTC).new_from_index(0, text.len())
    for form in formats:
        if "%z" in form or "%:z" in form:
            utc = utc.fill_null(text.str.strptime(pl.Datetime("us"), form, strict=False).cast(_UTC))
        elif "%H" in form or "%I" in form:
            local = local.fill_null(text.str.strptime(pl.Datetime("us"), form, strict=False))
        else:
            local = local.fill_null(text.str.strptime(pl.Date, form, strict=False).cast(pl.Datetime("us")))
    if not formats:
        local, utc = _iso_clock_times(text)
    return local.dt.truncate("1s"), utc.dt.truncate("1s")


def _iso_clock_times(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    frame = pl.select(text=text.str.replace(" ", "T"))
    whole = pl.col("text").str.replace(r"(T\d\d:\d\d)(Z|[+-].*)?$", "${1}:00${2}")
    zoned = pl.col("text").str.contains(r"T.*(Z|[+-]\d{2}:?\d{2})$")
    frame = frame.select(
        day=pl.col("text").str.extract(r"^(\d{4}-\d{1,2}-\d{1,2})$"),
        naive=pl.when(~zoned).then(whole),
        offset=pl.when(zoned).then(whole.str.replace("Z$", "+00:00")),
    )
    local = frame["naive"].str.strptime(pl.Datetime("us"), "%Y-%m-%dT%H:%M:%S%.f", strict=False)
    days = frame["day"].str.strptime(pl.Date, "%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    utc = frame["offset"].str.strptime(pl.Datetime("us"), "%Y-%m-%dT%H:%M:%S%.f%#z", strict=False)
    return local.fill_null(days), utc.cast(_UTC)


def _forbidden(name: str) -> Problem:
    return Problem(
        name, "forbidden_character", "holds a control character or a bidirectional override", "remove it"
    )


def _too_long(name: str, longest: int) -> Problem:
    return Problem(name, "too_long", f"is longer than {longest} characters", "shorten it")


def _absent(name: str) -> Problem:
    return Problem(name, "absent", "is blank", "give each row its id")


def _wrong_format(name: str, formats: tuple[str, ...], iso: str) -> Problem:
    expected = " or ".join(formats) if formats else iso
    return Problem(
        name, "wrong_format", f"is not written as {expected}", "correct it, or the `format` in the mapping"
    )
