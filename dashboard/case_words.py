"""What stages, causes and steps of a case are called."""

from __future__ import annotations

from dashboard.tables import Mark
from dashboard.words import N_

STAGES: dict[str, Mark] = {
    "new": Mark(N_("Awaiting acknowledgement"), ":material/notifications_active:", "primary"),
    "reopened": Mark(N_("Opened again"), ":material/restart_alt:", "primary"),
    "suppressed": Mark(N_("Silenced: planned work"), ":material/notifications_off:", "gray"),
    "acknowledged": Mark(N_("Being verified"), ":material/person_search:", "violet"),
    "verifying": Mark(N_("Verifying on site"), ":material/directions_walk:", "violet"),
    "confirmed": Mark(N_("Confirmed, plan to be filed"), ":material/gavel:", "red"),
    "mitigating": Mark(N_("Confirmed, plan under way"), ":material/handyman:", "orange"),
    "false_alarm": Mark(N_("False alarm, awaiting a second person"), ":material/rule:", "violet"),
    "explained": Mark(N_("Explained, awaiting a second person"), ":material/rule:", "violet"),
    "closed": Mark(N_("Resolved"), ":material/task_alt:", "green"),
    "withdrawn": Mark(N_("Withdrawn: late data"), ":material/undo:", "gray"),
}

CAUSES: dict[str, dict[str, str]] = {
    "confirmed": {
        "theft": N_("Theft"),
        "sale": N_("Sale without approval"),
        "death": N_("Death"),
        "disease": N_("Disease"),
        "escape": N_("Escape"),
        "shortfall": N_("Shortfall"),
        "fraud": N_("Fraud"),
        "tampering": N_("Tampering with devices"),
        "price": N_("Price"),
        "papers": N_("Papers"),
        "other": N_("Other"),
    },
    "false_alarm": {
        "gps_fault": N_("Position fault"),
        "tag_fault": N_("Ear tag fault"),
        "camera_fault": N_("Camera fault"),
        "network_fault": N_("Network fault"),
        "threshold": N_("Limit of the rule unsuitable"),
        "book_error": N_("Error in the book"),
        "other": N_("Other"),
    },
    "explained": {
        "planned_move": N_("Planned movement"),
        "treatment": N_("Treatment"),
        "calving": N_("Calving"),
        "retagging": N_("New ear tags"),
        "maintenance": N_("Maintenance"),
        "weather": N_("Weather"),
        "other": N_("Other"),
    },
}
"""By disposition, then by cause."""

STEPS: dict[str, str] = {
    "verify": N_("Go and verify on site"),
    "mitigate": N_("File the plan"),
    "return": N_("Send back to be verified again"),
}
"""Moves besides acknowledging and the verdict, in the order they are offered."""

STEP_HINTS: dict[str, str] = {
    "verify": N_("Who goes, and when"),
    "mitigate": N_("The plan: what is done, by whom, by when"),
    "return": N_("What is not convincing yet"),
}

WORKS: dict[str, str] = {
    "planned_move": N_("Planned movement"),
    "calving": N_("Calving"),
    "treatment": N_("Treatment"),
    "retagging": N_("New ear tags"),
    "maintenance": N_("Maintenance"),
}
