"""The task table by a clock of its own."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.task_table import Busy, Task, TaskTable


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def made_table(**options: Any) -> tuple[TaskTable, Clock]:
    clock = Clock()
    return TaskTable(**({"seconds": 10, "concurrency": 2, "clock": clock} | options)), clock


def add(table: TaskTable, count: int = 1, model: str = "m", owner: str = "o") -> list[Task]:
    tasks = [table.add(owner, model, {}) for _ in range(count)]
    for task in tasks:
        table.finish_work(task.id)
    return tasks


def states(table: TaskTable) -> list[str]:
    return [task.state for task in table.all()]


def test_it_works() -> None:
    table, clock = made_table()
    [task] = add(table)
    assert task.state == "RUNNING"
    clock.now += 9.9
    assert states(table) == ["RUNNING"]
    clock.now += 0.2
    [ended] = table.all()
    assert (ended.state, ended.started_at, ended.ended_at, ended.billed) == (
        "SUCCEEDED",
        100.0,
        110.0,
        1,
    )


def test_surplus_waits_its_turn_and_starts_when_a_slot_is_free() -> None:
    table, clock = made_table()
    add(table, 5)
    assert states(table) == ["RUNNING"] * 2 + ["PENDING"] * 3
    clock.now += 100  # nobody looked meanwhile
    spans = [(task.started_at, task.ended_at) for task in table.all()]
    assert spans == [(100, 110), (100, 110), (110, 120), (110, 120), (120, 130)]
    assert table.peaks() == {"max_running": 2, "max_in_flight": 5}


def test_a_task_is_not_over_before_its_image_is_made() -> None:
    table, clock = made_table()
    task = table.add("o", "m", {})
    clock.now += 15
    assert states(table) == ["RUNNING"]
    table.finish_work(task.id, ("InvalidPerson", "nobody"))
    [ended] = table.all()
    assert (ended.state, ended.ended_at, ended.billed) == ("FAILED", 115.0, 0)


def test_surplus_can_be_refused() -> None:
    table, clock = made_table(overflow="refuse")
    add(table, 2)
    with pytest.raises(Busy):
        table.add("o", "m", {})
    clock.now += 10
    assert add(table)[0].state == "RUNNING"


def test_the_tasks_of_one_call_are_accepted_together_or_not_at_all() -> None:
    table, clock = made_table(overflow="refuse")
    full = [Task(name, "o", "full", {}, 100.0, images=3) for name in ("a", "b", "c")]
    assert [task.state for task in table.add_all(full)] == ["RUNNING", "RUNNING", "PENDING"]
    fast = [Task("d", "o", "fast", {}, 100.0), Task("e", "o", "full", {}, 100.0)]
    with pytest.raises(Busy):
        table.add_all(fast)
    assert [task.id for task in table.all()] == ["a", "b", "c"]
    table.finish_work("a")
    clock.now += 10
    assert [task.billed for task in table.all()] == [3, 0, 0]


def test_some_tasks_are_slower() -> None:
    table, clock = made_table()
    for task in table.add_all([Task(n, "o", "m", {}, 100.0, slowness=float(n)) for n in "12"]):
        table.finish_work(task.id)
    clock.now += 100
    assert [task.ended_at for task in table.all()] == [110.0, 120.0]


def test_slots_are_per_model_and_account() -> None:
    table, _ = made_table()
    for owner, model in (("o", "m"), ("o", "n"), ("p", "m")):
        assert [task.state for task in add(table, 2, model, owner)] == ["RUNNING"] * 2


def test_only_what_waits_can_be_cancelled() -> None:
    table, clock = made_table()
    running, _, waiting = add(table, 3)
    assert not table.cancel("o", running.id)
    assert not table.cancel("p", waiting.id)
    assert not table.cancel("o", "nothing")
    assert table.cancel("o", waiting.id)
    assert not table.cancel("o", waiting.id)
    clock.now += 100
    assert states(table) == ["SUCCEEDED", "SUCCEEDED", "CANCELED"]


def test_an_account_sees_its_tasks_only() -> None:
    table, _ = made_table()
    [task] = add(table)
    assert table.get("o", task.id)
    assert table.get("p", task.id) is None
    assert table.all("p") == []


def test_tasks_of_different_lengths_are_the_same_for_a_seed() -> None:
    def lengths(seed: int) -> list[float]:
        table = TaskTable(seconds=5, seconds_most=10, seed=seed, concurrency=5)
        return [table.add("key", "aitryon-plus", {}).seconds for _ in range(20)]

    assert lengths(1) == lengths(1) != lengths(2)
    assert all(5 <= seconds <= 10 for seconds in lengths(1))
