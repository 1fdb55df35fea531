"""Read identifiers: letters and digits only, without padding, typed where a type has rules."""

import re

from resolvers.normalisation.texts import fold, words

_NINO = re.compile(r"[A-Z]{2}[0-9]{6}[A-D]?")
_RUNS = frozenset(
    {"123456789", "1234567890", "0123456789", "12345678", "1234567", "123456", "12345", "987654321"}
)


def identifier(value: object) -> str | None:
    """Return an identifier in capitals without spaces, marks or leading zeros; `None` for a placeholder.

    One character repeated, or a counting run, is what systems write for "unknown".
    """
    said = words(value)
    if said is None:
        return None
    text = said.replace(" ", "").upper()
    if text.isdigit():
        text = text.lstrip("0")
    repeated = len(text) > 3 and len(set(text)) == 1
    return None if not text or repeated or text in _RUNS else text


def national_id(value: object) -> str | None:
    """Return a national identifier; a British one without its suffix letter, a temporary one is absent."""
    text = identifier(value)
    if text is None or _NINO.fullmatch(text) is None:
        return text
    return None if text.startswith("TN") else text[:8]


def collar_number(value: object, scope: object = "") -> str | None:
    """Return `scope/number`: a collar number means something only within the force that gave it."""
    text = identifier(value)
    return None if text is None else f"{fold(str(scope))}/{text}"
