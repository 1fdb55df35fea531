"""Words of sentences that people read."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 record`, `2,400 records`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
