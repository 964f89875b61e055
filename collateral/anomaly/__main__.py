"""`python -m collateral.anomaly VERB`: the engine by hand, on files. It decides elsewhere; here files are opened."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from collateral.anomaly import reference, rules
from collateral.anomaly.stream.table import NoSuchColumn, Tally, scored

SAID_EVERY = 500_000
"""Rows between two words about the progress of one large file."""


class Unscored(Exception):
    """A file that could not be scored; the message says why."""


def main(arguments: Sequence[str]) -> int:
    """Do what the first word says; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m collateral.anomaly", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (describe, _) in VERBS.items():
        describe(verbs.add_parser(name, help=VERBS[name][1].__doc__))
    options = parser.parse_args(arguments)
    return VERBS[options.verb][1](options)


def _rules_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, help="where to write the page (default: standard output)")


def list_rules(options: argparse.Namespace) -> int:
    """the reference page of all rules, made from the rules themselves"""
    page = reference.page(rules.ALL_RULES)
    if options.out is None:
        print(page, end="")
    else:
        options.out.write_text(page, encoding="utf-8")
    return 0


def _score_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, help="a CSV file with a time and a value a row, or a folder of such")
    parser.add_argument("--out", type=Path, help="where to write; for a folder the same tree of files arises there")
    parser.add_argument("--value", metavar="COLUMN", help="column to judge (default: `value`, else the first other)")


def score(options: argparse.Namespace) -> int:
    """judge a stream, or a folder of streams: the same rows with anomaly_score"""
    source, out = options.source, options.out
    if source.is_dir():
        if out is None:
            return _say(f"{source} is a folder: say where to write with --out FOLDER", 2)
        return _score_folder(source, out, options.value)
    try:
        if out is None:
            _score_stream(source, sys.stdout, options.value)
        else:
            _score_file(source, out, options.value)
    except BrokenPipeError:
        with suppress(OSError):
            sys.stdout.close()
        return 0
    except Unscored as reason:
        return _say(f"{source}: {reason}", 1)
    return 0


def _score_folder(source: Path, out: Path, value: str | None) -> int:
    files = [
        path for path in sorted(source.rglob("*"))
        if path.suffix.lower() == ".csv" and not path.resolve().is_relative_to(out.resolve())
    ]  # fmt: skip
    if not files:
        return _say(f"{source} holds no .csv file", 1)
    broken = 0
    for number, path in enumerate(files, 1):
        name = path.relative_to(source)
        try:
            tally = _score_file(path, out / name, value)
        except Unscored as reason:
            broken += 1
            _say(f"[{number}/{len(files)}] {name}: NOT SCORED: {reason}")
        else:
            _say(f"[{number}/{len(files)}] {name}: {tally.rows} rows")
    if broken:
        return _say(f"{broken} of {len(files)} files could not be scored", 1)
    return 0


def _score_file(source: Path, out: Path, value: str | None) -> Tally:
    """Write beside the target first, so that what bears its name is whole. Raises Unscored."""
    if out.is_dir() or out.resolve() == source.resolve():
        raise Unscored(f"{out} is no place to write to: name another file")
    unfinished = out.with_name(out.name + ".unfinished")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("w", encoding="utf-8", errors="surrogateescape", newline="") as sink:
            tally = _score_stream(source, sink, value)
        unfinished.replace(out)
    except OSError as reason:
        raise Unscored(f"cannot write {out}: {reason.strerror or reason}") from reason
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return tally


def _score_stream(source: Path, sink: TextIO, value: str | None) -> Tally:
    """Row by row, holding none. Raises Unscored."""
    tally = Tally()
    try:
        stream = source.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as reason:
        raise Unscored(reason.strerror or str(reason)) from reason
    writer = csv.writer(sink, lineterminator="\n")
    begun = False
    with stream:
        try:
            for row in scored(csv.reader(stream), tally, value):
                writer.writerow(row)
                begun = True
                if tally.rows % SAID_EVERY == 0 and tally.rows:
                    _say(f"{source}: {tally.rows} rows so far")
        except (csv.Error, NoSuchColumn) as reason:
            raise Unscored(str(reason)) from reason
    if not begun:
        raise Unscored("it is empty")
    if tally.rows and tally.no_number == tally.rows:
        raise Unscored("no row has a number in its value column: name the column with --value")
    _warn(source, tally)
    return tally


def _warn(source: Path, tally: Tally) -> None:
    if tally.no_number:
        _say(f"{source}: {tally.no_number} of {tally.rows} rows have no number as value; they score 0")
    if tally.no_time:
        _say(f"{source}: the time of {tally.no_time} of {tally.rows} rows cannot be read; judged without their hour")


def _say(words: str, status: int = 0) -> int:
    print(words, file=sys.stderr)
    return status


Verb = tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]
VERBS: dict[str, Verb] = {"score": (_score_words, score), "rules": (_rules_words, list_rules)}
"""What can be asked for: its words, and what does it."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
