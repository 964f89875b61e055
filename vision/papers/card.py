"""A model's card for people, from its manifest, its data sheet, figures of others, and what a person wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vision.manifest import ANY_SCENE, Manifest, ModelFile
from vision.papers.data_sheet import SPLITS

_COLUMNS = ("mae", "rmse", "mre", "recall", "precision", "ap50", "point_ap", "coverage95", "width95")
_TITLES = ("MAE", "RMSE", "MRE", "recall", "precision", "AP50", "point AP", "coverage", "width")
_NOT_WRITTEN = "Nobody has written it down yet: write MODEL.weaknesses.md beside the model, make this card again."


def card(
    manifest: Manifest,
    sheet: Mapping[str, Any] | None = None,
    beside: Mapping[str, Mapping[str, Any]] | None = None,
    weaknesses: str | None = None,
) -> str:
    """Markdown. sheet: a data sheet's JSON. beside: reports of `evaluate --json` by name. weaknesses: prose."""
    parts = (
        _head(manifest),
        _licence(),
        _made_from(manifest, sheet),
        _figures(manifest, beside or {}),
        _calibration(manifest),
        _files(manifest),
        ["## What it is bad at", "", (weaknesses or _NOT_WRITTEN).strip()],
        _again(manifest),
    )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _head(manifest: Manifest) -> Iterator[str]:
    yield f"# {manifest.version}"
    yield ""
    classes = ", ".join(manifest.classes) or "classes as in its metadata"
    yield f"A detector for head counts ({classes}), {manifest.image_size} pixels. This card is written by"
    yield "`python -m vision card`; change what it is made from, not the card."
    yield ""
    yield "**For research and evaluation only.** A bank trains on its own pictures before it lends on what it says."


def _licence() -> Iterator[str]:
    yield "## Licence"
    yield ""
    yield "The weights were trained with ultralytics and start from its networks: **AGPL-3.0**, and the vendor holds"
    yield "that an exported ONNX file keeps the duty. The program around them does not depend on these weights:"
    yield "`vision.detector.Detector` is open to other models."


def _made_from(manifest: Manifest, sheet: Mapping[str, Any] | None) -> Iterator[str]:
    yield "## Made from"
    trained_on = manifest.data.get("trained_on")
    if trained_on:
        yield from ("", str(trained_on))
    sets = _sets(manifest, sheet)
    shown = manifest.data.get("run", {}).get("by_set", {})
    if not sets:
        yield from ("", "No data sheet was given: what it learnt from is not documented.")
        return
    yield from ("", "| set | train pictures (head) | val pictures (head) | shown per pass | source | its licence |")
    yield "|---|---|---|---|---|---|"
    for name, one in sets.items():
        counts = " | ".join(_count(one.get(split)) for split in SPLITS)
        yield f"| {name} | {counts} | {shown.get(name, '-')} | {one['origin']} | {one['licence']} |"
    cautions = [f"- {name}: {one['caution']}." for name, one in sets.items() if one.get("caution")]
    yield from ("", *cautions)
    yield from _leaks(manifest, sheet)


def _sets(manifest: Manifest, sheet: Mapping[str, Any] | None) -> dict[str, Any]:
    """The sets as the manifest keeps them; a sheet given now is newer."""
    if sheet is None:
        kept = manifest.data.get("sheet", {})
        return dict(kept.get("sets", {}))
    return {name: {**one["source"], **one["splits"]} for name, one in sheet["sets"].items()}


def _leaks(manifest: Manifest, sheet: Mapping[str, Any] | None) -> Iterator[str]:
    if sheet is not None:
        exact = sum(bool(leak["exact"]) for leak in sheet["leaks"])
        twins, sha256 = len(sheet["leaks"]) - exact, sheet["sha256"]
    elif "sheet" in manifest.data:
        kept = manifest.data["sheet"]
        exact, twins, sha256 = kept["leaks"]["exact"], kept["leaks"]["twins"], kept["sha256"]
    else:
        return
    yield ""
    yield f"Validation pictures that training has too: {exact} byte for byte, {twins} that look the same."
    yield f"All pictures and labels: SHA-256 `{sha256}`."


def _count(split: Mapping[str, Any] | None) -> str:
    return "-" if split is None else f"{split['pictures']} ({split['head']})"


