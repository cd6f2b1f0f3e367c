"""The settings of the documentation site: `tox run -e docs` builds it into docs/_build/html, without a network."""

import inspect
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

import spikeproof  # noqa: E402 -- after the path

project = "spikeproof"
author = "The spikeproof developers"
copyright = "The spikeproof developers, MIT licence"  # noqa: A001 -- the name of the setting
version = release = spikeproof.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "sphinx_click",
    "generated",
    "repository",
    "published",
]
exclude_patterns = [
    "_build",
    "_extensions",
    "adapters",
    "generated",
    "gallery/**/*.md5",
    "gallery/**/*.py",
    "gallery/**/*.ipynb",
]
templates_path = ["_templates"]
suppress_warnings = ["config.cache"]  # the gallery's settings hold functions, which are not compared between builds

html_theme = "pydata_sphinx_theme"
html_title = "spikeproof"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_theme_options = {
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
}
html_context = {"default_mode": "auto"}

# MathJax stands in _static as one file, so that pages show formulas without a network
mathjax_path = "mathjax/tex-svg.js"

autosummary_generate = True
autosummary_ignore_module_all = False
autosummary_imported_members = True
autodoc_typehints = "none"  # numpydoc states types in words
default_role = "py:obj"  # a name in single backquotes is a link where there is such a name
viewcode_follow_imported_members = True
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 4
myst_url_schemes = ("http", "https", "mailto", "site")  # site: relative to the root, see _extensions/repository.py
myst_dmath_double_inline = True

sphinx_gallery_conf = {
    "examples_dirs": [str(HERE.parent / "examples")],
    "gallery_dirs": ["gallery"],
    "filename_pattern": r"/[a-z_]+\.py$",
    "within_subsection_order": "repository.ByReading",
    "download_all_examples": False,
    "show_memory": False,
    "min_reported_time": 10,
    "remove_config_comments": True,
    "plot_gallery": "True",
    "abort_on_example_error": True,
    "reset_modules": ("matplotlib",),
    "first_notebook_cell": None,
    "image_scrapers": ("matplotlib",),
    "write_computation_times": False,
    "show_signature": False,
}


def names_in(package):
    """The public names of a package: with a page of their own, documented higher up, and neither function nor class."""
    module = import_module(package)
    things = {name: getattr(module, name) for name in module.__all__}
    pages = [name for name, thing in things.items() if inspect.isclass(thing) or inspect.isfunction(thing)]
    known = [n for n in pages if package != "spikeproof" and getattr(spikeproof, n, None) is things[n]]
    return [n for n in pages if n not in known], known, [n for n in things if n not in pages]


autosummary_context = {"names_in": names_in}
