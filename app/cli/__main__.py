"""Run the `kith` command as a module."""

from app.cli import main

main()
