"""What codes are called: rules, severities, states, witnesses, reasons. An unknown code is shown as it is."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.words import N_, _


@dataclass(frozen=True, slots=True)
class Mark:
    """A word with an icon and a colour; the colour never stands alone."""

    word: str
    icon: str
    colour: str

    def badge(self) -> str:
        """As a Markdown badge."""
        return f":{self.colour}-badge[{self.icon} {_(self.word)}]"


SEVERITIES: dict[str, Mark] = {
    "red": Mark(N_("Red"), ":material/e911_emergency:", "red"),
    "orange": Mark(N_("Orange"), ":material/warning:", "orange"),
    "yellow": Mark(N_("Yellow"), ":material/error:", "yellow"),
    "blue": Mark(N_("Blue"), ":material/info:", "blue"),
}

STATES: dict[str, Mark] = {
    "open": Mark(N_("Awaiting acknowledgement"), ":material/notifications_active:", "primary"),
    "acknowledged": Mark(N_("Being verified"), ":material/person_search:", "violet"),
    "suppressed": Mark(N_("Silenced: planned work"), ":material/notifications_off:", "gray"),
    "resolved": Mark(N_("Resolved"), ":material/task_alt:", "green"),
}

DEVICE_STATES: dict[str, Mark] = {
    "online": Mark(N_("Online"), ":material/wifi:", "green"),
    "offline": Mark(N_("Offline"), ":material/wifi_off:", "red"),
    "silent": Mark(N_("Silent"), ":material/hourglass_disabled:", "orange"),
    "stale": Mark(N_("Stale"), ":material/history:", "gray"),
    "fresh": Mark(N_("Fresh"), ":material/check_circle:", "green"),
    "never": Mark(N_("Never heard"), ":material/help:", "gray"),
}

NEXT_STEPS: dict[str, str] = {
    "verify_on_site_24h": N_("Acknowledge within 30 minutes, verify on site within 24 hours, plan within 48 hours"),
    "verify_48h": N_("Acknowledge within 4 hours, verify within 48 hours"),
    "verify_5_working_days": N_("Acknowledge within 1 working day, verify within 5 working days"),
    "device_ticket": N_("Have the device checked within 10 working days"),
}

TASKS: dict[str, str] = {
    "acknowledge_case": N_("Acknowledge the alert"),
    "verify_case": N_("Verify the case"),
    "low_coverage": N_("Coverage is low: arrange a count"),
    "camera_unknown": N_("Camera cannot count: have it checked"),
    "gateway_offline": N_("Gateway offline: have it checked"),
    "ltv_near_ceiling": N_("LTV is near its ceiling: consider a top-up"),
}

WITNESSES: dict[str, Mark] = {
    "tag": Mark(N_("Ear tags"), ":material/sell:", "blue"),
    "camera": Mark(N_("Camera"), ":material/videocam:", "violet"),
    "gateway": Mark(N_("Gateway"), ":material/router:", "gray"),
    "physical": Mark(N_("Physical count"), ":material/directions_walk:", "green"),
    "document": Mark(N_("Document"), ":material/description:", "gray"),
}

DISPOSITIONS: dict[str, str] = {
    "confirmed": N_("Confirmed: it was so"),
    "false_alarm": N_("False alarm"),
    "explained": N_("Explained (sale, move, treatment)"),
}

EVENTS: dict[str, str] = {
    "opened": N_("Opened"),
    "graver": N_("Graver than before"),
    "grew": N_("More animals named"),
    "seen": N_("Seen again"),
    "clearing": N_("Condition gone, waiting"),
    "cleared": N_("Cleared by itself"),
    "flapping": N_("It comes and goes"),
    "ground_gone": N_("Late data took the ground away"),
    "withdrawn": N_("Withdrawn: late data"),
    "reopened": N_("Opened again"),
    "suppressed": N_("Silenced: planned work"),
    "sounded": N_("Planned work is over, still there"),
    "acknowledged": N_("Acknowledged"),
    "acknowledge": N_("Acknowledged"),
    "verifying": N_("Verifying on site"),
    "confirmed": N_("Found to be so"),
    "dismissed": N_("Found a false alarm"),
    "explained": N_("Found explained"),
    "mitigating": N_("Plan filed"),
    "returned": N_("Sent back to be verified again"),
    "proposed": N_("Verdict proposed"),
    "resolved": N_("Resolved"),
    "resolve": N_("Resolved"),
    "escalated": N_("Escalated"),
    "unacknowledged": N_("Not acknowledged in time"),
    "unverified": N_("Not verified in time"),
    "unplanned": N_("No plan in time"),
    "unclosed": N_("Not closed in time"),
}

CHANNELS: dict[str, str] = {
    "log": N_("System log"),
    "webhook": N_("Message to the duty phone"),
    "email": N_("E-mail"),
    "farm": N_("E-mail to the farm"),
}

UNKNOWN_REASONS: dict[str, str] = {
    "blocked": N_("camera blocked"),
    "covered": N_("camera covered"),
    "frozen": N_("picture frozen"),
    "dark": N_("too dark"),
    "blurred": N_("picture blurred"),
    "defocused": N_("out of focus"),
    "partly_covered": N_("camera partly covered"),
    "replayed": N_("recording played instead"),
    "turned_away": N_("camera turned away"),
    "moved": N_("camera moved"),
    "wrong_clock": N_("camera's clock wrong"),
    "unreadable": N_("picture unreadable"),
    "no_count": N_("no count yet"),
    "no_recent_count": N_("no recent count"),
    "stale": N_("last count too old"),
    "never counted": N_("no count yet"),
    "no camera": N_("no camera"),
    "no fresh camera count": N_("no recent count"),
    "no reconciliation yet": N_("not reconciled yet"),
    "no_camera": N_("no camera"),
}

MOVEMENTS: dict[str, str] = {
    "sale": N_("Sale"),
    "death": N_("Death"),
    "birth": N_("Birth"),
    "purchase": N_("Purchase"),
    "transfer": N_("Transfer to another pen"),
    "substitution": N_("Substitution"),
    "release": N_("Release from the pledge"),
}

INELIGIBLES: dict[str, str] = {
    "gone": N_("No longer there (sold, dead, substituted)"),
    "dead_unconfirmed": N_("Death not yet confirmed"),
    "missing": N_("Missing"),
    "disputed": N_("Disputed"),
    "foreign": N_("Not the borrower's animal"),
    "untagged": N_("Without an ear tag"),
    "tampered": N_("Ear tag tampered with"),
    "cloned": N_("Ear tag cloned"),
    "unseen": N_("Not evidenced"),
    "diseased": N_("Diseased"),
    "over_age": N_("Over age"),
    "uninsured": N_("Not insured"),
}

UNSEEN_STATES: dict[str, Mark] = {
    "outside": Mark(N_("Last heard outside the fence"), ":material/fence:", "red"),
    "long": Mark(N_("Silent for over 3 days"), ":material/hourglass_disabled:", "orange"),
    "recent": Mark(N_("Silent for less"), ":material/hourglass_bottom:", "yellow"),
    "dark": Mark(N_("Could not be heard"), ":material/wifi_off:", "gray"),
    "excused": Mark(N_("Accounted for"), ":material/task_alt:", "green"),
}

FIVE_CLASSES: dict[str, str] = {
    "normal": N_("Normal (five-class)"),
    "special_mention": N_("Special mention"),
    "substandard": N_("Substandard"),
    "doubtful": N_("Doubtful"),
    "loss": N_("Loss"),
}

DIMENSIONS: dict[str, str] = {
    "farm": N_("Farm"),
    "species": N_("Species"),
    "county": N_("County"),
    "supervisor": N_("Supervisor"),
}

SPECIES: dict[str, str] = {
    "cattle": N_("Cattle"),
    "pig": N_("Pigs"),
    "pigs": N_("Pigs"),
    "sheep": N_("Sheep"),
    "goat": N_("Goats"),
    "yak": N_("Yaks"),
}

ROLES: dict[str, str] = {
    "officer": N_("Loan officer"),
    "risk": N_("Risk manager"),
    "farm": N_("Farm"),
    "auditor": N_("Auditor"),
    "admin": N_("Administrator"),
}


def called(table: dict[str, str], code: str) -> str:
    """What `code` is called, or the code itself when it is not known."""
    return _(table[code]) if code in table else code


def all_called(table: dict[str, str]) -> dict[str, str]:
    """Every code with what it is called now: to choose from."""
    return {code: _(word) for code, word in table.items()}


def mark(table: dict[str, Mark], code: str) -> Mark:
    """The mark of `code`; an unknown code is its own word."""
    return table.get(code) or Mark(code, ":material/help:", "gray")


def unknown_reason(code: str) -> str:
    """Why a count is unknown; a free-text reason is shown as it is."""
    return called(UNKNOWN_REASONS, code)
