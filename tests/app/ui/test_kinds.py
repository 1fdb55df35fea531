"""The look of each kind of node."""

from app.ui import kinds
from graph_schema.nodes import NODE_KINDS


def test_every_kind_has_a_look_of_its_own() -> None:
    assert set(kinds.LOOKS) == {kind.label for kind in NODE_KINDS}
    assert len({look.colour for look in kinds.LOOKS.values()}) == len(kinds.LOOKS)
    assert len({look.outline for look in kinds.LOOKS.values()}) == len(kinds.LOOKS)
    assert len({look.icon for look in kinds.LOOKS.values()}) == len(kinds.LOOKS)


def test_icons_stand_out_from_their_ground() -> None:
    for look in kinds.LOOKS.values():
        light, dark = sorted((_luminance(look.colour), _luminance(look.ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, look.label


def test_an_unknown_kind_looks_like_an_event() -> None:
    assert kinds.look("Other") == kinds.look("Event")


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
