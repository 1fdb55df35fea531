"""Read vehicle registrations."""

from resolvers.normalisation.identifiers import identifier


def vehicle(value: str) -> str | None:
    """Return a registration mark in capitals without spaces; `None` for a placeholder or fewer than 2 signs."""
    text = identifier(value)
    return text if text is not None and len(text) >= 2 else None
