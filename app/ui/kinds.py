"""How each kind of node looks: colour, shape and icon together, so that none carries it alone."""

from dataclasses import asdict, dataclass

from graph_schema.nodes import NODE_KINDS

LIGHT, DARK = "#ffffff", "#14202e"

SHAPES = {
    "circle": "M12 1a11 11 0 1 1 0 22a11 11 0 0 1 0-22z",
    "round-rectangle": "M6 1.5h12a4.5 4.5 0 0 1 4.5 4.5v12a4.5 4.5 0 0 1-4.5 4.5h-12"
    "a4.5 4.5 0 0 1-4.5-4.5v-12a4.5 4.5 0 0 1 4.5-4.5z",
    "diamond": "M12 .5L23.5 12L12 23.5L.5 12z",
    "hexagon": "M6.5 2h11L23 12l-5.5 10h-11L1 12z",
    "rectangle": "M2 2h20v20h-20z",
    "pill": "M7 4h10a8 8 0 0 1 0 16h-10a8 8 0 0 1 0-16z",
    "pentagon": "M12 1l11 8.2l-4.2 13.3h-13.6L1 9.2z",
    "octagon": "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z",
    "triangle": "M12 1L23.5 22h-23z",
    "tag": "M2 3h13l7 9l-7 9h-13z",
}
"""Outlines on a 24 × 24 grid, named as graph_schema names shapes."""

ICONS = {
    "Person": "M12 6.2a2.9 2.9 0 1 1 0 5.8a2.9 2.9 0 0 1 0-5.8zM6.6 17.6c.3-3.1 2.5-4.7 5.4-4.7"
    "s5.1 1.6 5.4 4.7z",
    "Phone": "M9.2 6h5.6a.9.9 0 0 1 .9.9v10.2a.9.9 0 0 1-.9.9h-5.6a.9.9 0 0 1-.9-.9v-10.2a.9.9 0 0 1 .9-.9z",
    "Address": "M12 6.5l5.5 5h-1.5v5h-2.7v-3.2h-2.6v3.2h-2.7v-5h-1.5z",
    "Email": "M6.5 8.5h11v7h-11zm1.2 1l4.3 3.2l4.3-3.2z",
    "Account": "M6.5 8.5h11v1.7h-11zm0 3h11v4.5h-11zm1.5 2h3v1h-3z",
    "Vehicle": "M8.2 8.5h7.6l1.5 3.5l.7.8v3.7h-1.9v-1.3h-8.2v1.3h-1.9v-3.7l.7-.8z",
    "Organisation": "M7 6.5h6v11h-6zm7 4h3.5v7h-3.5zM8.5 8h1v1h-1zm2 0h1v1h-1zm-2 3h1v1h-1zm2 0h1v1h-1z",
    "Event": "M7 7h10v10.5h-10zm1.2 3.2v6h7.6v-6zM9 5.8h1.2v2h-1.2zm4.8 0h1.2v2h-1.2z",
    "Finding": "M11.1 9h1.8v6h-1.8zm0 7.2h1.8v1.8h-1.8z",
    "SourceRecord": "M7 7h6l3 3v7h-9z",
}

_LIGHT_ICONS = {"Person", "Address", "Account", "Finding", "SourceRecord"}


@dataclass(frozen=True, slots=True)
class Look:
    """The look of one kind: `outline` and `icon` are SVG paths on a 24 × 24 grid, `ink` colours the icon."""

    label: str
    title: str
    shape: str
    colour: str
    ink: str
    outline: str
    icon: str


def _look(label: str, shape: str, colour: str) -> Look:
    ink = LIGHT if label in _LIGHT_ICONS else DARK
    title = "Source record" if label == "SourceRecord" else label
    return Look(label, title, shape, colour, ink, SHAPES[shape], ICONS[label])


LOOKS = {kind.label: _look(kind.label, kind.shape, kind.colour) for kind in NODE_KINDS}


def look(label: str) -> Look:
    """Return the look of a kind; a kind without one of its own looks like an event."""
    return LOOKS.get(label, LOOKS["Event"])


def looks() -> list[dict[str, str]]:
    """Return every look as plain data for the page's modules, in the order of the declaration."""
    return [asdict(each) for each in LOOKS.values()]
