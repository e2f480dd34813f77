"""A process that writes to a store until its test kills it: argv is the mode, the file and a first trial number.

Prints a number when everything about that trial has been acknowledged by the store.
"""

from __future__ import annotations

import sys

from netwright.store import open_store
from netwright.testing.stores import SPACE, measured, trial

EACH = 10


def write(store, number):
    store.propose([trial(number)])
    token = store.start(number, f"writer {number}", 60.0)
    store.progress(number, {"epoch": 1})
    assert store.renew(number, token, 60.0)
    assert store.finish(measured(number), token)
    print(number, flush=True)


def main():
    mode, path, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open_store(path, create=True) as store:
        store.add_space(SPACE)
        if mode == "lock":
            print("locked" if store.lock("child", 1000.0) else "refused", flush=True)
            sys.stdin.read()
        number = first
        while mode == "forever" or number < first + EACH:
            write(store, number)
            number += 1


if __name__ == "__main__":
    main()
