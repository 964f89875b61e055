"""All that `vision serve` holds in mind about its cameras, with a folder behind it or without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from collateral.ops.logs import logger
from vision.camera.watches import STILLS, Watches
from vision.evidence.chains import NOT_KEPT, Chains
from vision.state.chain_keeper import Hung, KeptChains
from vision.state.folder import StateFolder
from vision.state.watch_keeper import WatchKeeper

KEPT = timedelta(days=30)  # [I]: a camera that was gone for so long is hung anew, and the season has changed its view


@dataclass(frozen=True, slots=True)
class Memory:
    """`unsure`: evidence that may not have been published; to be published before anything else."""

    chains: Chains
    watches: Watches
    unsure: Iterator[Hung]


@contextmanager
def open_memory(folder: Path | None, now: Callable[[], datetime], wall: datetime) -> Iterator[Memory]:
    """What is remembered in `folder`, kept there again on leaving; None: nothing is, and nothing will be.

    now: event time; wall: the present moment, by which files are old. VisionError when the folder cannot be used.
    """
    if folder is None:
        logger().warning("nothing_is_remembered", fix="name a folder with --state or HERDLIEN_VISION_STATE")
        yield Memory(Chains(now(), because=NOT_KEPT), Watches(), iter(()))
        return
    with StateFolder(folder) as state:
        for name in state.forget((wall - KEPT).timestamp()):
            logger().warning("state_forgotten", file=name, reason=f"not heard of for {KEPT.days} days")
        keeper = WatchKeeper(state, STILLS, now)
        chains = KeptChains(state, now)
        logger().info("remembering", folder=str(folder))
        try:
            yield Memory(chains, Watches(STILLS, memory=keeper), chains.recall())
        finally:
            keeper.keep_all()
