"""A route's stops as spans, which are put together without going through their stops again.

A span is some stops one after another: how long they take, when they can begin at the earliest and at the latest to
take no longer, and what their ways cost (Vidal and others, European Journal of Operational Research 234, 2014). So what
a route costs with one stop more is known in a few steps, however many stops it has. That is exact where a drive takes
as long at any hour, nobody rests, and neither overtime nor lateness has a price; elsewhere there are no spans.
"""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

import numpy as np

from scheduling.engine.arrays import (
    BREAKS,
    CLOSE,
    DRIVE_PRICE,
    DUE,
    END,
    END_PLACE,
    FAR,
    FETCH_S,
    JOB,
    LONGEST,
    MAX_LEG,
    NEVER,
    OPENS,
    OPENS_END,
    PLACE,
    START,
    START_PLACE,
    STORE_PLACE,
    UNIT,
    WANTS,
    WEEK,
    WINDOW,
    WINDOWS_END,
    WORK_PRICE,
    Model,
)
from scheduling.engine.clock import metres, seconds, service_of
from scheduling.engine.compiled import within
from scheduling.engine.state import AHEAD, BEHIND, END_BY, HIGH, LOW, SPANNED, State, is_short

Span = tuple[int, int, int, int]
"""Seconds from its beginning to its end (FAR: it cannot be), earliest and latest beginning, cost of its ways."""


@within
def has_spans(model: Model, state: State, node: int, s: int) -> bool:
    """Whether spans tell what a route costs with a node."""
    return state.tally[s, SPANNED] > 0 and is_even_stop(model, node, s)


@within
def look_along(model: Model, state: State, s: int) -> None:
    """Set the spans of a route from its start to each stop, and from each to its end, none by a store."""
    size = state.size[s]
    spanned = is_even_shift(model, s)
    for p in range(size):
        spanned = spanned and is_even_stop(model, state.route[s, p], s)
    state.tally[s, SPANNED] = spanned
    if not spanned:
        return
    start, close = model.shift[s, START], model.shift[s, CLOSE]
    here = model.shift[s, START_PLACE]
    span = (np.int64(0), start, close if model.shift[s, LONGEST] >= 0 else start, np.int64(0))
    note_span(state, s, 0, AHEAD, span)
    for p in range(size):
        node = state.route[s, p]
        span = joined(model, s, span, here, model.node[node, PLACE], stop_span(model, state, s, node), True)
        note_span(state, s, p + 1, AHEAD, span)
        here = model.node[node, PLACE]
    there = model.shift[s, END_PLACE]
    span = (np.int64(0), start, close, np.int64(0))
    note_span(state, s, size, BEHIND, span)
    for p in range(size - 1, -1, -1):
        node = state.route[s, p]
        span = joined(model, s, stop_span(model, state, s, node), model.node[node, PLACE], there, span, p + 1 < size)
        note_span(state, s, p, BEHIND, span)
        there = model.node[node, PLACE]


@within
def is_even_shift(model: Model, s: int) -> bool:
    """Whether time has one price all through a shift, and passes evenly."""
    even = model.is_even and model.shift[s, BREAKS] == 0 and model.shift[s, WEEK] < 0
    even = even and model.shift[s, CLOSE] <= model.shift[s, END]
    for store in range(len(model.store)):
        even = even and model.store[store, OPENS_END] - model.store[store, OPENS] == 1
    return bool(even)


@within
def is_even_stop(model: Model, node: int, s: int) -> bool:
    """Whether a node has one window, and is in time whenever a shift does it."""
    one = model.node[node, WINDOWS_END] - model.node[node, WINDOW] == 1
    return bool(one and model.node[node, DUE] >= model.shift[s, CLOSE])


@within
def stop_span(model: Model, state: State, s: int, node: int) -> Span:
    """The span of one stop."""
    job, service = model.node[node, JOB], np.int64(service_of(model, state, node, s))
    window = model.node[node, WINDOW]
    opens = max(model.window[window, 0], state.bound[job, LOW])
    closes = min(model.window[window, 1], state.bound[job, HIGH], state.bound[job, END_BY] - service)
    return (service if opens <= closes else np.int64(FAR), opens, closes, np.int64(0))


@within
def store_span(model: Model, store: int) -> Span:
    """The span of a call at a store."""
    window = model.store[store, OPENS]
    return (model.store[store, FETCH_S], model.window[window, 0], model.window[window, 1], np.int64(0))


@within
def note_span(state: State, s: int, p: int, side: int, span: Span) -> None:
    """Write down a span of a route up to a place, or from it on."""
    for column in range(4):
        state.span[s, p, side + column] = span[column]


@within
def noted(state: State, s: int, p: int, side: int) -> Span:
    """The span of a route up to a place, or from it on."""
    row = state.span[s, p]
    return (row[side], row[side + 1], row[side + 2], row[side + 3])