def _figures(manifest: Manifest, beside: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "## Figures on validation pictures"
    yield ""
    yield "MAE, RMSE, width: head per picture. MRE: mean of |error| / true. Coverage, width: of the 95 % interval."
    yield "Held out: counted by a calibration that has not seen the picture."
    yield ""
    yield f"| set | model | pictures | head | {' | '.join(_TITLES)} | MAE held out | coverage held out |"
    yield "|---" * (6 + len(_TITLES)) + "|"
    for name, own in manifest.figures.items():
        yield _row(name, manifest.version, own)
        for other, report in beside.items():
            row = report.get("sets", {}).get(name)
            if row:
                yield _row("", other, row)


def _row(name: str, model: str, row: Mapping[str, Any]) -> str:
    held = row.get("held_out") or {}
    cells = [name, model, row.get("images"), row.get("true"), *(row.get(column) for column in _COLUMNS)]
    return "| " + " | ".join(_cell(value) for value in [*cells, held.get("mae"), held.get("coverage95")]) + " |"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _calibration(manifest: Manifest) -> Iterator[str]:
    yield "## Calibration"
    yield ""
    if not manifest.scenes:
        yield "Not calibrated: every interval is a wide guess. `python -m vision calibrate` measures it."
        return
    pooled = manifest.scenes.get(ANY_SCENE)
    yield f"Measured for {len(manifest.scenes)} kinds of scene; any other is counted as `{ANY_SCENE}`."
    yield "Intervals hold for pictures like these: calibrate each camera on about thirty pictures of its own."
    yield from (
        "",
        "| scene | pictures | quantile of error / sqrt(count) | recall | precision |",
        "|---|---|---|---|---|",
    )
    for name, trust in manifest.scenes.items():
        cells = (trust.pictures, trust.quantile, trust.recall, trust.precision)
        yield f"| {name} | " + " | ".join(_cell(value) for value in cells) + " |"
    if pooled is not None and pooled.quantile is None:
        yield from ("", "There were too few pictures for a pooled interval.")


def _files(manifest: Manifest) -> Iterator[str]:
    yield "## Files"
    yield from ("", "| file | precision | stands in for what it was made from | SHA-256 |", "|---|---|---|---|")
    files = manifest.files or {f"{manifest.version}.onnx": ModelFile(manifest.sha256, "fp32")}
    for name, file in files.items():
        yield f"| {name} | {file.precision} | {_verdict(file)} | `{file.sha256}` |"


def _verdict(file: ModelFile) -> str:
    if file.accepted is None:
        return "not compared"
    pooled, reasons = file.parity.get("pooled", {}), "; ".join(file.parity.get("refused_because", ()))
    told = (
        f"recall loss {_cell(pooled.get('recall_loss'))} points, MAE {_cell(pooled.get('mae_rise'))} head more, "
        f"overlap {_cell(pooled.get('iou'))}, {_cell(pooled.get('speed'))} times as fast, "
        f"{pooled.get('pictures')} pictures"
    )
    return f"yes: {told}" if file.accepted else f"**no**: {told}; {reasons}"


def _again(manifest: Manifest) -> Iterator[str]:
    yield "## Make it again"
    run = manifest.data.get("run", {}).get("recipe", {})
    if run:
        told = ", ".join(f"{key} {value}" for key, value in run.items() if value not in (None, [], ()))
        yield from ("", f"Recipe: {told}.")
    name = manifest.version
    yield from ("", "```")
    seed, minutes = run.get("seed", "SEED"), run.get("minutes", "MINUTES")
    yield f"python -m vision train --data SETS --out runs/{name} --seed {seed} --minutes {minutes}"
    yield f"python -m vision datasheet SETS --out runs/{name}"
    yield f"python -m vision export runs/{name}/weights/last.pt --out vision/models/{name}.onnx --int8 --data SETS"
    papers = f"--sheet runs/{name}/data_sheet.json --run runs/{name}/run.json"
    yield f"python -m vision calibrate vision/models/{name}.onnx --data SETS {papers}"
    yield f"python -m vision parity vision/models/{name}.onnx vision/models/{name}.int8.onnx --data SETS"
    yield f"python -m vision card vision/models/{name}.onnx --out vision/models/MODEL_CARD.md"
    yield "```"
