"""Read addresses so that flat 14A is not flat 14C, and one building is one however it is written."""

import re
from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from resolvers.normalisation.texts import PLACEHOLDERS, fold, words


class Address(NamedTuple):
    """An address as lower-case ASCII parts; an empty part was not said. Postcode in capitals, no space."""

    flat: str = ""
    number: str = ""
    street: str = ""
    town: str = ""
    postcode: str = ""
    country: str = ""
    uprn: str = ""


class AddressKey(NamedTuple):
    """What a graph keys an address by: equal dwellings are one home, equal buildings one house."""

    dwelling: str
    building: str
    display: str
    postcode: str


_ABBREVIATIONS = {
    **{
        "rd": "road",
        "ave": "avenue",
        "av": "avenue",
        "ln": "lane",
        "dr": "drive",
        "cl": "close",
        "ct": "court",
    },
    **{
        "cres": "crescent",
        "cr": "crescent",
        "sq": "square",
        "pl": "place",
        "tce": "terrace",
        "terr": "terrace",
    },
    **{
        "gdns": "gardens",
        "gdn": "garden",
        "hse": "house",
        "blvd": "boulevard",
        "pde": "parade",
        "pk": "park",
    },
    **{"hwy": "highway", "cct": "circuit", "nth": "north", "sth": "south", "str": "street"},
}
_FLAT_WORDS = frozenset({"flat", "apartment", "apt", "unit", "room", "suite", "studio", "f"})
_FLAT = re.compile(r"(?:flat|apartment|apt|unit|room|suite|studio)\s+([0-9a-z]+)\b")
_NUMBER = re.compile(r"(\d+)\s?([a-z])?\b")
_DISTRICT_GB = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}")
_POSTCODE_GB = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?)\s?(\d[a-z]{2})$")


def parse_address(parts: Mapping[str, object]) -> Address | None:
    """Return an address from `line` and the parts given; `None` where no part of it is said.

    A part that is given wins over what the line would say of it.
    """
    said = tuple(_said(parts, part) for part in ("line", *Address._fields))
    return _parse(*said)


def address(parts: Mapping[str, object]) -> AddressKey | None:
    """Return the keys of a dwelling and its building; `None` unless street (or UPRN) and house are said."""
    read = parse_address(parts)
    if read is None or not (read.uprn or (read.number and read.street)):
        return None
    area = read.postcode or read.town
    if not (read.uprn or area):
        return None
    building = "|".join((read.number, read.street, area, read.country))
    dwelling = f"uprn|{read.uprn}" if read.uprn else f"{read.flat}|{building}"
    house = " ".join(part for part in (read.number, read.street.title()) if part)
    flat = f"Flat {read.flat.upper()}" if read.flat else ""
    display = ", ".join(part for part in (flat, house, read.town.title(), read.postcode) if part)
    return AddressKey(dwelling, building, display, read.postcode)


def postcode(value: object) -> str | None:
    """Return a postcode in capitals without space; `None` for a placeholder."""
    said = words(value)
    return None if said is None else said.replace(" ", "").upper()


def district(postcode: str) -> str:
    """Return the outward part of a British postcode in capitals (`YO1` of YO17AA); of others nothing."""
    return postcode[:-3] if _DISTRICT_GB.fullmatch(postcode) else ""


@lru_cache(maxsize=50_000)
def _parse(
    line: str, flat: str, number: str, street: str, town: str, postal: str, country: str, uprn: str
) -> Address | None:
    """Read the line, then lay the given parts over it."""
    rest = fold(line)
    found = _POSTCODE_GB.search(rest)
    tail = "" if street else _town_of(line)
    if found and not postal:
        postal = found.group(1) + found.group(2)
    rest = _POSTCODE_GB.sub("", rest).strip().removesuffix(f" {tail}" if tail else "")
    unit, house, road = _split_street(rest if not street else f"{fold(number)} {fold(street)}".strip())
    read = Address(
        flat=_flat(flat) or unit,
        number=_house(number) or house,
        street=_street(street if street and not house else road),
        town=(words(town) or "") if town else tail,
        postcode=postcode(postal) or "",
        country=words(country) or "",
        uprn=(fold(uprn).lstrip("0")) if fold(uprn).isdigit() else "",
    )
    said = read.street or read.postcode or read.uprn or read.town
    return Address._make(map(intern, read)) if said else None


def _said(parts: Mapping[str, object], part: str) -> str:
    value = parts.get(part)
    return "" if value is None or fold(str(value)) in PLACEHOLDERS else str(value)


def _split_street(text: str) -> tuple[str, str, str]:
    """Return flat, house number and street of "flat 3 14a high street" or "3/14a high street"."""
    unit = ""
    found = _FLAT.search(text)
    if found:
        unit, text = found.group(1), (text[: found.start()] + text[found.end() :]).strip()
    found = _NUMBER.search(text)
    if found is None or found.end() == len(text):
        return unit, "", text
    if not unit and (second := _NUMBER.match(text[found.end() :].strip())):
        unit, text = found.group(1) + (found.group(2) or ""), text[found.end() :].strip()
        found = second
    house = found.group(1) + (found.group(2) or "")
    return unit, house, f"{text[: found.start()]} {text[found.end() :]}".strip()


def _town_of(line: str) -> str:
    """Return the last comma-parted piece of a line of at least two, its postcode aside; else nothing."""
    pieces = [_POSTCODE_GB.sub("", fold(piece)).strip() for piece in line.split(",")]
    pieces = [piece for piece in pieces if piece]
    return pieces[-1] if len(pieces) > 1 and not any(sign.isdigit() for sign in pieces[-1]) else ""


def _flat(text: str) -> str:
    return "".join(word for word in fold(text).split() if word not in _FLAT_WORDS)


def _house(text: str) -> str:
    return fold(text).replace(" ", "").lstrip("0")


def _street(text: str) -> str:
    said = fold(text).split()
    spelled = [_ABBREVIATIONS.get(word, word) for word in said]
    if len(spelled) > 1 and spelled[-1] == "st":
        spelled[-1] = "street"
    return " ".join(spelled)
