"""Pages made from the code before the site is read: tolerances, neuron parameters, schemas, the ledger of equations."""

import csv
import json
import os
from pathlib import Path

from spikeproof.neuron_parameters import NEURON_PARAMETERS
from spikeproof_verification.checks.tolerances import TOLERANCES
from spikeproof_verification.experiments.ledger import EQUATIONS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "generated"
SCHEMAS = (
    "files/problem",
    "files/solution",
    "files/case",
    "conformance/schemas/protocol",
    "conformance/schemas/results",
)
PUBLISHED = ROOT / "reports" / "published"


def setup(app):
    app.connect("config-inited", _write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _write(*_):
    FOLDER.mkdir(exist_ok=True)
    pages = {"tolerances": tolerances(), "parameters": parameters(), "schemas": schemas(), "ledger": ledger()}
    pages["checkers"] = checkers()
    for name, text in pages.items():
        path = FOLDER / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # a page that is the same is not read again
            path.write_text(text, encoding="utf-8")


def table(head, rows):
    """A table in Markdown; what a cell has of its signs is escaped."""
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text):
    plain = text.replace("|", r"\|")
    return plain if "`" in plain or "$" in plain else _escaped(plain)


def _escaped(text):
    for sign in "*_<>[]$":
        text = text.replace(sign, "\\" + sign)
    return text


def tolerances():
    """The table of all tolerances, whose errors are counted in `unit * scale`."""
    rows = [(f"`{t.name}`", f"{t.multiple:g}", _unit(t.unit), t.scale, t.reason, _worst(t.worst)) for t in TOLERANCES]
    return table(("name", "bound", "unit", "scale", "reason", "worst seen"), rows)


def _unit(unit):
    return {2.0**-52: "ε = 2⁻⁵²", 2.0**-23: "2⁻²³"}.get(unit, f"{unit:g}")


def _worst(worst):
    return "" if worst != worst else f"{worst:.2g}"


def parameters():
    """The table of neuron parameters."""
    rows = [
        (f"`{p.name}`", f"${p.symbol}$", p.unit, ", ".join(p.kinds).upper(), _default(p), p.range.allowed, p.meaning)
        for p in NEURON_PARAMETERS
    ]
    return table(("name", "symbol", "unit", "neurons", "default", "allowed", "meaning"), rows)


def _default(p):
    return "must be given" if p.default is None else f"{p.default:g}"


def schemas():
    """A section for each schema: what it is for, its `$id`, and its properties."""
    parts = []
    for name in SCHEMAS:
        path = ROOT / "verification" / "spikeproof_verification" / f"{name}.schema.json"
        schema = json.loads(path.read_text(encoding="utf-8"))
        parts.append(f"## {schema['title']}\n\n{_escaped(schema['description'])}\n")
        link = os.path.relpath(path, ROOT / "docs" / "reference")
        parts.append(
            f"[{path.name}]({link}), `$id` `{schema['$id']}`\n" if "$id" in schema else f"[{path.name}]({link})\n"
        )
        if "properties" in schema:
            parts.append(table(("member", "", "meaning"), _members(schema)))
        elif "$defs" in schema:
            kinds = [(f"`{key}`", d.get("description", "")) for key, d in schema["$defs"].items()]
            parts.append(table(("part", "meaning"), kinds))
    return "\n".join(parts)


def _members(schema):
    required = schema.get("required", [])
    for name, member in schema["properties"].items():
        yield f"`{name}`", "required" if name in required else "", member.get("description", "")


def ledger():
    """All equations of the ledger with their published verdicts."""
    verdicts = {row["id"]: row["verdict"] for row in published("tables/ledger_equations.csv")}
    rows = [(e.id, e.states, e.kind, verdicts.get(e.id, "not in this run"), e.correction or e.note) for e in EQUATIONS]
    return table(("equation", "states", "kind", "verdict", "correction, or why not"), rows)


def checkers():
    """The table of generic checkers of the published audit: what each saw."""
    rows = [
        (r["checker"], f"{r['false']} of {r['right']}", f"{r['seen']} of {r['wrong']}", _worst(float(r["missed"])))
        for r in published("audit/tables/checkers.csv")
    ]
    return table(("checker", "false alarms", "faults seen", "largest that it missed"), rows)


def published(name):
    """The rows of a published table."""
    lines = (PUBLISHED / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))