@within
def joined(model: Model, s: int, first: Span, here: int, there: int, then: Span, is_leg: bool) -> Span:
    """The span of one after another, from a place to another; ``is_leg`` where an operative may not drive too far."""
    drive = seconds(model, here, there)
    ahead = first[0] + drive
    if first[1] + ahead > then[2] or (is_leg and drive > model.shift[s, MAX_LEG]):
        return (np.int64(FAR), first[1], first[2], np.int64(0))
    waits: int = max(np.int64(0), then[1] - ahead - first[2])
    way = metres(model, here, there) * UNIT + drive * model.price[DRIVE_PRICE]
    return (
        ahead + then[0] + waits,
        max(then[1] - ahead, first[1]) - waits,
        min(then[2] - ahead, first[2]),
        first[3] + then[3] + way,
    )


@within
def cost_of_span(model: Model, s: int, span: Span) -> int:
    """What way and time of a whole route cost; NEVER if it cannot be driven, or takes too long."""
    longest = model.shift[s, LONGEST]
    if span[0] >= FAR or (longest >= 0 and span[0] > longest):
        return np.int64(NEVER)
    return span[3] + span[0] * model.price[WORK_PRICE]


@within
def cheapest_span(model: Model, state: State, node: int, s: int, p: int, limit: int) -> tuple[int, int, int]:
    """Of a route with a node put into it: cost of way and time, before which stop it goes by which store.

    As ``cheapest_call`` tells it: NEVER where nothing is below the limit, -1 without need for a store.
    """
    size, place = state.size[s], model.node[node, PLACE]
    here = model.shift[s, START_PLACE] if p == 0 else model.node[state.route[s, p - 1], PLACE]
    there = model.shift[s, END_PLACE] if p == size else model.node[state.route[s, p], PLACE]
    own = stop_span(model, state, s, node)
    tail = joined(model, s, own, place, there, noted(state, s, p, BEHIND), p < size)
    best, before, best_store = np.int64(limit), np.int64(-1), np.int64(-1)
    if not is_short(model, state, s, node):
        best = cost_of_span(model, s, joined(model, s, noted(state, s, p, AHEAD), here, place, tail, True))
        return (best if best < limit else np.int64(NEVER), before, best_store)
    first = lacks_from(model, state, node, s, p)
    for store in range(len(model.store)):
        has = True
        for kind in range(model.stock.shape[1]):
            short = state.used[s, kind] + model.needs[node, kind] > model.stock[s, kind]
            has = has and (model.holds[store, kind] > 0 or not short)
        if has:
            cost, at = call_before(model, state, s, p, store, first, place, tail)
            if cost < best:
                best, before, best_store = cost, at, store
            if first > p:
                ahead = joined(model, s, noted(state, s, p, AHEAD), here, place, own, True)
                cost, at = call_after(model, state, s, p, store, first, place, ahead)
                if cost < best:
                    best, before, best_store = cost, at, store
    return (best if before >= 0 else np.int64(NEVER), before, best_store)


@within
def lacks_from(model: Model, state: State, node: int, s: int, p: int) -> int:
    """The first stop for which a van has not all, in a route with a node put into it; that it lacks some is known."""
    for kind in range(model.stock.shape[1]):
        state.pieces[kind] = 0
    for at in range(state.size[s] + 1):
        one = node if at == p else state.route[s, at - (at > p)]
        if model.node[one, WANTS]:
            for kind in range(model.stock.shape[1]):
                state.pieces[kind] += model.needs[one, kind]
                if state.pieces[kind] > model.stock[s, kind]:
                    return at
    return state.size[s]


@within
def call_before(
    model: Model, state: State, s: int, p: int, store: int, first: int, place: int, tail: Span
) -> tuple[int, int]:  # fmt: skip
    """The least cost of a route that calls at a store up to its stop ``p``, which is new, and before which stop."""
    by, call = model.store[store, STORE_PLACE], store_span(model, store)
    best, before = np.int64(NEVER), np.int64(-1)
    there, behind = place, tail
    for at in range(p, -1, -1):
        if at < p:
            one = state.route[s, at]
            here = model.node[one, PLACE]
            behind = joined(model, s, stop_span(model, state, s, one), here, there, behind, True)
            there = here
        if at <= first:
            here = model.shift[s, START_PLACE] if at == 0 else model.node[state.route[s, at - 1], PLACE]
            ahead = joined(model, s, noted(state, s, at, AHEAD), here, by, call, False)
            cost = cost_of_span(model, s, joined(model, s, ahead, by, there, behind, True))
            if cost < NEVER and cost <= best:
                best, before = cost, np.int64(at)
    return best, before


@within
def call_after(
    model: Model, state: State, s: int, p: int, store: int, first: int, place: int, ahead: Span
) -> tuple[int, int]:  # fmt: skip
    """The least cost of a route that calls at a store after its stop ``p``, which is new, and before which stop."""
    by, call = model.store[store, STORE_PLACE], store_span(model, store)
    best, before = np.int64(NEVER), np.int64(-1)
    here = place
    for at in range(p + 1, first + 1):
        one = state.route[s, at - 1]
        there = model.node[one, PLACE]
        fetched = joined(model, s, ahead, here, by, call, False)
        cost = cost_of_span(model, s, joined(model, s, fetched, by, there, noted(state, s, at - 1, BEHIND), True))
        if cost < best:
            best, before = cost, np.int64(at)
        ahead = joined(model, s, ahead, here, there, stop_span(model, state, s, one), True)
        here = there
    return best, before
