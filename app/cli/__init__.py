"""The `kith` command: every command's file, put together."""

from app.cli import (
    auditing,
    bloom,
    demo,
    erasing,
    evaluation,
    keys,
    linking,
    loading,
    models,
    retention,
    serving,
    upkeep,
)
from app.cli.console import application, guarded

for _part in (
    demo,
    serving,
    loading,
    linking,
    models,
    evaluation,
    upkeep,
    bloom,
    auditing,
    erasing,
    retention,
    keys,
):
    _part.register(application)


def main() -> None:
    """Run the command line; every foreseen error is one sentence with its remedy, and an exit status."""
    guarded(application)


__all__ = ["main"]
