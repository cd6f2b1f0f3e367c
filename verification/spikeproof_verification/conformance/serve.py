"""``python -m spikeproof_verification.conformance.serve MODULE:ATTRIBUTE`` lets a Python engine speak the protocol."""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

from spikeproof_verification.conformance.served import Served


def main(name: str) -> None:
    """Answer lines of standard input until stop; standard output is for replies alone."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what an engine prints must not be mistaken for a reply
    served: Served | None = None
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    while True:
        message = json.loads(lines.get())
        if message["do"] == "stop":
            return
        if message["do"] == "start":
            try:
                served = Served(attribute(name))
                reply = served.started()
            except Exception as error:  # whatever the import of a foreign engine raises
                reply = {"error": f"{type(error).__name__}: {error}"}
        else:
            assert served is not None
            reply = {"id": message["id"], **served.answer(message["problem"], message["gradients"], message.get("dt"))}
        _write(replies, reply)


def attribute(name: str) -> Any:
    """The object that ``MODULE:ATTRIBUTE`` names."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


def _listen(lines: queue.SimpleQueue[str]) -> None:
    """Hand on the lines of standard input; its end ends this process in the middle of what it does."""
    for line in sys.stdin:
        lines.put(line)
    os._exit(1)


def _write(replies: IO[str], reply: Mapping[str, Any]) -> None:
    replies.write(json.dumps(reply) + "\n")
    replies.flush()


if __name__ == "__main__":
    main(sys.argv[1])
