from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jobs.dispatch import pacing

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_it_works() -> None:
    window = pacing.SlidingWindow(10)
    for n in range(8):
        assert window.room(n / 100) == 8 - n
        window.take(n / 100)
    assert window.room(0.5) == 0
    assert window.room(1.0) == 1


@given(st.floats(0.1, 50), st.lists(st.floats(0, 0.5), max_size=200))
def test_no_second_sees_more_than_the_rate(rate: float, gaps: list[float]) -> None:
    window, now, sent = pacing.SlidingWindow(rate), 0.0, []
    for gap in gaps:
        now += gap
        if window.room(now) > 0:
            window.take(now)
            sent.append(now)
    for start in sent:
        within = [t for t in sent if start <= t < start + 1]
        assert len(within) <= max(1, rate)


def test_a_rate_below_one_is_spread() -> None:
    window = pacing.SlidingWindow(0.5)
    window.take(0)
    assert window.room(2.0) == 0
    assert window.room(2.5) == 1


def test_pacing_follows_what_steps_usually_take() -> None:
    assert pacing.first_poll_at(NOON, 20) == NOON + timedelta(seconds=14)
    assert pacing.first_poll_at(NOON, None) == NOON + timedelta(seconds=1)
    soon = pacing.next_poll_at(NOON + timedelta(seconds=15), NOON, 20)
    assert soon - NOON == timedelta(seconds=16)
    overdue = NOON + timedelta(seconds=600)
    assert pacing.next_poll_at(overdue, NOON, 20) - overdue == timedelta(seconds=5)


def test_what_is_typical_is_learned() -> None:
    typical = pacing.update_typical(None, 10)
    assert typical == 10
    for _ in range(50):
        typical = pacing.update_typical(typical, 20)
    assert 19.9 < typical <= 20


def test_a_question_that_came_late_teaches_nothing() -> None:
    assert pacing.is_late(NOON + timedelta(seconds=20), NOON)
    assert not pacing.is_late(NOON + timedelta(seconds=1), NOON)
