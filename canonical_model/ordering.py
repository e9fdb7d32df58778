"""What scheduling reads of orders that other systems raise at it: homes, items of the schedule of rates, orders it had.

References, places, minutes and numbers; nothing of a tenant. Each text is one set-based query.
"""

from __future__ import annotations

from typing import LiteralString

HOME: LiteralString = """
SELECT g.latitude::float8, g.longitude::float8, a.easting_m::float8, a.northing_m::float8, a.repairs_area_code AS area,
    coalesce(a.asset_type_code IN ('flat', 'maisonette', 'bedsit', 'studio', 'room', 'block', 'sub_block'), false)
        AS is_in_block
FROM canonical.asset a
LEFT JOIN canonical.golden_link l ON l.entity_type = 'asset' AND l.entity_id = a.id
LEFT JOIN canonical.golden_asset g ON g.id = l.golden_id
WHERE a.asset_ref = %s AND a.ended_run_id IS NULL
ORDER BY g.latitude IS NULL, a.easting_m IS NULL, a.id LIMIT 1
"""
"""Where a home is: as all systems together know it, and as one does."""

ITEMS: LiteralString = """
SELECT DISTINCT ON (i.sor_code) i.sor_code, t.trade_ref, i.standard_minutes::float8 AS minutes,
    greatest(i.min_operatives, 1) AS crew, EXISTS (SELECT FROM canonical.operative_skill s
        WHERE s.sor_code = i.sor_code AND s.ended_run_id IS NULL) AS is_skill
FROM canonical.sor_item i LEFT JOIN canonical.trade t ON t.id = i.trade_id
WHERE i.sor_code = ANY(%s) AND i.ended_run_id IS NULL
ORDER BY i.sor_code, i.standard_minutes IS NULL, i.start_date DESC NULLS LAST, i.id
"""
"""The items of those codes: trade, minutes of one unit, least crew, whether operatives are given it one by one."""

ORDERS: LiteralString = """
SELECT DISTINCT ON (w.work_order_ref) w.work_order_ref AS order_ref, a.asset_ref AS location_ref,
    w.priority_code, w.target_at, number.id AS old_id, coalesce(line.lines, '[]') AS lines
FROM canonical.work_order w LEFT JOIN canonical.asset a ON a.id = w.asset_id
LEFT JOIN LATERAL (
    SELECT value::integer AS id FROM canonical.identifier
    WHERE entity_type = 'work_order' AND entity_id = w.id AND scheme_code = 'work_order_ref'
        AND allocated_by = %(scheduler)s AND ended_run_id IS NULL AND value ~ '^[0-9]{1,9}$' LIMIT 1
) number ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('sor_code', e.sor_code, 'quantity', coalesce(e.quantity, 1)::float8,
        'minutes', e.standard_minutes::float8, 'trade_ref', t.trade_ref) ORDER BY e.element_number, e.id) AS lines
    FROM canonical.work_element e LEFT JOIN canonical.trade t ON t.id = e.trade_id
    WHERE e.work_order_id = w.id AND e.ended_run_id IS NULL AND e.sor_code IS NOT NULL
) line ON true
WHERE w.work_order_ref = ANY(%(refs)s) AND w.ended_run_id IS NULL
ORDER BY w.work_order_ref, w.id
"""
"""Orders that the hub has from the council's systems, with the old scheduler's number where it gave one."""

BOOKED: LiteralString = """
SELECT DISTINCT ON (w.work_order_ref) w.work_order_ref AS order_ref, v.booking_ref::integer AS old_id
FROM canonical.appointment v JOIN canonical.work_order w ON w.id = v.work_order_id
WHERE w.work_order_ref = ANY(%(refs)s) AND v.ended_run_id IS NULL AND v.booking_ref ~ '^[0-9]{1,9}$'
    AND v.completed_at IS NULL
ORDER BY w.work_order_ref, v.window_start_at DESC NULLS LAST, v.id
"""
"""The old scheduler's number of each order's last visit that was not made."""

AWAY: LiteralString = """
SELECT o.operative_ref, greatest(x.start_at, %(first)s) AS start_at, least(x.end_at, %(last)s) AS end_at
FROM (
    SELECT operative_id, (start_date + coalesce(start_time, '00:00')) AT TIME ZONE 'Europe/London' AS start_at,
        CASE WHEN end_date IS NULL THEN 'infinity'::timestamptz
            WHEN end_time IS NULL THEN (end_date + 1)::timestamp AT TIME ZONE 'Europe/London'
            ELSE (end_date + end_time) AT TIME ZONE 'Europe/London' END AS end_at
    FROM canonical.absence WHERE ended_run_id IS NULL
    UNION
    SELECT operative_id, start_at, end_at FROM canonical.operative_availability
    WHERE ended_run_id IS NULL AND availability_code = 'no' AND operative_id IS NOT NULL
) x JOIN canonical.operative o ON o.id = x.operative_id AND o.ended_run_id IS NULL
WHERE x.start_at < %(last)s AND x.end_at > %(first)s
ORDER BY 1, 2, 3
"""
"""Who is away when, between two instants; why is nobody's business here."""
