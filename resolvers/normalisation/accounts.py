"""Read bank and other account numbers."""

from resolvers.normalisation.texts import words


def account(value: str) -> str | None:
    """Return an account in capitals without spaces or marks, leading zeros kept; `None` for a placeholder."""
    said = words(value)
    if said is None:
        return None
    text = said.replace(" ", "").upper()
    return None if len(set(text)) == 1 or len(text) < 4 else text
