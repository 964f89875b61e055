"""The inspection and pledge screens on the real system: a count session from file to result, a double pledge found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from collateral.book.pledge_match import OwnPledge, RoundKey, own_list
from collateral.model.herd import Species
from tests.dashboard.opening import opened, text
from tests.integration.animal_files import ear_tag
from tests.integration.api import NOW, Bank, open_bank
from tests.integration.enrolments import HEAD, PASSWORD, tag_of

KEY = RoundKey("2026Q2", bytes(range(32)))
CUSTOMER = "张三肉牛养殖合作社"
BEGAN = NOW - timedelta(hours=1)


@pytest.fixture
def bank(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    monkeypatch.setenv("HERDLIEN_PLEDGE_ROUND", KEY.round)
    monkeypatch.setenv("HERDLIEN_PLEDGE_KEY", KEY.secret.hex())
    with open_bank(database) as bank:
        monkeypatch.setenv("HERDLIEN_API_URL", str(bank.client.base_url))
        yield bank


def screen(bank: Bank, login: str, page: str, lang: str = "en", **query: str) -> AppTest:
    token = bank.log_in(login, PASSWORD).json()["token"]
    return opened(login, page, lang, token=token, **query)


def test_a_herd_is_inspected_from_the_screens_alone(bank: Bank) -> None:
    at = screen(bank, "n-officer", "inspections")
    for end, moment in (("from", BEGAN), ("until", NOW)):
        local = moment + timedelta(hours=8)  # at the farm
        at.date_input(key=f"session_{end}_day").set_value(local.date())
        at.time_input(key=f"session_{end}_time").set_value(local.time())
    at.button(key="session_submit").click().run()
    (line,) = bank.get("/count-sessions", "n-auditor").json()
    assert (line["stage"], line["pens"]) == ("reading", ["n-pen"])

    at = screen(bank, "n-officer", "inspections", id=line["session_id"])
    assert "pens without any read or count: N-PEN" in text(at)
    assert "以下圈舍既无读标也无计数：N-PEN" in text(
        screen(bank, "n-officer", "inspections", "zh", id=line["session_id"])
    )
    rows = [f"{tag_of('a', n)},2026-06-01 19:05:00" for n in range(HEAD)]
    at.selectbox(key="reads_pen").select("n-pen")
    data = "\n".join(["EID,Time", *rows, "?,now"]).encode()
    at.file_uploader(key="reads_file").set_value(("wand.csv", data, "text/csv"))
    at.button(key="reads_submit").click().run()
    assert f"Recorded: {HEAD} new reads from {HEAD + 1} rows." in text(at)
    assert "is no tag number" in at.dataframe[0].value.to_csv()

    at.button(key="sample_submit").click().run()
    sample = bank.get(f"/count-sessions/{line['session_id']}", "n-officer").json()["sample"]["animals"]
    photos = [(f"{one['identity']}.jpg", one["tag"].encode(), "image/jpeg") for one in sample]
    at.file_uploader(key="photos_files").set_value(photos)
    at.button(key="photos_submit").click().run()
    at.checkbox(key="close_sure").check()
    at.button(key="close_submit").click().run()
    assert f"Passed: {HEAD} different animals were shown" in text(at)
    (line,) = bank.get("/count-sessions", "n-auditor").json()
    assert (line["stage"], line["passed"], line["unique_tags"]) == ("closed", True, HEAD)
    assert "This cannot be shown: there is no such count session" in text(
        screen(bank, "s-officer", "inspections", id=line["session_id"])
    )


def test_a_double_pledge_is_found_from_the_screens_without_a_customers_name(bank: Bank) -> None:
    theirs = own_list([
        OwnPledge(
            loan_id=CUSTOMER, animal_id=CUSTOMER, species=Species.CATTLE, farm_id=CUSTOMER, farm_no=None,
            since=date(2026, 3, 1), until=date(2027, 3, 1), numbers=(("cn-tag", ear_tag(n)),),
        )
        for n in range(2, 40)
    ], KEY)  # fmt: skip
    at = screen(bank, "all-risk", "pledges")
    at.text_input(key="partner_code").input("BANKX")
    at.file_uploader(key="partner_file").set_value(("x.csv", theirs, "text/csv"))
    at.button(key="partner_submit").click().run()
    assert f"{HEAD - 2} of our animals stand on it (loans: 1)." in text(at)
    at.button(key="own_list_make").click().run()
    assert ear_tag(2) not in at.session_state["own_pledge_list"].decode()

    at = screen(bank, "n-officer", "pledges", loan="n-loan")
    shown = text(at) + at.dataframe[0].value.to_csv()
    assert f"{HEAD - 2} of {HEAD} animals stand on a list of: BANKX" in shown
    assert ear_tag(2) in shown
    assert CUSTOMER not in shown
    at.text_area(key="override_reason").input("bank X has released these in writing")
    at.button(key="override_submit").click().run()
    assert bank.get("/loans/n-loan/drawdown", "n-risk").json()["state"] == "override_asked"
    assert not [b for b in screen(bank, "n-risk", "pledges").button if b.key == "own_list_make"]
    assert "No number of this loan stands" not in text(screen(bank, "s-officer", "pledges", loan="n-loan"))
