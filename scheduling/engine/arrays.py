"""A problem as flat arrays of whole numbers, which compiled code reads.

A node is one role of one job; the nodes of a job stand together. Costs here are sixtieths of a metre, so that a second
of driving or overtime has a whole price.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheduling.engine import supplies
from scheduling.problem import Break, Priority, Problem, Shift

Numbers = NDArray[np.int64]
Short = NDArray[np.int32]

FAR = 2**30  # later than any time, longer than any way
NEVER = 2**62  # dearer than any place
DAY_S = 86_400
UNIT = 60  # costs in a metre
NEAR, HOMES = 100, 40  # how many near nodes and near operatives a node remembers
FIRM = 2_000_000_000 * UNIT  # on top of leaving out a job that was promised or pinned

# columns of Model.node
(
    PLACE,
    JOB,
    ROLE,
    EMERGENCY,
    WINDOW,
    WINDOWS_END,
    DUE,
    LATE,
    LOAD,
    KEY,
    DAY,
    BEFORE_OPERATIVE,
    BEFORE_DAY,
    RESTRICTED,
    WANTS,
) = range(15)
NODE_COLUMNS = 15
# columns of Model.job
FIRST_NODE, ROLES, LEFT_OUT, EARLIEST, DEPTH, TIED = range(6)
JOB_COLUMNS = 6
# columns of Model.shift
(
    OPERATIVE,
    ON_DAY,
    START,
    END,
    CLOSE,
    START_PLACE,
    END_PLACE,
    BREAKS,
    STANDBY,
    CAPACITY,
    WEEK,
    MAX_LEG,
    CLOSED,
    LONGEST,
) = range(14)
SHIFT_COLUMNS = 14
# columns of Model.store
STORE_PLACE, FETCH_S, OPENS, OPENS_END = range(4)
# columns of Model.rest
REST_FROM, REST_BY, REST_S = range(3)
# columns of Model.price
DRIVE_PRICE, OVERTIME_PRICE, MOVED_PRICE, WORK_PRICE = range(4)
# of the two numbers of a way
METRES, SECONDS = 0, 1


class Model(NamedTuple):
    """What does not change while a problem is searched."""

    node: Numbers  # (nodes, NODE_COLUMNS)
    job: Numbers  # (jobs, JOB_COLUMNS)
    shift: Numbers  # (shifts, SHIFT_COLUMNS); LONGEST is -1 where hours begin at START
    window: Numbers  # (windows, 2): starts allowed, by node and then by store, sorted and apart
    rest: Numbers  # (shifts, most breaks, 3)
    service: Short  # (nodes, operatives): seconds; 0 where the operative may not
    penalty: Short  # (nodes, operatives): metres for work outside the operative's areas
    out: Short  # (places, places, 2): metres and seconds from the first to the second
    into: Short  # (places, places, 2): the same, to the first from the second
    near: Numbers  # (nodes, NEAR): other nodes that one shift could hold too, nearest first; -1 at the end
    homes: Numbers  # (nodes, HOMES): operatives who may, nearest first; -1 at the end
    shifts_from: Numbers  # (operatives + 1): where the shifts of each begin in ``shifts_of``
    shifts_of: Numbers
    before_from: Numbers  # (jobs + 1): where the jobs that come before each begin in ``before``
    before: Numbers  # (pairs, 2): job, gap in seconds
    after_from: Numbers
    after: Numbers
    forbidden: Numbers  # node x shifts + shift of single decisions, sorted
    part_start: Numbers  # seconds at which the speed changes
    part_percent: Numbers
    part_at: Numbers  # the part of each minute
    scale: int  # of which every percentage is a divisor
    is_even: bool  # every drive takes its time on empty roads, always
    price: Numbers  # of a second's drive, a second's overtime, a visit that moved, and a second's work
    week_limit: Numbers  # seconds
    keys: int
    days: int
    longest: int  # stops that a route can have
    needs: Short  # (nodes, kinds): pieces that a node takes; a tool is one piece
    stock: Numbers  # (shifts, kinds): pieces in the van at first; of a tool that is there, enough
    store: Numbers  # (stores, 4): place, seconds, and where the hours in which it is open stand in ``window``
    holds: Short  # (stores, kinds): whether a store has a kind


def model_of(problem: Problem, before: Numbers | None = None) -> Model:
    """The arrays of a problem; ``before`` has the operative and day that each node had in an earlier plan, or -1."""
    node_job, first = _numbering(problem)
    service = _service(problem, node_job, first)
    shift, closed_days, week_limit = _shifts(problem)
    forbidden = _decisions(problem, service, shift, first)
    window, spans = _windows(problem)
    window, store = supplies.stores(problem, window)
    needs = supplies.needs(problem)
    after_rows = [
        (follow.job, number, follow.gap_s) for number, job in enumerate(problem.jobs) for follow in job.follows
    ]
    job = _jobs(problem, first, after_rows)
    keys = sorted({one.key_ref for one in problem.jobs if one.key_ref is not None})
    node = _nodes(problem, node_job, first, spans, {key: number for number, key in enumerate(keys)}, before)
    node[np.unique(forbidden // max(1, len(shift))), RESTRICTED] = 1
    node[:, WANTS] = needs.any(axis=1)
    shift[closed_days, CLOSED] = 1
    out = np.stack([problem.travel.distance_m, problem.travel.duration_s], axis=2).astype(np.int32)
    is_same_back = bool((out == out.transpose(1, 0, 2)).all())
    into = out if is_same_back else np.ascontiguousarray(out.transpose(1, 0, 2))
    before_from, before_list = _grouped([(b, a, gap) for a, b, gap in after_rows], len(problem.jobs))
    after_from, after_list = _grouped(after_rows, len(problem.jobs))
    order = np.lexsort((shift[:, START], shift[:, OPERATIVE]))
    part_start, part_percent, part_at = _day_parts(problem)
    most = max((len(one.breaks) for one in problem.shifts), default=0)
    rest = np.full((len(shift), max(1, most), 3), FAR, dtype=np.int64)
    for number, one in enumerate(problem.shifts):
        rests = [(each.earliest_s, each.latest_s, each.duration_s) for _, each in breaks_of(one)]
        rest[number, : len(rests)] = np.array(rests, dtype=np.int64).reshape(-1, 3)
    shortest = int(service[service > 0].min()) if (service > 0).any() else 1
    length = int((shift[:, CLOSE] - shift[:, START]).max()) if len(shift) else 1
    costs = problem.costs
    return Model(
        node=node, job=job, shift=shift, window=window, rest=rest, service=service,
        penalty=_area_penalty(problem, node_job),
        out=out, into=into,
        near=_near(node, service, window, out),
        homes=_homes(node, service, shift, out, len(problem.operatives)),
        shifts_from=np.searchsorted(shift[order, OPERATIVE], np.arange(len(problem.operatives) + 1)).astype(np.int64),
        shifts_of=order.astype(np.int64),
        before_from=before_from, before=before_list, after_from=after_from, after=after_list,
        forbidden=forbidden, part_start=part_start, part_percent=part_percent, part_at=part_at,
        scale=math.lcm(*{int(percent) for percent in part_percent}),
        is_even=bool((part_percent == 100).all()),
        price=np.array(
            [costs.per_drive_minute, costs.per_overtime_minute, costs.moved * UNIT, costs.per_working_minute],
            dtype=np.int64,
        ),
        week_limit=week_limit, keys=len(keys), days=problem.days + 2,
        longest=int(min(len(node), np.clip(length // max(shortest, 1) + 2, 8, 250))) + 1,
        needs=needs, stock=supplies.stock(problem), store=store, holds=supplies.holds(problem),
    )  # fmt: skip


def services_of(problem: Problem) -> Short:
    """Seconds that each operative needs for each node; 0 where they may not."""
    node_job, first = _numbering(problem)
    return _service(problem, node_job, first)


def forbidden_by(problem: Problem, service: Short, shift: Numbers) -> Numbers:
    """``Model.forbidden`` by the pins and blocks; whole operatives are taken out of ``service``."""
    return _decisions(problem, service, shift, _numbering(problem)[1])


def _numbering(problem: Problem) -> tuple[Numbers, Numbers]:
    """The job of each node, and the first node of each job."""
    roles = [len(job.roles) for job in problem.jobs]
    return np.repeat(np.arange(len(roles)), roles), np.concatenate([[0], np.cumsum(roles)]).astype(np.int64)


def _service(problem: Problem, node_job: Numbers, first: Numbers) -> Short:
    """Seconds that each operative needs for each node, as ``problem.service_s``; 0 without the trade or a skill."""
    roles = [role for job in problem.jobs for role in job.roles]
    kinds = {role: number for number, role in enumerate(dict.fromkeys(roles))}
    percent = np.array(
        [
            [
                one.proficiency_percent.get(role.trade, 0) if role.skills <= one.skills else 0
                for one in problem.operatives
            ]
            for role in kinds
        ],
        dtype=np.int64,
    ).reshape(len(kinds), len(problem.operatives))
    of_node = percent[np.array([kinds[role] for role in roles], dtype=np.int64)]
    duration = np.array([job.duration_s for job in problem.jobs], dtype=np.int64)[node_job]
    parking = np.array([job.parking_s for job in problem.jobs], dtype=np.int64)[node_job]
    asked = -(-duration[:, None] * 100 // np.maximum(of_node * 60, 1)) * 60 + parking[:, None]
    return np.where(of_node > 0, np.clip(asked, 1, FAR), 0).astype(np.int32)


def _shifts(problem: Problem) -> tuple[Numbers, Numbers, Numbers]:
    """The shifts, which of them are blocked whole, and the limits of the weeks that some plan could break."""
    shift = np.zeros((len(problem.shifts), SHIFT_COLUMNS), dtype=np.int64)
    begins: dict[int, list[int]] = {}
    for one in problem.shifts:
        begins.setdefault(one.operative, []).append(one.start_s)
    for number, one in enumerate(problem.shifts):
        later = [start for start in begins[one.operative] if start > one.start_s]
        operative = problem.operatives[one.operative]
        shift[number] = (
            one.operative, one.day, one.start_s, one.end_s, min([one.end_s + one.overtime_s, *later]),
            one.start_place, one.end_place,
            len(breaks_of(one)), one.is_standby,
            FAR if one.capacity is None else one.capacity, -1,
            FAR if operative.max_leg_s is None else operative.max_leg_s, 0,
            -1 if one.longest_s is None else one.longest_s,
        )  # fmt: skip
    weeks: dict[tuple[int, int], list[int]] = {}
    for number, one in enumerate(problem.shifts):
        if problem.operatives[one.operative].weekly_limit_s is not None:
            weeks.setdefault((one.operative, _week(problem, one.day)), []).append(number)
    limits: list[int] = []
    for (operative_number, _), members in weeks.items():
        limit = problem.operatives[operative_number].weekly_limit_s
        assert limit is not None
        if int((shift[members, CLOSE] - shift[members, START]).sum()) > limit:
            shift[members, WEEK] = len(limits)
            limits.append(limit)
    blocked = [
        number for block in problem.blocks if block.job is None
        for number in np.flatnonzero(
            (shift[:, OPERATIVE] == block.operative) & ((block.day is None) | (shift[:, ON_DAY] == block.day))
        )
    ]  # fmt: skip
    return shift, np.array(blocked, dtype=np.int64), np.array(limits, dtype=np.int64)


def breaks_of(shift: Shift) -> list[tuple[int, Break]]:
    """The breaks that a shift must hold, in the order in which they are due, each with its number."""
    due = [(number, each) for number, each in enumerate(shift.breaks) if each.latest_s >= shift.start_s]
    return sorted(due, key=lambda pair: (pair[1].earliest_s, pair[1].latest_s, pair[0]))


def _week(problem: Problem, day: int) -> int:
    """The ISO week of a day, counted from the first of the problem."""
    return (problem.starts_at.weekday() + day) // 7


def _decisions(problem: Problem, service: Short, shift: Numbers, first: Numbers) -> Numbers:
    """Pairs of a node and a shift that somebody forbade; whole operatives are taken out of ``service``."""
    pairs: list[Numbers] = []
    for pin in problem.pins:
        if pin.operatives is not None:
            for role, node in enumerate(range(first[pin.job], first[pin.job + 1])):
                may = service[node, pin.operatives[role]]
                service[node] = 0
                service[node, pin.operatives[role]] = may
    for block in problem.blocks:
        if block.job is None:
            continue
        nodes = np.arange(first[block.job], first[block.job + 1])
        if block.day is None:
            service[nodes, block.operative] = 0
        else:
            on = np.flatnonzero((shift[:, OPERATIVE] == block.operative) & (shift[:, ON_DAY] == block.day))
            pairs.append((nodes[:, None] * len(shift) + on).reshape(-1))
    return np.unique(np.concatenate(pairs)).astype(np.int64) if pairs else np.zeros(0, dtype=np.int64)


def _windows(problem: Problem) -> tuple[Numbers, list[tuple[int, int]]]:
    """Starts that are allowed, and where those of each job stand among them."""
    rows: list[tuple[int, int]] = []
    spans = []
    pinned = {pin.job: pin.start_s for pin in problem.pins if pin.start_s is not None}
    for number, job in enumerate(problem.jobs):
        whole = [(each.start_s, each.end_s) for each in job.windows] or [(0, (problem.days + 2) * DAY_S)]
        at = pinned.get(number)
        allowed = sorted(
            (max(start, job.earliest_s if at is None else at), end if at is None else min(end, at))
            for start, end in whole
        )
        begin = len(rows)
        for start, end in allowed:
            if start > end or start < job.earliest_s:
                continue
            if len(rows) > begin and start <= rows[-1][1]:
                rows[-1] = (rows[-1][0], max(end, rows[-1][1]))
            else:
                rows.append((start, end))
        spans.append((begin, len(rows)))
    return np.array(rows, dtype=np.int64).reshape(-1, 2), spans


def _nodes(
    problem: Problem, node_job: Numbers, first: Numbers, spans: list[tuple[int, int]], keys: dict[str, int],
    before: Numbers | None,
) -> Numbers:  # fmt: skip
    node = np.zeros((len(node_job), NODE_COLUMNS), dtype=np.int64)
    day = {pin.job: pin.day for pin in problem.pins if pin.day is not None}
    for number, job in enumerate(problem.jobs):
        for role in range(len(job.roles)):
            node[first[number] + role] = (
                job.place, number, role, job.priority is Priority.EMERGENCY, *spans[number],
                FAR if job.due_s is None or role else job.due_s, problem.costs.late_per_day[job.priority] * UNIT,
                job.load if role == 0 else 0, keys[job.key_ref] if job.key_ref is not None and role == 0 else -1,
                day.get(number, -1), -1, -1, 0, 0,
            )  # fmt: skip
    if before is not None:
        node[:, [BEFORE_OPERATIVE, BEFORE_DAY]] = before
    return node


def _jobs(problem: Problem, first: Numbers, after_rows: list[tuple[int, int, int]]) -> Numbers:
    job = np.zeros((len(problem.jobs), JOB_COLUMNS), dtype=np.int64)
    pinned = {pin.job for pin in problem.pins}
    tied = {number for before, after, _ in after_rows for number in (before, after)}
    for number, one in enumerate(problem.jobs):
        firm = FIRM if one.is_confirmed or number in pinned else 0
        left_out = problem.costs.left_out[one.priority] * UNIT + firm
        job[number] = (first[number], len(one.roles), left_out, one.earliest_s, 0, len(one.roles) > 1 or number in tied)
    for _ in range(len(tied)):
        grown = False
        for before, after, _gap in after_rows:
            if job[after, DEPTH] <= job[before, DEPTH] < len(tied):
                job[after, DEPTH] = job[before, DEPTH] + 1
                grown = True
        if not grown:
            break
    return job


def _grouped(rows: list[tuple[int, int, int]], groups: int) -> tuple[Numbers, Numbers]:
    """(group, job, gap) by group: where each begins, and the job and gap of each row."""
    table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3)
    return np.searchsorted(table[:, 0], np.arange(groups + 1)).astype(np.int64), np.ascontiguousarray(table[:, 1:])


def _area_penalty(problem: Problem, node_job: Numbers) -> Short:
    areas = {area: number for number, area in enumerate(dict.fromkeys(job.area for job in problem.jobs))}
    outside = np.array(
        [
            [bool(one.areas) and area is not None and area not in one.areas for one in problem.operatives]
            for area in areas
        ],
        dtype=bool,
    ).reshape(len(areas), len(problem.operatives))
    of_job = np.array([areas[job.area] for job in problem.jobs], dtype=np.int64)
    penalty: Short = outside[of_job[node_job]].astype(np.int32) * np.int32(problem.costs.outside_area)
    return penalty


def _day_parts(problem: Problem) -> tuple[Numbers, Numbers, Numbers]:
    """Where the speed changes, to what, and the part of each minute: of local time, the clock's changes included."""
    parts = sorted((part.start_minute, part.percent) for part in problem.travel.day_parts)
    hours = (problem.days + 3) * 24
    offsets = [problem.instant(hour * 3_600).utcoffset() or timedelta() for hour in range(hours)]
    shifted = np.array([(each - offsets[0]).total_seconds() // 60 for each in offsets], dtype=np.int64)
    minute = (np.arange(hours * 60) + np.repeat(shifted, 60)) % 1_440
    at = np.searchsorted(np.array([start for start, _ in parts]), minute, side="right") - 1
    percent = np.array([percent for _, percent in parts], dtype=np.int64)[at]
    changes = np.concatenate([[0], np.flatnonzero(np.diff(percent)) + 1])
    part_at = np.searchsorted(changes, np.arange(len(minute)), side="right") - 1
    return (changes * 60).astype(np.int64), percent[changes], part_at.astype(np.int64)


def _near(node: Numbers, service: Short, window: Numbers, out: Short) -> Numbers:
    """The nearest nodes that some operative could do on the same day, by node."""
    count = len(node)
    keep = min(NEAR, count - 1)
    near = np.full((count, max(1, keep)), -1, dtype=np.int64)
    if keep < 1:
        return near
    _, first, member = np.unique(np.packbits(service > 0, axis=1), axis=0, return_index=True, return_inverse=True)
    can = (service[first] > 0).astype(np.float32)
    together = (can @ can.T) > 0
    member = member.reshape(-1)
    has = node[:, WINDOW] < node[:, WINDOWS_END]
    opens = np.where(has, window[np.minimum(node[:, WINDOW], len(window) - 1), 0] if len(window) else 0, 0)
    closes = np.where(has, window[node[:, WINDOWS_END] - 1, 1] if len(window) else 0, 0)
    for low in range(0, count, 512):
        rows = np.arange(low, min(low + 512, count))
        way = out[node[rows, PLACE], :, METRES][:, node[:, PLACE]].astype(np.int64)
        apart = ~together[member[rows]][:, member]
        apart |= opens[rows, None] > closes[None, :] + DAY_S
        apart |= opens[None, :] > closes[rows, None] + DAY_S
        way[apart] = FAR
        way[np.arange(len(rows)), rows] = FAR
        chosen = np.argpartition(way, keep - 1, axis=1)[:, :keep]
        ways = np.take_along_axis(way, chosen, axis=1)
        order = np.lexsort((chosen, ways), axis=1)
        found = np.take_along_axis(chosen, order, axis=1)
        near[rows] = np.where(np.take_along_axis(ways, order, axis=1) < FAR, found, -1)
    return near


def _homes(node: Numbers, service: Short, shift: Numbers, out: Short, operatives: int) -> Numbers:
    """The operatives who may do a node and live nearest, by node."""
    start, end = np.zeros(operatives, dtype=np.int64), np.zeros(operatives, dtype=np.int64)
    start[shift[::-1, OPERATIVE]], end[shift[::-1, OPERATIVE]] = shift[::-1, START_PLACE], shift[::-1, END_PLACE]
    works = np.zeros(operatives, dtype=bool)
    works[shift[:, OPERATIVE]] = True
    keep = min(HOMES, operatives)
    homes = np.full((len(node), max(1, keep)), -1, dtype=np.int64)
    if keep < 1:
        return homes
    for low in range(0, len(node), 512):
        rows = np.arange(low, min(low + 512, len(node)))
        place = node[rows, PLACE]
        way = out[start][:, place, METRES].T.astype(np.int64) + out[place][:, end, METRES]
        way[(service[rows] == 0) | ~works] = FAR
        order = np.argsort(way, axis=1, kind="stable")[:, :keep]
        homes[rows] = np.where(np.take_along_axis(way, order, axis=1) < FAR, order, -1)
    return homes
