"""Links of the built site: each leads to a file and an anchor of the site, and no page loads anything from elsewhere.

`python docs/_extensions/check_links.py docs/_build/html`
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}
NOT_LOADED = {"canonical", "next", "prev", "index", "search", "author", "copyright"}  # kinds of <link>


class Page(HTMLParser):
    """The links, the loaded files and the anchors of a page."""

    def __init__(self):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], {"", "top"}

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if given.get(LOADED.get(tag)) and given.get("rel") not in NOT_LOADED:
            self.loaded.append(given[LOADED[tag]])


def read(path):
    """A page that has been read."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8", errors="replace"))
    return page


def dead(site):
    """A line for each dead link, and for each file from elsewhere."""
    site = site.resolve()
    pages = {path: read(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}
    for path, page in pages.items():
        for target in page.loaded + page.links:
            parts = urlsplit(target)
            if parts.scheme in ("http", "https", "") and parts.netloc:
                if target in page.loaded:
                    yield f"{path.relative_to(site)}: loads {target}"
                continue
            if parts.scheme in ("mailto", "data", "javascript"):
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            to = to / "index.html" if to.is_dir() else to
            anchor = unquote(parts.fragment)
            if not to.is_file():
                yield f"{path.relative_to(site)}: no file {target}"
            elif (
                to in pages and anchor not in pages[to].anchors and "_modules" not in path.parts
            ):  # viewcode's way back
                yield f"{path.relative_to(site)}: no anchor {target}"


def main(folder):
    """Print what is dead; the exit status."""
    found = sorted(set(dead(Path(folder))))
    for line in found:
        print(line)
    print(f"{len(found)} dead links")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
