"""What each rule is called, what a case of it means, and what a person does now. One entry per rule of the system."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.words import N_


@dataclass(frozen=True, slots=True)
class RuleWords:
    """Messages, not yet translated: the name in a few words, and one sentence each for meaning and next deed."""

    name: str
    means: str
    do: str


RULE_WORDS: dict[str, RuleWords] = {
    "left_fence": RuleWords(
        N_("Animals outside the fence"),
        N_("Pledged animals were fixed outside their fence twice in a row: an open gate, a broken fence or theft."),
        N_("Call the farm, have the animals fetched back and the fence looked at; an approved move must be on record."),
    ),
    "planned_movement": RuleWords(
        N_("Approved movement under way"),
        N_("A sale, transfer or release that the bank approved is going on, or waits to be closed."),
        N_("Have the execution and, for a sale, the buyer's proceeds booked; then the case closes by itself."),
    ),
    "group_removal": RuleWords(
        N_("Group driven off"),
        N_("A group left a pen or fell silent within an hour without an approved movement: the pattern of a lorry."),
        N_("Call the farm and go there at once, secure the pictures, inform the police if nobody can explain it."),
    ),
    "count_gap": RuleWords(
        N_("Fewer head than the book"),
        N_("Book, ear tags, cameras and the last physical count together say that pledged head are missing."),
        N_("Go through the list of unseen animals with the farm, ask for papers of sales and deaths, order a count."),
    ),
    "ghost_animals": RuleWords(
        N_("Ear tags without animals"),
        N_("Tags under one gateway live the same life or never move: they may not be worn by animals at all."),
        N_("Inspect on site without notice: read these tags on living animals, one by one, with a photo of each."),
    ),
    "foreign_cattle": RuleWords(
        N_("Foreign animals at the inspection"),
        N_("Foreign or untagged animals were among those shown: other people's animals may stand in for missing ones."),
        N_("Repeat the inspection in one freeze window, read every tag, and clear up who owns the others."),
    ),
    "counted_twice": RuleWords(
        N_("Animals counted twice"),
        N_("At the inspection a tag was read in more than one pen, or the pens add up to more than the tags."),
        N_("Count again with all pens closed at the same time; the last count proves nothing."),
    ),
    "double_pledge": RuleWords(
        N_("Pledged to another bank too"),
        N_("Another bank's list names animals of this loan: they may have been pledged twice or sold on."),
        N_("Stop drawdowns, search the chattel registry, and clear up the matches with the borrower and that bank."),
    ),
    "tag_removed": RuleWords(
        N_("Ear tags taken off"),
        N_("Tags report that they were opened, or lie still and cold: cut off, torn out or lost."),
        N_("Have the animals found and fitted with new tags before a witness; they do not count until then."),
    ),
    "tag_cloned": RuleWords(
        N_("Ear tag cloned"),
        N_("A tag was heard in two places at once, or its counter ran backwards: a copy or a replayed recording."),
        N_("Lock the device, look at the animal itself, and replace the tag; it does not count until then."),
    ),
    "tag_moved": RuleWords(
        N_("Ear tag on another animal"),
        N_("A muzzle or face check failed, and the wearer behaves differently from before."),
        N_("Check the animal's identity on site with a second photo; until then it does not count."),
    ),
    "suspected_death": RuleWords(
        N_("Suspected death"),
        N_("An animal seems dead, or a reported death lacks its photo, ear tag or disposal record."),
        N_("Have the farm send photo, ear tag and disposal record within 24 hours; then book the death."),
    ),
    "mortality": RuleWords(
        N_("Abnormal mortality"),
        N_("More animals died within a week than chance explains: disease, poison, neglect or invented deaths."),
        N_("Ask for the vet's report and the disposal records, tell the insurer, and revalue the collateral."),
    ),
    "fever": RuleWords(
        N_("Fever"),
        N_("Animals are warmer than is their own habit and their herd's."),
        N_("For the farm: have the vet look at the named animals."),
    ),
    "low_activity": RuleWords(
        N_("Low activity"),
        N_("Animals moved less over a day than is their own habit and their herd's."),
        N_("For the farm: look for lameness and illness among the named animals."),
    ),
    "outbreak": RuleWords(
        N_("Suspected outbreak of disease"),
        N_("Too many animals of a house or herd have a fever or have slowed down at the same time."),
        N_("Call the farm and its vet, keep animals from moving, tell the insurer, and collect the required papers."),
    ),
    "oestrus": RuleWords(
        N_("Oestrus"),
        N_("Cows move far more than is their habit: they are ready to be served."),
        N_("For the farm: serve the named cows within the day."),
    ),
    "calving": RuleWords(
        N_("Calving"),
        N_("Cows are restless and chew less: they are about to calve."),
        N_("For the farm: stand by; afterwards report the birth."),
    ),
    "feed_stop": RuleWords(
        N_("Feed running out"),
        N_("The herd has chewed a fifth less for two days and the weather does not explain it: feed may be lacking."),
        N_("Visit the farm: look at stocks and unpaid feed bills, and ask about the borrower's cash."),
    ),
    "heat_stress": RuleWords(
        N_("Heat stress"),
        N_("The air has been too hot for the herd for hours, or gave it no rest at night."),
        N_("Have the farm check water, shade and fans; expect deaths and lost weight if it lasts."),
    ),
    "farm_blackout": RuleWords(
        N_("Whole farm out of contact"),
        N_("Every gateway of the farm is silent: a power or line cut, or a blackout that hides a movement."),
        N_("Call the farm at once; if it stays dark for an hour, send somebody there to count."),
    ),
    "gateway_silence": RuleWords(
        N_("Gateway silent"),
        N_("A gateway or most of its tags are silent; the animals under it cannot be judged."),
        N_("Have power and network of the gateway checked."),
    ),
    "recount_after_blackout": RuleWords(
        N_("Recount after an outage"),
        N_("A gateway is back after an hour or more: what happened meanwhile nobody saw."),
        N_("Have the herd counted within 24 hours and compare with the figures before the outage."),
    ),
    "camera_blinded": RuleWords(
        N_("Camera blinded"),
        N_("A camera is covered, turned away, moved or out of focus; its count is unknown."),
        N_("Have somebody look at the camera; at night together with silence take it as a sign of theft."),
    ),
    "camera_replayed": RuleWords(
        N_("Camera plays old pictures"),
        N_("A camera sends a frozen picture or pictures that it has sent before: what it shows is not the present."),
        N_("Check the pen on site and the camera's line; secure the recorder."),
    ),
    "tag_silence": RuleWords(
        N_("Ear tags gone silent"),
        N_("Tags have missed three reports: a flat battery, a lost tag, or an animal out of reach."),
        N_("Have the farm look for the named animals and replace dead tags."),
    ),
    "fleet_decay": RuleWords(
        N_("Ear tags wearing out"),
        N_("So many tags are weak or unheard that coverage will fall below 95 %."),
        N_("Plan a round of tag replacement with the farm before coverage is lost."),
    ),
    "price_ltv": RuleWords(
        N_("Price and LTV"),
        N_("The loan-to-value ratio nears or exceeds its ceiling, or the market price falls fast."),
        N_("Ask for the cure amount or more collateral, and hold new drawdowns."),
    ),
    "insurance_gap": RuleWords(
        N_("Insurance gap"),
        N_("Insurance ends soon or has lapsed, covers fewer head than pledged, or pays somebody else first."),
        N_("Have the policy renewed or extended, with the bank as first beneficiary."),
    ),
    "arrears": RuleWords(
        N_("Arrears"),
        N_("The loan is overdue, or its drawdown was not used as agreed."),
        N_("Call the borrower, agree on a collection plan within 48 hours, and review the five-class rating."),
    ),
    "registration": RuleWords(
        N_("Registration ends"),
        N_("The pledge's filing in the chattel registry ends soon, or has ended while money is owed."),
        N_("Renew the filing now: once it has ended the bank loses its rank."),
    ),
    "concentration": RuleWords(
        N_("Concentration"),
        N_("More than a fifth of the portfolio hangs on one farm, species, county or supervisor."),
        N_("Tell portfolio management; no new lending there before it is cleared."),
    ),
    "patrol": RuleWords(
        N_("Patrols not believable"),
        N_("Patrols are overdue, were made elsewhere, reuse photos, or always hit the ledger exactly."),
        N_("Ask the supervisor for proof, and have the next patrol done by somebody else."),
    ),
}  # fmt: skip
"""By the rule's name in the system."""

RULES: dict[str, str] = {rule: words.name for rule, words in RULE_WORDS.items()}
