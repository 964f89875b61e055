"""What `vision serve` can be told from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from collateral.settings.fragments import BrokerSettings


class VisionSettings(BrokerSettings):
    """Broker, and where to remember."""

    vision_state: Annotated[Path | None, BeforeValidator(lambda given: given or None)] = Field(
        default=None,
        title="State",
        description="Folder in which cameras' views and the ends of their chains outlive a restart; unset: none do.",
    )
