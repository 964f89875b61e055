"""What matches between banks and blocked drawdowns are called."""

from __future__ import annotations

from dashboard.tables import Mark
from dashboard.words import N_

SCHEMES: dict[str, str] = {
    "cn-tag": N_("Ear tag number"),
    "iso-11784": N_("RFID number"),
    "farm": N_("Farm, species and time"),
}

BLOCKS: dict[str, Mark] = {
    "standing": Mark(N_("Drawing is blocked"), ":material/block:", "red"),
    "override_asked": Mark(N_("Blocked, override asked for"), ":material/hourglass_top:", "orange"),
    "overridden": Mark(N_("Let pass by two people"), ":material/group:", "blue"),
    "lifted": Mark(N_("Block lifted: no match any more"), ":material/task_alt:", "green"),
    "free": Mark(N_("May be drawn on"), ":material/check_circle:", "green"),
}

BLOCK_EVENTS: dict[str, str] = {
    "placed": N_("Block placed"),
    "renewed": N_("More matches: block renewed"),
    "lifted": N_("Block lifted"),
    "override_asked": N_("Override asked for"),
    "overridden": N_("Let pass"),
    "override_declined": N_("Override declined"),
}
