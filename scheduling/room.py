"""Room for a job where the plan has none: work that nobody was promised makes way, and is put elsewhere.

What was promised stays in its window; what is begun or under way is not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scheduling.draft import Draft
from scheduling.problem import Priority, Window

TRIED = 10
"""Operatives who are asked to make room, the nearest first."""


@dataclass(frozen=True)
class Room:
    """A job has its place: which others left their operative or day for it, and which have no visit now."""

    shift: int
    moved: tuple[int, ...]
    left_out: tuple[int, ...]


def loose(draft: Draft, shift: int) -> list[int]:
    """The jobs of a shift that nobody was promised and nobody has begun, in their order."""
    return [number for number in waiting(draft, shift) if not draft.desk.is_confirmed(number)]


def waiting(draft: Draft, shift: int) -> list[int]:
    """The jobs of a shift that are not begun or under way, emergencies left out, in their order."""
    desk = draft.desk
    stops = dict.fromkeys(job for job, _ in desk.board.routes([shift]).stops[shift])
    return [
        number for number in stops
        if not desk.board.is_fixed(number) and desk.jobs[number].priority is not Priority.EMERGENCY
        and not draft.confirmed.get(number, False)
    ]  # fmt: skip


def make_room(draft: Draft, number: int, window: Window, put: Callable[[int], bool], tried: int = TRIED) -> Room | None:
    """Puts a job of one person where work that nobody was promised makes way; None, and nothing done, if nowhere.

    ``put`` puts it into a shift that has been cleared so. The first shift is taken of which all that made way has a
    place, else the one that leaves the least without.
    """
    best: tuple[int, int] | None = None
    for shift in draft.desk.board.able(number, window, tried):
        with draft.trial() as trial:
            room = _cleared(draft, shift, put)
            if room is not None and not room.left_out:
                trial.keep()
                return room
        if room is not None and (best is None or len(room.left_out) < best[0]):
            best = len(room.left_out), shift
    return None if best is None else _cleared(draft, best[1], put)


def _cleared(draft: Draft, shift: int, put: Callable[[int], bool]) -> Room | None:
    out = loose(draft, shift)
    for number in out:
        draft.remove(number)
    if not put(shift):
        return None
    moved, left_out = put_back(draft, out, shift)
    return Room(shift, moved, left_out)


def put_back(draft: Draft, numbers: Iterable[int], shift: int | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Puts jobs into their windows again, in their shift where it has room; who moved, and who has no place now."""
    desk, moved, left_out = draft.desk, [], []
    for number in numbers:
        if desk.board.is_planned(number):
            continue
        if shift is not None and stay(draft, number, shift):
            continue
        if draft.place(number, draft.windows.get(number, desk.window_of(number))) is None:
            left_out.append(number)
        else:
            moved.append(number)
    return tuple(moved), tuple(left_out)


def stay(draft: Draft, number: int, shift: int) -> bool:
    """Whether a job could be put into a shift, where that costs least."""
    desk = draft.desk
    if len(desk.jobs[number].roles) > 1:
        return False
    found = desk.board.nearest(number, desk.now_s, desk.end_s, [shift], is_urgent=False)
    return bool(found) and desk.board.send(found[0])
