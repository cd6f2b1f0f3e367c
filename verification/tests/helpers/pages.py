"""The examples of a page: its blocks of Python in their order, each with the output that the page shows for it."""

import contextlib
import io
import re

BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)
ROUNDING = re.compile(
    r"(the largest error is|off by|down to|up to) \S+|\S+ times its bound"
)  # other on other processors


def examples(text):
    """The pairs (code, output) of a page; the output is None where none is shown."""
    return [(block[1], block[2]) for block in BLOCK.finditer(text)]


def ran(text):
    """The names that the examples leave behind, and the pairs (shown, printed) of their outputs."""
    names, outputs = {"__name__": "page"}, []
    for code, shown in examples(text):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "page", "exec"), names)
        if shown is not None:
            outputs.append((settled(shown), settled(printed.getvalue())))
    return names, outputs


def settled(text):
    """An output without the numbers that are rounding errors, and without spaces at the ends of lines."""
    return [ROUNDING.sub(r"\1", line.rstrip()) for line in text.strip().splitlines()]
