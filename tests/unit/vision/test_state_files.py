"""A camera's watch as a file: as it was, or not at all."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.unit.vision.camera_scenes import START, live, show
from vision.camera.finding import Evidence, Trick
from vision.camera.glance import Blocks
from vision.camera.habits import Habits
from vision.camera.sharpness import Sharpness
from vision.camera.suspicion import Suspicion
from vision.camera.view import View
from vision.camera.watch import CameraWatch
from vision.state.envelope import Fault, Unusable, opened, seal
from vision.state.watch_file import KIND, VERSION, recalled, remembered

HABITS = Habits(memory=16)
numbers = st.floats(0, 1e6, width=32)
moments = st.datetimes(timezones=st.just(START.tzinfo))
suspicions = st.builds(
    Suspicion, st.none() | moments, st.none() | moments, st.integers(0, 99), st.integers(0, 9), st.booleans()
)


@st.composite
def views(draw: st.DrawFn) -> View:
    planes = [draw(arrays.arrays(np.float32, (8, 12), elements=numbers)) for _ in range(4)]
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    outline = draw(arrays.arrays(np.float32, shape, elements=st.floats(-9, 9, width=32)))
    sharp = draw(st.none() | st.builds(Sharpness, st.floats(1e-4, 9), st.floats(1e-4, 9)))
    return View(Blocks(*planes), outline, sharp, draw(st.integers(1, 10**6)))


@st.composite
def watches(draw: st.DrawFn) -> CameraWatch:
    at_s, light, pictures = draw(st.floats(0, 1e9)), draw(st.sampled_from(["", "grey"])), draw(st.integers(0, 99))
    watch = CameraWatch(HABITS, now=draw(moments), at_s=at_s, light=light, pictures=pictures)
    watch.taken.extend(draw(st.lists(moments, max_size=70)))
    watch.view.views = draw(st.dictionaries(st.text(max_size=20), views(), max_size=2))
    watch.suspicions = draw(st.dictionaries(st.sampled_from(Trick), suspicions, max_size=3))
    watch.evidence = {trick: Evidence("measure", 1.0, 2.0, 3.0) for trick in watch.suspicions}
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    for number in range(draw(st.integers(0, 40))):
        watch.replay.memory.keep(rng.integers(0, 2**64, 128, np.uint64), float(number))
        watch.replay.coarse.keep(rng.integers(0, 2**64, 128, np.uint64), float(number))
    return watch


def same(one: CameraWatch, other: CameraWatch) -> bool:
    """Whether all that outlives a restart is equal."""
    held = {trick: state for trick, state in one.suspicions.items() if state != Suspicion()}
    plain = ("now", "at_s", "pictures", "light", "taken", "evidence")
    return (
        all(getattr(one, name) == getattr(other, name) for name in plain)
        and held == other.suspicions
        and one.view.views.keys() == other.view.views.keys()
        and all(alike(view, other.view.views[name]) for name, view in one.view.views.items())
        and one.replay.usual == other.replay.usual
        and (one.replay.kept_at_s, one.replay.at_s) == (other.replay.kept_at_s, other.replay.at_s)
        and all(
            (before.kept, before.entries) == (after.kept, after.entries)
            and np.array_equal(before.prints, after.prints) and np.array_equal(before.times, after.times)
            for before, after in ((one.replay.memory, other.replay.memory), (one.replay.coarse, other.replay.coarse))
        )
    )  # fmt: skip


def alike(one: View, other: View) -> bool:
    planes = all(
        np.array_equal(getattr(one.blocks, name), getattr(other.blocks, name))
        for name in ("mean", "across", "down", "coarse")
    )
    return (
        planes
        and np.array_equal(one.outline, other.outline)
        and (one.sharp, one.pictures) == (other.sharp, other.pictures)
    )


@given(watches())
def test_what_is_remembered_is_recalled_as_it_was(watch: CameraWatch) -> None:
    assert same(watch, recalled(remembered(watch), HABITS))


@pytest.fixture(scope="module")
def content() -> bytes:
    watch = CameraWatch(HABITS)
    show(watch, live(8))
    return remembered(watch)


def test_a_file_that_was_cut_off_anywhere_or_grew_is_damaged(content: bytes) -> None:
    lengths = [*range(200), *range(200, len(content), 997), *range(len(content) - 50, len(content))]
    for length in lengths:
        with pytest.raises(Unusable) as refused:
            recalled(content[:length], HABITS)
        assert refused.value.fault is Fault.DAMAGED
    with pytest.raises(Unusable, match="not those that were written"):
        recalled(content + b"\0", HABITS)


@given(data=st.data())
def test_a_file_with_one_other_byte_is_not_used(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content) - 1) | st.integers(0, 60))
    other = bytearray(content)
    other[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unusable) as refused:
        recalled(bytes(other), HABITS)
    assert refused.value.fault in {Fault.DAMAGED, Fault.OTHER_VERSION}


@given(st.binary(max_size=300))
def test_a_body_that_makes_no_sense_is_damaged_even_when_it_was_sealed(body: bytes) -> None:
    with pytest.raises(Unusable) as refused:
        recalled(seal(KIND, VERSION, body), HABITS)
    assert refused.value.fault is Fault.DAMAGED


def test_a_file_of_another_version_kind_or_memory_says_so(content: bytes) -> None:
    body = opened(KIND, VERSION, content)
    for kind, version in ((KIND, VERSION + 1), ("chain", VERSION)):
        with pytest.raises(Unusable, match=f"it says herdlien {kind} {version}, this program reads"):
            recalled(seal(kind, version, body), HABITS)
    with pytest.raises(Unusable, match="up to 16 pictures, this program 32") as refused:
        recalled(content, Habits(memory=32))
    assert refused.value.fault is Fault.OTHER_VERSION


def test_views_with_numbers_that_are_none_are_damaged() -> None:
    watch = CameraWatch(HABITS)
    show(watch, live(2))
    for view in watch.view.views.values():
        view.outline = np.full_like(view.outline, np.nan)
    with pytest.raises(Unusable, match="no number"):
        recalled(remembered(watch), HABITS)


def test_a_watch_that_was_recalled_goes_on_as_the_other_one_would(content: bytes) -> None:
    watch = recalled(content, HABITS)
    later = START + timedelta(seconds=60)
    before = watch.at_s
    watch.look(next(live(1)), later)
    assert (watch.now, watch.pictures) == (later, 33)
    assert watch.at_s == pytest.approx(before + (later - (START + timedelta(seconds=7.75))).total_seconds())
