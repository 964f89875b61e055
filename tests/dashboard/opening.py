"""Opening a screen as one person, and reading what stands on it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
KINDS = ("title", "header", "subheader", "markdown", "caption", "success", "warning", "error", "info")


def opened(role: str | None, page: str | None = None, lang: str = "zh", token: str = "", **query: str) -> AppTest:
    """`token`: of a person of the real system; without one, that of the canned person with this role."""
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.query_params["lang"] = lang
    for name, value in query.items():
        at.query_params[name] = value
    if role:
        at.session_state["token"] = token or f"token-{role}"
    # switch_page() knows pages that are files; ours are functions, known by their word in the URL.
    at._page_hash = calc_hash(page) if page else ""
    at.run()
    assert not at.exception, at.exception
    return at


def text(at: AppTest) -> str:
    """All that a reader sees of a page, as far as a test can read."""
    words = [element.value for kind in KINDS for element in getattr(at, kind)]
    words += [f"{m.label} {m.value}" for m in at.metric] + [b.label for b in at.button]
    return "\n".join(str(word) for word in words)


def charts(at: AppTest) -> list[str]:
    """The specification of each chart, with the figures it is drawn from."""
    drawn = [element.proto for element in at if element.type == "vega_lite_chart"]
    return [chart.spec + chart.data.data.decode(errors="ignore") for chart in drawn]
