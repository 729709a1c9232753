"""The site: ``python -m sphinx -W --keep-going -b html docs build/site`` with the extra ``docs``."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from pygments.lexers.special import TextLexer

import sealscrub

DOCS = Path(__file__).parent
REPOSITORY = "https://github.com/sealscrub/sealscrub/blob/main/"

project, version, author = "sealscrub", sealscrub.__version__, "the sealscrub authors"
extensions = [
    "myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx_design", "sphinx_copybutton",
]  # fmt: skip
exclude_patterns = ["conf.py", "**/make_*.py", "reference/law_pages/*", "example/**"]
templates_path = ["_templates"]
myst_enable_extensions, myst_heading_anchors = ["colon_fence"], 4
nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
nb_execution_mode = os.environ.get("SITE_NOTEBOOKS", "off")  # "force" runs them
nb_execution_timeout, nb_execution_raise_on_error, nb_execution_in_temp = 600, True, True
nb_merge_streams, nb_output_stderr = True, "remove"
autosummary_ignore_module_all, autodoc_typehints, numpydoc_show_class_members = False, "none", False
html_theme, html_title, html_show_sourcelink = "pydata_sphinx_theme", "sealscrub", False
html_theme_options = {"navbar_align": "left", "header_links_before_dropdown": 6, "footer_end": []}
html_static_path, html_css_files = ["_static"], ["site.css"]
DEMO, EXAMPLE = os.environ.get("SITE_DEMO"), DOCS / "example"  # the folder of a demo that has run, to be shown
if DEMO:
    tags.add("demo")  # type: ignore[name-defined]  # noqa: F821  # Sphinx's
    html_extra_path = [str(EXAMPLE)]
copybutton_exclude = ".linenos, .gp, .go"
smartquotes_action = "qe"  # without dashes: two hyphens begin an option

_ANCHOR = re.compile(r"<a\b[^>]*\bhref=\"([^\"#:]+)\"[^>]*>(.*?)</a>", re.DOTALL)
_COMMANDS = re.compile(r'<div class="highlight-console.*?</pre>', re.DOTALL)
_OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")


def setup(app: Any) -> None:
    """Read CSV as text, and lead links that leave the docs to the repository."""
    app.add_lexer("csv", TextLexer)
    app.connect("autodoc-skip-member", lambda app, what, name, *_: name.endswith("_request") or None)
    app.connect("source-read", _leave)
    app.connect("html-page-context", _keep_options)
    app.connect("config-inited", _bring_notebooks)
    if DEMO:
        app.connect("config-inited", _bring_example)


def _bring_notebooks(app: Any, config: Any) -> None:
    """Copy the notebooks to where Sphinx looks: it reads one folder."""
    place = DOCS / "notebooks"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for notebook in (DOCS.parent / "notebooks").glob("*.py"):
        shutil.copyfile(notebook, place / notebook.name)


def _bring_example(app: Any, config: Any) -> None:
    """Copy the pages and pictures of a demo, and unlink its other files."""
    shutil.rmtree(EXAMPLE, ignore_errors=True)
    found = [each for each in Path(DEMO or "").rglob("*") if each.suffix in (".html", ".svg", ".py")]
    for each in found:
        place = EXAMPLE / "demo" / each.relative_to(DEMO or "")
        place.parent.mkdir(parents=True, exist_ok=True)
        text = each.read_text("utf-8")
        if each.suffix == ".html":
            text = _ANCHOR.sub(lambda link, page=each: link[0 if (page.parent / link[1]) in found else 2], text)
        place.write_text(text, "utf-8")


def _keep_options(app: Any, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Mark the options of commands, which wrap on a phone: a browser would break ``--on`` after its hyphens."""

    def marked(block: re.Match[str]) -> str:
        begin, tag, rest = block[0].partition("<pre>")
        return begin + tag + _OPTION.sub(r'<span class="option">\g<0></span>', rest)

    if "body" in context:
        context["body"] = _COMMANDS.sub(marked, context["body"])


def _leave(app: Any, page: str, source: list[str]) -> None:
    folder = (DOCS / page).parent

    def place(found: re.Match[str]) -> str:
        target = (folder / found[1]).resolve()
        inside = target.is_relative_to(DOCS) and target.suffix == ".md"
        if inside or not target.exists() or target.suffix in (".svg", ".png"):
            return found[0]  # what is not there is Sphinx's to say
        return f"]({REPOSITORY}{target.relative_to(DOCS.parent).as_posix()}{found[2] or ''})"

    source[0] = _LINK.sub(place, source[0])
