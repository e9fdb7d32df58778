"""Work one turn ahead: begun while the turn before it lasts, taken once, forgotten where nobody comes for it."""

from __future__ import annotations

import threading

import pytest

from flows import ahead
from flows.ahead import one_ahead, taken


class Work:
    """Squares numbers and keeps which thread did."""

    def __init__(self) -> None:
        self.threads: dict[int, str] = {}
        self.done = threading.Semaphore(0)

    def __call__(self, number: int) -> int:
        self.threads[number] = threading.current_thread().name
        self.done.release()
        if number == 13:
            raise ValueError("unlucky")
        return number * number


def test_the_next_is_worked_on_while_one_is_used() -> None:
    work = Work()
    squares = []
    with one_ahead(work, [2, 3, 4]) as turns:
        for number in turns:
            squares.append(taken(work, number))
            if number < 4:
                while number + 1 not in work.threads:
                    assert work.done.acquire(timeout=10)
                assert work.threads.keys() <= set(range(2, number + 2)), "one turn ahead and no more"
    assert squares == [4, 9, 16]
    assert work.threads[2] == threading.current_thread().name
    assert work.threads[3].startswith("ahead")
    assert not ahead._BEGUN


def test_what_is_tried_again_is_worked_on_anew() -> None:
    work = Work()
    with one_ahead(work, [2, 3]) as turns:
        assert [taken(work, number) for number in turns for _ in range(2)] == [4, 4, 9, 9]


def test_a_fault_meets_who_comes_for_it() -> None:
    work = Work()
    with one_ahead(work, [2, 13]) as turns, pytest.raises(ValueError, match="unlucky"):
        for number in turns:
            taken(work, number)
    assert not ahead._BEGUN


def test_what_nobody_came_for_is_forgotten() -> None:
    work = Work()
    with pytest.raises(KeyError), one_ahead(work, [2, 3, 4]) as turns:
        next(turns)
        raise KeyError
    assert not ahead._BEGUN


@pytest.mark.parametrize("items", [[], [2]])
def test_few_items_need_no_thread(items: list[int]) -> None:
    with one_ahead(Work(), items) as turns:
        assert list(turns) == items
