"""Power cuts on a SQLite store at many moments: what was not synced is lost in whole or in part.

    python benchmarks/power_cuts.py --points 200

Prints at how many moments the store was sound and held all that it had acknowledged; exit code 1 if not at every one.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

from netwright.errors import NetwrightError
from netwright.testing.powercuts import ACKNOWLEDGED, check, cut, moments, record


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--trials", type=int, default=300, help="that the writer writes")
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    rng = random.Random(wanted.seed)
    with tempfile.TemporaryDirectory() as place:
        deeds = record(Path(place), wanted.trials)
    sound = told = 0
    for moment in moments(deeds, wanted.points, rng):
        with tempfile.TemporaryDirectory() as place:
            acknowledged = cut(deeds, moment, Path(place), rng)
            told += len(acknowledged)
            try:
                check(Path(place), acknowledged)
                sound += 1
            except (AssertionError, NetwrightError) as problem:
                print(f"after {moment} of {len(deeds)} deeds: {problem}", flush=True)
    writes = sum(deed.kind == "w" and deed.name != ACKNOWLEDGED for deed in deeds)
    print(
        f"{sound} of {wanted.points} power cuts left a sound store with everything acknowledged in it "
        f"({writes} writes and {sum(deed.kind == 's' for deed in deeds)} syncs recorded; {told} acknowledged trials "
        "looked for)"
    )
    return 0 if sound == wanted.points else 1


if __name__ == "__main__":
    raise SystemExit(main())
