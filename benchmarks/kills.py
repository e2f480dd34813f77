"""Kills drivers and workers of small real searches with SIGKILL at random moments and resumes them.

    python benchmarks/kills.py --drivers 20 --workers 20

Prints how many resumed with nothing lost and nothing counted twice; exit code 1 if any did not.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from netwright.testing.kills import Victim, ordeal


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drivers", type=int, default=20, help="kills of a driver")
    parser.add_argument("--workers", type=int, default=20, help="kills of a worker")
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    victims: list[Victim] = ["driver"] * wanted.drivers + ["worker"] * wanted.workers
    whole, struck = 0, 0
    for number, victim in enumerate(victims):
        with tempfile.TemporaryDirectory() as folder:
            try:
                struck += ordeal(Path(folder) / "search", [victim], wanted.seed + number)
                whole += 1
                print(f"{number + 1}/{len(victims)} {victim}: whole", flush=True)
            except AssertionError as problem:
                print(f"{number + 1}/{len(victims)} {victim}: {problem}", flush=True)
    print(f"{whole} of {len(victims)} searches are whole after kill -9 ({struck} were struck before their end)")
    return 0 if whole == len(victims) else 1


if __name__ == "__main__":
    raise SystemExit(main())
