"""Read vehicle registrations."""

from resolvers.normalisation.identifiers import identifier


def vehicle(value: str) -> str | None:
    """Return a registration mark in capitals without spaces; `None` for a placeholder or a single sign."""
    text = identifier(value)
    return text if text is not None and len(text) >= 2 else None
