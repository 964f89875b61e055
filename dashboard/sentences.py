"""What happened, in one sentence in plain language, from a case's own figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from collateral.contract.http import CaseDetail
from dashboard.figures import clock, head, listed, share
from dashboard.rule_words import RULES
from dashboard.tables import called
from dashboard.words import _, named

Figures = Mapping[str, Any]


def what_happened(case: CaseDetail) -> str:
    """One sentence; a rule that is not known here is told by its name and its animals."""
    told = _TELLERS.get(case.summary.rule, _otherwise)
    words = {"farm": named(case.summary.farm), "clock": clock(case.summary.event_at)}
    return told(case, words)


def _group_removal(case: CaseDetail, words: dict[str, str]) -> str:
    gone = head(case.figures.get("gone", case.summary.animals))
    drop = case.figures.get("camera_drop") or _told_by_camera(case)
    text = _(
        "Around {clock}, {gone} pledged animals left their pens at {farm} together, outside any approved movement."
    )
    seen = _(" The cameras saw {drop} fewer head at the same time.")
    seen = seen if drop else _(" No camera has confirmed it so far.")
    return text.format(gone=gone, **words) + seen.format(drop=head(drop))


def _told_by_camera(case: CaseDetail) -> int | None:
    """By how many head the cameras counted fewer, as far as they are still among the witnesses."""
    drops = [t.particulars.get("drop") or 0 for t in case.testimonies if t.witness == "camera"]
    return sum(drops) or None


def _left_fence(case: CaseDetail, words: dict[str, str]) -> str:
    fastest = float(case.figures.get("fastest_kmh") or 0)
    text = _(
        "Since {clock}, {out} pledged animals have been outside their fence at {farm}; "
        "the fastest moved at {speed} km/h."
    )
    return text.format(out=head(case.figures.get("outside", case.summary.animals)), speed=f"{fastest:.0f}", **words)


def _tag_silence(case: CaseDetail, words: dict[str, str]) -> str:
    text = _(
        "{silent} of {tagged} ear tags at {farm} have gone silent since {clock}. "
        "Silence alone does not mean the animals are gone."
    )
    silent = case.figures.get("silent", case.summary.animals)
    return text.format(silent=head(silent), tagged=head(case.figures.get("tagged")), **words)


def _gateway_silence(case: CaseDetail, words: dict[str, str]) -> str:
    names = listed(str(g) for g in case.figures.get("gateways", []))
    return _("Gateway {names} at {farm} has been silent since {clock}; the ear tags it hears cannot be judged.").format(
        names=names, **words
    )


def _farm_blackout(case: CaseDetail, words: dict[str, str]) -> str:
    text = _(
        "All {n} gateways at {farm} have been silent since {clock}: a power or line cut, or a deliberate blackout. "
        "Nothing there can be judged until they are back."
    )
    return text.format(n=head(case.figures.get("gateways")), **words)


def _count_gap(case: CaseDetail, words: dict[str, str]) -> str:
    given = case.figures
    text = _(
        "At {farm} the estimate is {best} head ({low}–{high}) against {book} in the book: at least {short} are missing."
    )
    figures = {
        "best": given.get("estimate_best"), "low": given.get("estimate_low"), "high": given.get("estimate_high"),
        "book": given.get("book"), "short": given.get("short"),
    }  # fmt: skip
    return text.format(**words, **{name: head(value) for name, value in figures.items()})


def _otherwise(case: CaseDetail, words: dict[str, str]) -> str:
    text = _("{rule} at {farm} since {clock}; {n} animals are named.")
    return text.format(rule=called(RULES, case.summary.rule), n=head(case.summary.animals), **words)


_TELLERS: dict[str, Callable[[CaseDetail, dict[str, str]], str]] = {
    "group_removal": _group_removal,
    "left_fence": _left_fence,
    "tag_silence": _tag_silence,
    "gateway_silence": _gateway_silence,
    "farm_blackout": _farm_blackout,
    "count_gap": _count_gap,
}


def coverage_change(before: float | None, after: float | None) -> str:
    """97.8% -> 88.0%; what it is now where nothing is known of before."""
    return share(after) if before is None else f"{share(before)} → {share(after)}"
