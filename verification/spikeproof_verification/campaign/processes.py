"""Worker processes that ignore interrupts and end with the process that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

CONTEXT = multiprocessing.get_context("spawn")
ENDED = 1  # exit status of a worker that was not needed any more


@contextmanager
def worker_pool(
    workers: int, initializer: Callable[..., None] | None = None, initargs: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """A pool of fresh processes; submit to it within `uninterrupted`, where it starts them.

    The processes end with this one, however it ends. If the block ends by an exception, an interrupt for example, they
    are ended at once; otherwise the end of the block waits for the tasks that have started.
    """
    watched, held = CONTEXT.Pipe(duplex=False)  # never written to: workers see its end when `held` is closed
    pool = ProcessPoolExecutor(workers, CONTEXT, _begin, (watched, initializer, initargs))
    try:
        yield pool
    except BaseException:
        held.close()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        held.close()
        watched.close()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A block during which interrupts are held back; they are delivered when the block ends.

    A process that is started in the block inherits this until it ignores interrupts itself; otherwise it would report
    an interrupt while it imports. Outside the main thread nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    masks = hasattr(signal, "pthread_sigmask")  # inherited by a new process; not everywhere
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else ()
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


def _begin(watched: Connection, initializer: Callable[..., None] | None, initargs: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(watched,), daemon=True).start()
    if initializer is not None:
        initializer(*initargs)


def _end_with(watched: Connection) -> None:
    """End this process, whatever it does, when the other end of the pipe is closed."""
    watched.poll(None)
    os._exit(ENDED)
