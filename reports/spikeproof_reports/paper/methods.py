r"""A methods paragraph for a paper, and the entries that it cites."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.latex import latex_text
from spikeproof_reports.paper.provenance import commented

METHODS, ENTRIES = "methods.tex", "spikeproof.bib"
_DONE = {
    "verification report": "Gradients were verified with",
    "benchmark report": "Engines were compared with",
    "training report": "Networks were trained with",
    "audit of engines": "Engines were audited with",
}
_OTHERS = "Results were obtained with"
_PACKAGES = {"python": "Python", "numpy": "NumPy", "numba": "Numba", "mpmath": "mpmath"}
_BIB = r"""@software{spikeproof,
  author  = {{The spikeproof developers}},
  title   = {spikeproof: verification-first numerics for exact gradients of spiking neural networks},
  version = {%s},
  note    = {commit %s, seed %s},
}

@article{wunderlich2021,
  author  = {Wunderlich, Timo C. and Pehle, Christian},
  title   = {Event-based backpropagation can compute exact gradients for spiking neural networks},
  journal = {Scientific Reports},
  volume  = {11},
  pages   = {12829},
  year    = {2021},
  doi     = {10.1038/s41598-021-91786-z},
}
"""


def write_methods(content: Content, folder: Path) -> list[Path]:
    """The paragraph, as LaTeX, and the BibTeX entries, both written to `folder`."""
    facts = content.facts
    head = commented(facts, "% ")
    entries = _BIB % tuple(_fact(facts, name) for name in ("spikeproof", "commit", "seed"))
    return [
        write_text(folder / METHODS, head + methods(content) + "\n"),
        write_text(folder / ENTRIES, entries),
    ]


def methods(content: Content) -> str:
    """The versions, the command, the seed, the machine and the verdict of a report, in sentences of LaTeX."""
    facts = content.facts
    versions = ", ".join(f"{name} {latex_text(facts[key])}" for key, name in _PACKAGES.items() if key in facts)
    tool = rf"spikeproof {latex_text(_fact(facts, 'spikeproof'))}~\cite{{spikeproof}}"
    sentences = [
        f"{_DONE.get(content.kind, _OTHERS)} {tool}, commit {latex_text(_fact(facts, 'commit'))}"
        + (f", with {versions}." if versions else "."),
        rf"The command was \texttt{{{latex_text(_fact(facts, 'command'))}}}, the seed {_fact(facts, 'seed')}.",
    ]
    if "processor" in facts:
        cores = f" with {facts['cores']} cores" if "cores" in facts else ""
        sentences.append(f"It ran on a machine{cores} ({latex_text(facts['processor'])}).")
    sentences += [latex_text(text) for text in (content.verdict.sentence, *content.verdict.remarks)]
    sentences.append(r"The exact gradients of spikeproof are those of EventProp~\cite{wunderlich2021}.")
    return "\n".join(sentences)


def _fact(facts: Mapping[str, str], name: str) -> str:
    return facts.get(name, "unknown")
