"""python -m monitor_api.catalog: bring what the API says in line with the source.

A new message stands empty in Chinese until somebody writes it. English needs no catalog: the source speaks it.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from babel.messages.catalog import Catalog

from collateral.alerting.lifecycle import Move
from collateral.alerting.silencing import Work
from collateral.book.drawdown import BlockState
from collateral.book.movement_request import Paper, RequestState, Step
from collateral.model.case import Disposition, Stage
from collateral.model.herd import AnimalStatus, Species
from collateral.model.loan import MovementKind
from collateral.model.person import Role
from collateral.ops import catalog_upkeep
from collateral.ops.catalog_upkeep import Message, Word
from monitor_api.tongues import CATALOG

ROOT = Path(__file__).parents[1]
FOLDERS = ("collateral", "monitor_api")
MARKERS = frozenset({"say", "NotFound", "only"})
WORDS: tuple[type[StrEnum], ...] = (
    AnimalStatus, BlockState, Disposition, Move, MovementKind, Paper, RequestState, Role, Species, Stage, Step, Work,
)  # fmt: skip
"""What stands in sentences as a word of its own."""


def messages() -> dict[Message | Word, set[str]]:
    """Every sentence and word that the API can say, with the files it stands in."""
    said: dict[Message | Word, set[str]] = {}
    said.update(catalog_upkeep.messages(ROOT, FOLDERS, MARKERS).items())
    for words in WORDS:
        where = words.__module__.replace(".", "/") + ".py"
        said |= {Word(words.__name__, word.value): {where} for word in words}
    return said


def update() -> Catalog:
    """Write the catalog anew: what the source says, translated as far as it was."""
    CATALOG.parent.mkdir(parents=True, exist_ok=True)
    return catalog_upkeep.update(CATALOG, "zh_CN", messages().items(), "What the API refuses and gives as reasons.")


if __name__ == "__main__":
    empty = [message.id for message in catalog_upkeep.untranslated(update())]
    print(f"zh_CN: {len(empty)} messages without a translation", *empty, sep="\n  ")
