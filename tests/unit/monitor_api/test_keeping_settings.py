"""How long things are kept, as the environment says."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from collateral.store.ages import Ages
from monitor_api.settings import KeepingSettings


def test_unset_means_ninety_days_of_readings_two_years_of_sums_and_evidence_for_ever() -> None:
    assert KeepingSettings().ages() == Ages()
    assert KeepingSettings().ages().evidence is None


def test_what_the_environment_says_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERDLIEN_KEEP_READINGS_DAYS", "30")
    monkeypatch.setenv("HERDLIEN_KEEP_FIVE_MINUTES_DAYS", "60")
    monkeypatch.setenv("HERDLIEN_KEEP_QUARANTINE_DAYS", "365")
    ages = KeepingSettings().ages()
    assert (ages.readings, ages.quarantine) == (timedelta(days=30), timedelta(days=365))
    assert ages.five_minutes == ages.readings  # sums of 5 minutes are not computed where readings are gone


def test_readings_that_rules_still_look_at_cannot_be_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERDLIEN_KEEP_READINGS_DAYS", "10")
    with pytest.raises(ValidationError):
        KeepingSettings()
