"""python -m dashboard.rehearsal: the real pages against the live system, for machines without a browser.

Logs in through the form as one person, opens today's work, a loan and a case in each language, and says whether
the figures that the system gives stand on them.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.client import Api, ApiError
from dashboard.figures import head
from dashboard.tables import STATES
from dashboard.words import LANGUAGES, Language, _, speak

SCRIPT = Path(__file__).with_name("app.py")
PATIENCE_S = 60.0
KINDS = ("title", "header", "subheader", "markdown", "caption", "success", "warning", "error", "info")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to open, as whom, and the contract number to look for."""

    loan_id: str
    case_id: int
    expect: str
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What the system says of them."""

    pledged_head: int
    book: int
    animals: int


def main(arguments: list[str] | None = None) -> int:
    """0 and one line when every page shows what it must; else 1 and what was missing."""
    asked = _asked(arguments)
    try:
        figures = _figures(asked)
        missing = [line for language in LANGUAGES for line in _missing(asked, figures, language)]
    except (ApiError, RuntimeError, KeyError) as error:  # a page took too long, or the login form was not there
        print(f"not shown: {error}")
        return 1
    if missing:
        print("not shown: " + "; ".join(missing))
        return 1
    pages = f"today, loan {asked.loan_id} and case {asked.case_id}"
    print(f"{pages} rendered in {' and '.join(LANGUAGES)}, {figures.animals} animals named")
    return 0


def _asked(arguments: list[str] | None) -> Asked:
    parser = argparse.ArgumentParser(prog="python -m dashboard.rehearsal", description=__doc__)
    parser.add_argument("--loan", required=True, help="id of the loan to open")
    parser.add_argument("--case", required=True, type=int, help="number of the case to open")
    parser.add_argument("--expect", required=True, help="contract number that must stand on both pages")
    parser.add_argument("--login", default="officer", help="whom to log in as (default %(default)s)")
    given = parser.parse_args(arguments)
    return Asked(given.loan, given.case, given.expect, given.login, os.environ.get("HERDLIEN_PASSWORD", ""))


def _figures(asked: Asked) -> Figures:
    api = Api(Api().login(asked.login, asked.password).token)
    return Figures(
        pledged_head=api.today().pledged_head,
        book=api.loan(asked.loan_id).loan.book,
        animals=len(api.alert(asked.case_id).animals),
    )


def _missing(asked: Asked, figures: Figures, language: Language) -> list[str]:
    """What does not stand where it must, page by page."""
    screen = _logged_in(asked, language)
    today = _read(screen)
    loan = _opened(screen, "loan", asked.loan_id)
    case = _opened(screen, "case", str(asked.case_id))
    speak(language)
    checks = {
        "today": (today, (_("Today's work"), f"{_('Pledged head')}={head(figures.pledged_head)}")),
        "loan": (loan, (asked.expect, f"{_('Book')}={head(figures.book)}")),
        "case": (case, (asked.expect, _("Named animals: {n}").format(n=head(figures.animals)), _acknowledged())),
    }
    return [line for page, (shown, wanted) in checks.items() for line in _lacks(f"{page} ({language})", shown, wanted)]


def _acknowledged() -> str:
    return _(STATES["acknowledged"].word)


def _lacks(page: str, shown: str, wanted: Iterable[str]) -> list[str]:
    if shown.startswith("failed: "):
        return [f"{page} {shown}"]
    return [f"{text!r} on {page}" for text in wanted if text not in shown]


def _logged_in(asked: Asked, language: Language) -> AppTest:
    screen = AppTest.from_file(str(SCRIPT), default_timeout=PATIENCE_S)
    screen.query_params["lang"] = language
    screen.run()
    screen.text_input(key="login_name").input(asked.login)
    screen.text_input(key="login_password").input(asked.password)
    return screen.button(key="login_submit").click().run()


def _opened(screen: AppTest, page: str, thing: str) -> str:
    # switch_page() knows pages that are files; ours are functions, known by their word in the URL.
    screen._page_hash = calc_hash(page)
    screen.query_params["id"] = thing
    screen.run()
    return _read(screen)


def _read(screen: AppTest) -> str:
    """All that a reader sees of a page; metrics as label=value."""
    if screen.exception:
        return f"failed: {screen.exception[0].message}"
    words = [str(element.value) for kind in KINDS for element in getattr(screen, kind)]
    return "\n".join([*words, *(f"{metric.label}={metric.value}" for metric in screen.metric)])


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # streamlit warns that it runs without its server
    sys.exit(main())
