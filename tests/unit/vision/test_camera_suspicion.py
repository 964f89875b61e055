"""The state machine between a picture that looks wrong and a finding."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vision.camera.suspicion import Patience, Suspicion

START = datetime(2026, 3, 1, tzinfo=UTC)
steps = st.lists(st.tuples(st.floats(0.0, 30.0), st.booleans()), max_size=80)
patiences = st.builds(
    Patience, st.floats(0, 8), st.integers(1, 5), st.floats(1, 40), st.integers(1, 4), st.floats(0, 2)
)


def course(given_steps: list[tuple[float, bool]], patience: Patience) -> list[tuple[datetime, bool, Suspicion]]:
    state, now, passed = Suspicion(), START, []
    for wait_s, wrong in given_steps:
        now += timedelta(seconds=wait_s)
        state = state.after(now, patience, looks_wrong=wrong)
        passed.append((now, wrong, state))
    return passed


@given(steps, patiences)
def test_a_finding_never_ends_within_its_hold_time_of_the_last_wrong_picture(
    given_steps: list[tuple[float, bool]], patience: Patience
) -> None:
    held, last_wrong = False, START
    for now, wrong, state in course(given_steps, patience):
        if held and not state.holds:
            assert now - last_wrong >= timedelta(seconds=patience.hold_s)
        held, last_wrong = state.holds, now if wrong else last_wrong


@given(steps, patiences)
def test_a_finding_needs_the_time_and_the_pictures_that_patience_asks_for(
    given_steps: list[tuple[float, bool]], patience: Patience
) -> None:
    held = False
    for now, wrong, state in course(given_steps, patience):
        if state.holds and not held:
            assert wrong
            assert state.since is not None
            assert now - state.since >= timedelta(seconds=patience.rise_s)
            assert state.wrong >= patience.rise_pictures
        held = state.holds


@given(steps, patiences)
def test_honest_pictures_alone_never_make_a_finding(given_steps: list[tuple[float, bool]], patience: Patience) -> None:
    honest = [(wait_s, False) for wait_s, _ in given_steps]
    assert all(state == Suspicion() for _, _, state in course(honest, patience))


@given(steps, patiences)
def test_long_enough_honesty_ends_every_finding(given_steps: list[tuple[float, bool]], patience: Patience) -> None:
    honest = [(41.0, False)] * patience.hold_pictures
    assert course([*given_steps, (0.0, False), *honest], patience)[-1][2] == Suspicion()
