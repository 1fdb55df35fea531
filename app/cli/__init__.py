"""The `kith` command: every command's file, put together."""

from app.cli import (
    auditing,
    bloom,
    demo,
    erasing,
    evaluation,
    exporting,
    keys,
    linking,
    loading,
    models,
    restricting,
    retention,
    serving,
    upkeep,
)
from app.cli.console import application, guarded, versioned

for _part in (
    demo,
    serving,
    loading,
    linking,
    models,
    evaluation,
    exporting,
    upkeep,
    bloom,
    auditing,
    erasing,
    restricting,
    retention,
    keys,
):
    _part.register(application)


application.callback()(versioned)


def main() -> None:
    """Run the command line; every foreseen error is one sentence with its remedy, and an exit status."""
    guarded(application)


__all__ = ["main"]
