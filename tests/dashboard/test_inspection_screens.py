"""Count sessions on the screen: opened, read from a file, sampled, photographed, closed; and what came of them."""

import hashlib

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.client import Api
from tests.dashboard.canned_api import NOW
from tests.dashboard.canned_inspections import SECRET, tag
from tests.dashboard.opening import charts, opened, text

pytestmark = pytest.mark.usefixtures("api")
WALKED, OPEN = "a" * 16, "b" * 16
AT = "2025-03-10 02:20:00"  # at the farm, within the window of the open session


def reads(numbers: range, pen: str = "1号舍") -> bytes:
    rows = [f"{tag(n)},{AT},{pen}" for n in numbers]
    return "\n".join(["耳标号,读取时间,圈舍", *rows]).encode("gb18030")


def uploaded(role: str, data: bytes, button: str = "reads_submit", lang: str = "en") -> AppTest:
    at = opened(role, "inspections", lang, id=OPEN)
    at.file_uploader(key="reads_file").set_value(("reads.csv", data, "text/csv"))
    return at.button(key=button).click().run()


def test_the_list_tells_what_is_under_way_and_what_came_of_the_others() -> None:
    shown = text(opened("officer", "inspections", "zh"))
    assert "**青山牧场** · 2 个圈舍 · 合计点数 246 头，不重复耳标 122 个" in shown
    assert "耳标读取中" in shown
    assert "已关闭，未通过" in shown


def test_a_walked_pen_is_seen_at_a_glance_with_what_to_do() -> None:
    at = opened("auditor", "inspections", "en", id=WALKED)
    shown = text(at)
    assert "The pens add up to 246, but only 122 different tags were read" in shown
    assert "Counted in all 246" in shown
    assert "Read in two pens 119" in shown
    assert "duplicates: 119 tags were read in two pens; freeze the pens and count again" in shown
    (chart,) = charts(at)
    for word in ("Read in another pen too", "Foreign tag", "Without an ear tag", "book 120, counted 120, tags 120"):
        assert word in chart
    assert "119 tags were read in two pens" in [e.label for e in at.expander]


def test_the_commitment_stands_there_before_anything_is_read() -> None:
    shown = text(opened("officer", "inspections", "zh", id=OPEN))
    assert hashlib.sha256(SECRET).hexdigest()[:16] in shown
    assert "抽样承诺" in shown
    assert "还没有读到任何耳标" in shown


def test_a_page_asks_for_its_session_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer = [], Api.count_session
    at = opened("officer", "inspections", "en", id=OPEN)
    monkeypatch.setattr(Api, "count_session", lambda api, name: asked.append(name) or answer(api, name))
    at.run()
    assert asked == [OPEN]


def test_a_file_is_checked_first_and_its_bad_rows_told() -> None:
    at = uploaded("officer", reads(range(3)) + f"\n{tag(4)},{AT},no pen".encode(), "reads_check")
    assert "Checked: 3 of 4 rows are good; nothing was written." in text(at)
    assert "Rows that were left out: 1" in text(at)
    assert not Api("token-officer").count_session(OPEN).gross
    again = at.button(key="reads_submit").click().run()
    assert "Recorded: 3 new reads from 4 rows." in text(again)
    assert Api("token-officer").count_session(OPEN).unique_tags == 3
    assert "Absent" in charts(again)[0]


def test_a_file_without_pens_takes_the_pen_that_was_chosen() -> None:
    at = opened("risk", "inspections", "en", id=OPEN)
    at.selectbox(key="reads_pen").select("f1-p2")
    at.file_uploader(key="reads_file").set_value(("r.csv", f"EID,Time\n{tag(120)},{AT}\n".encode(), "text/csv"))
    at.button(key="reads_submit").click().run()
    assert [pen.tags for pen in Api("token-risk").count_session(OPEN).pens] == [0, 1]


def test_heads_counted_by_eye_show_those_without_a_tag() -> None:
    at = uploaded("officer", reads(range(10)))
    at.number_input(key="heads_number").set_value(12)
    at.button(key="heads_submit").click().run()
    assert "Untagged 2" in text(at)


def test_a_session_goes_from_reads_over_a_sample_to_a_result() -> None:
    at = uploaded("officer", reads(range(120)) + f"\n{tag(120)},{AT},2号舍".encode("gb18030"))
    at.button(key="sample_submit").click().run()
    drawn = Api("token-officer").count_session(OPEN).sample
    assert drawn is not None
    assert len(drawn.animals) == 20
    assert "Sample: 0 of 20 animals photographed" in text(at)

    first, *others = drawn.animals
    at.selectbox(key="photos_animal").select(first.tag)
    at.file_uploader(key="photos_files").set_value([("IMG_1.jpg", b"one", "image/jpeg")])
    at.button(key="photos_submit").click().run()
    assert "Sample: 1 of 20 animals photographed" in text(at)
    rest = [(f"{one.identity}.jpg", one.tag.encode(), "image/jpeg") for one in others]
    at.file_uploader(key="photos_files").set_value([*rest, ("dog.jpg", b"dog", "image/jpeg")])
    at.button(key="photos_submit").click().run()
    assert "Not of this sample: dog.jpg." in text(at)
    at.file_uploader(key="photos_files").set_value([*rest, (f"{others[0].tag}-2.jpg", b"two", "image/jpeg")])
    at.button(key="photos_submit").click().run()
    assert "Several photos of one animal" in text(at)
    at.file_uploader(key="photos_files").set_value(rest)
    at.button(key="photos_submit").click().run()
    held = Api("token-officer").count_session(OPEN).sample
    assert held is not None
    assert {one.tag: one.photo_sha256 for one in held.animals}[first.tag] == hashlib.sha256(b"one").hexdigest()
    assert held.photographed == 20
    assert "20 of 121 animals photographed, 0 of them not the enrolled one: at most 15 of the 121" in text(at)

    at.button(key="close_submit").click().run()
    assert "Please confirm that it is to be closed for good." in text(at)
    at.checkbox(key="close_sure").check()
    at.button(key="close_submit").click().run()
    assert Api("token-officer").count_session(OPEN).passed
    assert "Passed: 121 different animals were shown" in text(at)
    assert not [b for b in at.button if b.key in {"close_submit", "sample_submit", "reads_submit"}]


def test_a_session_is_opened_over_the_pens_of_a_farm() -> None:
    at = opened("officer", "inspections", "en", loan="L1")
    at.multiselect(key="session_pens").set_value(["f1-p1", "f1-p3"])
    at.button(key="session_submit").click().run()
    assert "The session is open" in text(at)
    newest = Api("token-officer").count_sessions("L1")[0]
    assert (newest.farm_id, newest.pens, newest.opened_by) == ("f1", ["f1-p1", "f1-p3"], "officer")
    assert newest.freeze_from <= NOW < newest.freeze_until


def test_an_auditor_reads_and_cannot_do_and_a_farm_sees_nothing_of_it() -> None:
    doing = {"session_submit", "reads_submit", "heads_submit", "sample_submit"}
    for query in ({}, {"id": OPEN}):
        assert not doing & {b.key for b in opened("auditor", "inspections", "en", **query).button}
    assert "inspections" not in opened("farm", "map").session_state["links"]


def test_a_session_that_is_not_ones_own_is_said_calmly() -> None:
    shown = text(opened("officer", "inspections", "en", id="c" * 16))
    assert "This cannot be shown: there is no such count session" in shown
