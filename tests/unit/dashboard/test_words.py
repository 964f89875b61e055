"""Every word that a reader sees stands in both catalogs."""

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from dashboard import catalog
from dashboard.words import LOCALES, _, speak

# Streamlit's ways of showing text, and the arguments that are text.
SHOWS = {
    "title", "header", "subheader", "markdown", "caption", "text", "write", "metric", "button", "info", "success",
    "warning", "error", "text_input", "text_area", "radio", "selectbox", "segmented_control", "pills", "badge",
    "form_submit_button", "page_link", "toggle", "checkbox", "download_button", "table", "link", "heading", "_page",
}  # fmt: skip
TEXT_ARGUMENTS = {"label", "help", "placeholder", "caption", "title", "alt"}
MARKUP = re.compile(r":material/\w+:|:[a-z]+(-badge)?\[|HerdLien|LTV|</?[a-z][^>]*>")


def stored(locale: str) -> dict[object, Message]:
    return {message.id[0] if isinstance(message.id, tuple) else message.id: message for message in catalog.read(locale)}


@pytest.mark.parametrize("locale", LOCALES.values())
def test_no_message_is_missing_from_a_catalog_or_in_doubt(locale: str) -> None:
    known = stored(locale)
    ids = [m if isinstance(m, str) else m[0] for m in catalog.messages()]
    assert [m for m in ids if m not in known or not catalog.is_translated(known[m])] == []


@pytest.mark.parametrize("locale", LOCALES.values())
def test_no_catalog_keeps_messages_that_nobody_says(locale: str) -> None:
    said = {m if isinstance(m, str) else m[0] for m in catalog.messages()}
    assert set(stored(locale)) - said - {""} == set()


def test_a_translation_has_the_same_places_to_fill_in() -> None:
    for message in catalog.read("zh_CN"):
        for text in [message.string] if isinstance(message.string, str) else message.string or ():
            original = message.id[0] if isinstance(message.id, tuple) else message.id
            assert fields(str(text)) == fields(str(original)) or not original, message.id


def fields(text: str) -> set[str]:
    return {name for literal, name, spec, conversion in string.Formatter().parse(text) if name}


def test_the_same_message_is_said_in_the_language_spoken() -> None:
    speak("zh")
    assert _("Coverage") == "覆盖率"
    speak("en")
    assert _("Coverage") == "Coverage"
    speak("zh")


def sources() -> list[Path]:
    return sorted(catalog.SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.stem)
def test_no_text_goes_past_the_catalogs(path: Path) -> None:
    bare = [literal for call in calls(path) for literal in shown_literals(call) if says_something(literal)]
    assert bare == []


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.stem)
def test_chinese_stands_in_the_catalog_and_not_in_the_source(path: Path) -> None:
    literals = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Constant)]
    docstrings_aside = [n.value for n in literals if isinstance(n.value, str) and len(n.value) < 80]
    allowed = {"中文", "、", "M月d日 HH:mm"}
    found = [text for text in docstrings_aside if re.search(r"[一-鿿]", text) and text not in allowed]
    assert [text for text in found if not text.endswith(".")] == []


def calls(path: Path) -> list[ast.Call]:
    return [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]


def shown_literals(call: ast.Call) -> list[str]:
    """The text a call shows without asking the catalogs."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in SHOWS or ast.unparse(call.func).startswith("LOG."):
        return []
    first, last = (1, 2) if name in {"link", "_page"} else (0, 2) if name == "metric" else (0, 1)
    shown = call.args[first:last]
    return [
        text for node in [*shown, *(k.value for k in call.keywords if k.arg in TEXT_ARGUMENTS)] for text in bare(node)
    ]


def bare(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [v.value for v in node.values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    return []


def says_something(literal: str) -> bool:
    return bool(re.search(r"[^\W\d_]", MARKUP.sub("", literal)))
