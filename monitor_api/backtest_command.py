"""The verb that plays stored history: which cases would have been opened."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta
from typing import Any

from collateral.model.moment import NaiveTime, aware
from collateral.settings.fragments import DatabaseSettings
from collateral.store import pool, sight
from monitor_api import backtest
from monitor_api.backtest import Backtest

STEP_MIN = 15.0
TELL_EVERY = 20


def add(verbs: Any) -> None:
    """Add the verb to a parser's sub-parsers."""
    play = verbs.add_parser(
        "backtest", help="which cases the rules of today would have opened over stored history; changes nothing"
    )
    play.add_argument("--from", dest="since", type=_moment, required=True, help="ISO 8601 with a time zone")
    play.add_argument("--to", dest="until", type=_moment, required=True, help="ISO 8601 with a time zone")
    play.add_argument("--step-min", type=float, default=STEP_MIN, help="minutes between looks (default: %(default)s)")
    play.add_argument("--json", action="store_true", help="the last line is one JSON object")
    play.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    """0 when it was played; 2 when the stretch is empty."""
    if chosen.until <= chosen.since or chosen.step_min <= 0:
        print("monitor_api: --to must be later than --from, and --step-min more than 0", file=sys.stderr)
        return 2
    with pool.connect(sight.readable(DatabaseSettings().database_url.get_secret_value())) as connection:
        done = backtest.run(connection, chosen.since, chosen.until, timedelta(minutes=chosen.step_min), _tell)
    _print(done)
    if chosen.json:
        print(json.dumps(done.as_json(), ensure_ascii=False))
    return 0


def _tell(number: int, of: int, cases: int) -> None:
    if number % TELL_EVERY == 0 or number == of:
        print(f"{number} of {of} looks, {cases} cases", file=sys.stderr)


def _print(done: Backtest) -> None:
    for would in done.cases:
        row = would.as_row()
        stored = (
            f"stored as case {row['stored']['case']} ({row['stored']['disposition'] or 'open'})"
            if row["stored"]
            else "new"
        )
        print(f"{row['opened_at']}  {row['number']:>3} {row['rule']:24} {row['severity']:7} "
              f"{row['loan'] or row['farm']}  {row['animals']} animals  {stored}", file=sys.stderr)  # fmt: skip
    for past in done.untold:
        print(f"{past.opened_at.isoformat()}  stored case {past.case_id} ({past.rule}, {past.disposition or 'open'}) "
              "would not be opened", file=sys.stderr)  # fmt: skip


def _moment(text: str) -> datetime:
    try:
        return aware(datetime.fromisoformat(text))
    except NaiveTime as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from error
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no time; write it like 2026-03-01T18:00:00+08:00") from error
