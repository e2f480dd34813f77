"""The command line: it parses, calls the library and prints; it decides nothing."""

from __future__ import annotations


def main() -> None:
    """What the `netwright` command runs."""
    import io
    import sys

    from netwright.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="netwright")
