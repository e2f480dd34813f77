"""A small process that outlives its driver, to leave nothing behind: run by path, it imports nothing of ours.

Its standard input is a pipe from the driver: a line "+123" puts process group 123 in its care, "-123" takes it out.
When the pipe ends, because the driver closed it or died, it kills every group in its care; then its output ends. It is
no child of the driver's, since there are those (Ray) who kill their children before they die.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    if os.fork():
        os._exit(0)
    groups = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
