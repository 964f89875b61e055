"""What the states, papers and steps of a movement request are called."""

from __future__ import annotations

from dashboard.tables import Mark
from dashboard.words import N_

MOVEMENT_STATES: dict[str, Mark] = {
    "requested": Mark(N_("Awaiting approval"), ":material/hourglass_top:", "orange"),
    "approved": Mark(N_("Approved"), ":material/check_circle:", "blue"),
    "refused": Mark(N_("Refused"), ":material/block:", "red"),
    "withdrawn": Mark(N_("Withdrawn"), ":material/undo:", "gray"),
    "executed": Mark(N_("Executed, proceeds awaited"), ":material/local_shipping:", "violet"),
    "closed": Mark(N_("Closed"), ":material/task_alt:", "green"),
}

PAPERS: dict[str, str] = {
    "quarantine_certificate": N_("Quarantine certificate"),
    "disposal_record": N_("Disposal record"),
    "carcass_photo": N_("Photo of the carcass"),
    "invoice": N_("Invoice"),
    "tag_list": N_("List of ear tags"),
    "birth_record": N_("Birth record"),
    "release_consent": N_("Consent to release"),
    "proceeds_receipt": N_("Receipt of proceeds"),
}

NEEDED: dict[str, tuple[str, ...]] = {
    "sale": ("quarantine_certificate",),
    "transfer": ("quarantine_certificate",),
    "death": ("disposal_record", "carcass_photo"),
    "birth": ("birth_record",),
    "purchase": ("invoice", "tag_list"),
    "substitution": ("tag_list",),
    "release": ("release_consent",),
}
"""The papers that each kind needs before it can be approved; the system has the last word."""

ENTERS = frozenset({"birth", "purchase", "substitution"})
LEAVES = frozenset({"sale", "death", "transfer", "substitution", "release"})

MOVEMENT_EVENTS: dict[str, str] = {
    "requested": N_("Asked for"),
    "document": N_("Paper added"),
    "approved": N_("Approved"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
    "executed": N_("Executed"),
    "closed": N_("Closed"),
}
