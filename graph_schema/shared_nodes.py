"""Make the nodes that persons and events share; each is a function of its normalised key alone."""

from collections.abc import Callable, Mapping

from graph_schema.nodes import Node, shared_node_id
from resolvers.domain import Scalar
from resolvers.normalisation import account, email, phone, vehicle
from resolvers.normalisation.addresses import parse_address
from resolvers.normalisation.texts import words


def address_node(parts: Mapping[str, Scalar], secret: bytes) -> Node | None:
    """Return the dwelling that address parts name, None where street, house or area is not said.

    Keyed by flat, house number, street and postcode (or town and country where no postcode is said), and by
    UPRN only where these are not said: two sources that write one home, one with its UPRN, mean one node.
    `building` is the same for every flat of a house.
    """
    read = parse_address(parts)
    if read is None:
        return None
    area = (read.postcode,) if read.postcode else (read.town, read.country)
    if read.number and read.street and area[0]:
        house = f"{read.number.upper()} {read.street.title()}"
        building = ", ".join((house, _spaced(read.postcode) or read.town.title()))
        display = f"Flat {read.flat.upper()}, {building}" if read.flat else building
        said = {"postcode": _spaced(read.postcode)} if read.postcode else {"town": read.town.title()}
        key = "|".join((read.flat, read.number, read.street, *area))
        return _node("Address", key, display, {**said, "building": building}, secret)
    if read.uprn:
        return _node("Address", f"uprn|{read.uprn}", f"UPRN {read.uprn}", {}, secret)
    return None


def organisation_node(organisation_type: str, name: object, secret: bytes) -> Node | None:
    """Return the organisation (unit, station, employer …) of a type and name, None for a placeholder."""
    key, kind = words(name), words(organisation_type)
    if key is None or kind is None:
        return None
    # Short words and codes are most often abbreviations (CID, ST12).
    shown = (
        word.upper() if len(word) <= 3 or any(sign.isdigit() for sign in word) else word.title()
        for word in key.split()
    )
    return _node("Organisation", f"{kind}|{key}", " ".join(shown), {"organisation_type": kind}, secret)


def value_node(label: str, value: object, secret: bytes) -> Node | None:
    """Return the Phone, Email, Account or Vehicle node of a value, None where it cannot be one."""
    normalise, name = _VALUES[label]
    key = normalise(str(value))
    return None if key is None else _node(label, key, key, {name: key}, secret)


def place_node(place: Mapping[str, Scalar], secret: bytes) -> Node | None:
    """Return where an event took place: an organisation by type and id, else an address, else None."""
    if "type" in place and "id" in place:
        return organisation_node(str(place["type"]), place["id"], secret)
    return address_node(place, secret)


_VALUES: Mapping[str, tuple[Callable[[str], str | None], str]] = {
    "Phone": (phone, "number"),
    "Email": (email, "address"),
    "Account": (account, "number"),
    "Vehicle": (vehicle, "registration"),
}
"""Label → the function that gives its key, and the property that shows it."""


def _node(label: str, key: str, display: str, properties: Mapping[str, str], secret: bytes) -> Node:
    return Node(shared_node_id(label, key, secret), (label,), {"display_name": display, **properties})


def _spaced(postcode: str) -> str:
    """Return a British postcode with its space; any other as it is."""
    british = 5 <= len(postcode) <= 7 and postcode[-3].isdigit() and postcode[-2:].isalpha()
    return f"{postcode[:-3]} {postcode[-3:]}" if british else postcode
