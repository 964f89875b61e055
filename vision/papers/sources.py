"""Where the known picture sets come from and on which terms. What is not listed is unknown, never guessed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One set's origin. caution: what a reader of its figures must know, empty when nothing."""

    origin: str
    licence: str
    caution: str = ""


UNKNOWN = Source("unknown", "unknown: settle it before weights trained on it leave the house")

SOURCES = {
    "pasture-cctv": Source(
        "menjure/Cattle-dataset; Zhong et al., Mathematics 2022, 10(20) 3856",
        "none stated",
        "heads are points; the boxes are derived from them, so they teach size roughly and are never scored",
    ),
    "race-gate": Source(
        "P81000/Cattle-detection", "none stated", "consecutive frames: neighbours are nearly the same picture"
    ),
    "aerial-cattle": Source(
        "sanderlfc/cattle-count", "none stated", "augmented by its authors; some far animals may be unlabelled"
    ),
    "pig-pen": Source(
        "Sue566/pig-detector-opencv-", "none stated", "one camera; the neighbours' pigs are unlabelled: use a region"
    ),
    "thermal-sheep": Source("DavidOut03/Sheep-Detector", "MIT", "too few pictures for an interval of its own"),
    "rendered": Source(
        "firmware_sim.render_set", "ours (Apache-2.0)", "drawn, not photographed: proves nothing about real pictures"
    ),
}


def source_of(name: str) -> Source:
    """The origin of a set by its name; rendered sets by how their name begins."""
    return SOURCES.get("rendered" if name.startswith("rendered") else name, UNKNOWN)
