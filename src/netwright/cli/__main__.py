"""`python -m netwright.cli`: the `netwright` command where it is not installed."""

from __future__ import annotations

from netwright.cli import main

if __name__ == "__main__":
    main()
