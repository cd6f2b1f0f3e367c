"""Links within the repository, as they are written for readers of the files, made links within the site.

A label of docs/theory.md, `<a id="flow"></a>**(flow)**`, becomes a target of the site; a link to a file that is no page
of the site becomes a link to a copy of that file.
"""

import os
import re
from pathlib import Path
from urllib.parse import quote

from docutils import nodes

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LABEL = re.compile(r'^<a id="([^"]*)"></a>', re.MULTILINE)
THEORY = DOCS / "theory.md"
LABELS = set(LABEL.findall(THEORY.read_text(encoding="utf-8")))  # at the start of a paragraph; others are within one
INCLUDE = re.compile(r"^```\{include\} (\S+)\n```$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)")
PAGES = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "reference/architecture.md",
    "CONTRIBUTING.md": "reference/contributing.md",
    "CHANGELOG.md": "reference/changelog.md",
}
ORPHANS = {"lesson"}  # pages that a published run leaves in docs/: in no table of contents
FILES = "files"  # folder of the site with copies of files that are linked to


ORDER = (
    "first_gradient",
    "finite_differences",
    "sign_bug",
    "train_yin_yang",
    "own_loss",
    "ties",
    "validity_radius",
    "refractory_time",
    "sparse_network",
    "stair",
    "surrogate",
)


class ByReading:
    """The order of the examples in the gallery; what is not in `ORDER` comes last, by name."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, file):
        name = Path(file).stem
        return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def setup(app):
    app.connect("source-read", _read)
    app.connect("doctree-resolved", _relative)
    app.connect("build-finished", _copy)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}


def _read(app, name, source):
    path = Path(app.env.doc2path(name))
    if path.suffix == ".md":
        source[0] = INCLUDE.sub(lambda include: _included(app, name, path, include[1]), source[0])
        source[0] = ("---\norphan: true\n---\n" if name in ORPHANS else "") + _linked(app, path, path, source[0])


def _included(app, name, page, file):
    """The text of an included file, whose links start where it stands."""
    path = Path(os.path.normpath(page.parent / file))
    app.env.note_dependency(str(path), docname=name)
    return _linked(app, page, path, path.read_text(encoding="utf-8"))


def _linked(app, page, path, text):
    return LINK.sub(lambda link: _link(app, page, path, link), LABEL.sub(r"(\1)=\n", text))


def _link(app, page, path, link):
    """A link of the file at `path`, as one of a page of the site."""
    to, anchor = link[1], link[2] or ""
    file = Path(os.path.normpath(path.parent / to)) if to else path
    if to.startswith(("/", "site:")) or not file.is_relative_to(ROOT):
        return link[0]
    inside = file.relative_to(ROOT).as_posix()
    if inside in PAGES:
        file, anchor = DOCS / PAGES[inside], ""
    if file == THEORY and anchor:
        return f"]({anchor})" if page == THEORY and anchor[1:] in LABELS else f"](site:theory.html{anchor})"
    if file.suffix in (".md", ".rst") and file.is_relative_to(DOCS):
        return f"]({os.path.relpath(file, page.parent)}{anchor})"
    if not file.exists() or file.is_dir() or file.suffix == ".png":
        return link[0]
    if inside.startswith("reports/published/"):
        return f"](site:results/{inside.removeprefix('reports/')})"
    app.env.repository_files = {*getattr(app.env, "repository_files", ()), inside}
    return f"](site:{FILES}/{inside})"


def _copy(app, error):
    if error is not None or app.builder.format != "html":
        return
    for inside in sorted(getattr(app.env, "repository_files", ())):
        to = Path(app.outdir) / FILES / inside
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes((ROOT / inside).read_bytes())


def _relative(_, doctree, name):
    """`site:` links of a page as relative ones."""
    up = "../" * name.count("/")
    for reference in doctree.findall(nodes.reference):
        uri = reference.get("refuri", "")
        if uri.startswith("site:"):
            reference["refuri"] = up + quote(uri.removeprefix("site:"), safe="/#")
            reference["internal"] = True
