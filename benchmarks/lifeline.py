"""Ends a process whose standard input is closed: the process that started it has ended, or needs it no more.

    python lifeline.py SCRIPT.py ARGUMENTS

runs a script that knows nothing of that.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading
from collections.abc import Callable


def hold_on(read: Callable[[str], object] = lambda _: None) -> None:
    """Hand each line of standard input to `read`, beside what else is done; end the process, whatever it does, with it.

    Nothing but the end of a pipe tells on every system, and to any interpreter, that the process at its other end was
    killed.
    """
    threading.Thread(target=_hold_on, args=(read,), daemon=True).start()


def _hold_on(read: Callable[[str], object]) -> None:
    for line in sys.stdin:
        read(line)
    os._exit(1)


if __name__ == "__main__":
    hold_on()
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")
