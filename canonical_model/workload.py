"""What scheduling reads: who works when, what is to be done and where, what was promised, what was planned and done.

Every text is one set-based query. References are the sources' own numbers; nothing here gives a name, a telephone
number or free text. ``_s`` columns are whole seconds after ``%(starts_at)s``, the first local midnight; days are
numbers after ``%(starts_on)s``, its date. Hours are expanded by PostgreSQL, which knows when clocks change.
"""

from __future__ import annotations

from typing import LiteralString

STANDING: LiteralString = "'open', 'scheduled', 'assigned', 'in_progress', 'variation_approved'"
"""Orders that somebody can go to; others wait for material, a design, an approval or the tenant's call."""
AGREED: LiteralString = "'planned', 'reserved', 'despatched', 'acknowledged', 'accepted', 'arrived', 'started'"
"""Visits that are still to come, or under way."""

OWN: LiteralString = """
SELECT o.* FROM canonical.operative o JOIN canonical.contractor c ON c.id = o.contractor_id AND c.is_in_house
WHERE o.ended_run_id IS NULL AND coalesce(o.is_active, true)
    AND coalesce(o.start_date, %(starts_on)s) < %(starts_on)s::date + %(days)s
    AND coalesce(o.end_date, %(starts_on)s) >= %(starts_on)s
"""
"""The council's own operatives."""

UNSEEN: LiteralString = f"""
SELECT w.work_order_ref FROM canonical.work_order w
WHERE w.ended_run_id IS NULL AND w.status_code IN ({STANDING}) AND w.attended_at IS NULL
    AND NOT EXISTS (SELECT FROM canonical.appointment v
        WHERE v.work_order_id = w.id AND v.ended_run_id IS NULL AND v.arrived_at IS NOT NULL)
"""
"""work_order_ref of the orders that nobody has been to."""

POSTCODES: LiteralString = """
SELECT postcode, avg(easting_m)::float8 AS easting_m, avg(northing_m)::float8 AS northing_m FROM (
    SELECT DISTINCT ON (uprn) postcode, easting_m, northing_m FROM (
        SELECT postcode, uprn, easting_m, northing_m FROM canonical.blpu WHERE ended_run_id IS NULL
        UNION ALL
        SELECT postcode, uprn, easting_m, northing_m FROM canonical.asset
        WHERE ended_run_id IS NULL AND easting_m > 0 AND uprn IS NOT NULL
    ) known ORDER BY uprn, postcode, easting_m, northing_m
) homes WHERE postcode IS NOT NULL GROUP BY postcode
"""
"""The middle of each postcode."""
PLACE: LiteralString = """
LEFT JOIN canonical.asset a ON a.id = w.asset_id
LEFT JOIN canonical.golden_link l ON l.entity_type = 'asset' AND l.entity_id = a.id
LEFT JOIN canonical.golden_asset g ON g.id = l.golden_id
"""
"""Where a work order ``w`` is: as its own system knows the place (``a``), and as all together do (``g``)."""
AT: LiteralString = (
    """a.asset_ref, g.latitude::float8, g.longitude::float8, a.easting_m::float8, a.northing_m::float8"""
)

OPERATIVES: LiteralString = f"""
WITH own AS ({OWN}), postcode AS ({POSTCODES})
SELECT o.operative_ref, t.trade_ref, o.section, o.weekly_limit_minutes, o.max_travel_minutes,
    start.easting_m, start.northing_m, finish.easting_m, finish.northing_m
FROM own o
LEFT JOIN canonical.trade t ON t.id = o.trade_id
LEFT JOIN postcode start ON start.postcode = o.start_postcode
LEFT JOIN postcode finish ON finish.postcode = coalesce(o.end_postcode, o.start_postcode)
ORDER BY o.operative_ref
"""
"""operative_ref, main trade, section, weekly and travel limits in minutes, where the day starts and ends.

Where somebody starts is the middle of the postcode, not their door."""

SKILLS: LiteralString = f"""
WITH own AS ({OWN})
SELECT o.operative_ref, t.trade_ref, s.sor_code, s.proficiency_percent::float8,
    s.qualified_until_date - %(starts_on)s::date
FROM canonical.operative_skill s JOIN own o ON o.id = s.operative_id LEFT JOIN canonical.trade t ON t.id = s.trade_id
WHERE s.ended_run_id IS NULL
ORDER BY o.operative_ref, t.trade_ref, s.sor_code
"""
"""operative_ref, trade, single SOR item, proficiency, the last day on which a certificate holds."""

HOURS: LiteralString = f"""
WITH own AS ({OWN}), days AS (
    SELECT day::date AS day, rtrim(to_char(day, 'day')) AS weekday, day::date = ANY(%(holidays)s::date[]) AS is_holiday
    FROM generate_series(%(starts_on)s::timestamp - interval '1 day',
        %(starts_on)s::timestamp + interval '1 day' * (%(days)s - 1), '1 day') day
), told AS (
    SELECT o.id, d.day, coalesce(s.is_standby, false) AS is_standby, s.start_time, s.end_time,
        s.shift_date IS NULL AS repeats,
        bool_or(s.shift_date IS NOT NULL) OVER (PARTITION BY o.id, d.day, coalesce(s.is_standby, false)) AS has_single
    FROM canonical.shift s JOIN own o ON o.id = s.operative_id JOIN days d ON coalesce(s.shift_date = d.day,
        s.weekday_code = d.weekday AND (s.is_standby OR NOT d.is_holiday))
        AND coalesce(s.start_date <= d.day, true) AND coalesce(s.end_date >= d.day, true)
    WHERE s.ended_run_id IS NULL
), hours AS (
    SELECT id, day, is_standby, (day + start_time) AT TIME ZONE 'Europe/London' AS from_at,
        (day + (end_time <= start_time)::int + end_time) AT TIME ZONE 'Europe/London' AS to_at
    FROM told WHERE repeats <> has_single
), away AS (
    SELECT operative_id AS id, range_agg(away) AS away FROM (
        SELECT operative_id, tstzrange(from_at, greatest(from_at, to_at)) AS away FROM (
            SELECT operative_id, (start_date + coalesce(start_time, '00:00')) AT TIME ZONE 'Europe/London' AS from_at,
                CASE
                    WHEN end_date IS NULL
                    THEN (start_date + %(endless_days)s)::timestamp AT TIME ZONE 'Europe/London'
                    WHEN end_time IS NULL
                    THEN (end_date + 1)::timestamp AT TIME ZONE 'Europe/London'
                    ELSE (end_date + end_time) AT TIME ZONE 'Europe/London' END AS to_at
            FROM canonical.absence WHERE ended_run_id IS NULL
        ) absences
        UNION ALL
        SELECT operative_id, tstzrange(start_at, end_at) FROM canonical.operative_availability
        WHERE ended_run_id IS NULL AND availability_code = 'no' AND operative_id IS NOT NULL
        UNION ALL
        SELECT o.id, tstzrange(a.from_at, a.until_at)
        FROM jsonb_to_recordset(%(told_away)s::jsonb) a (operative_ref text, from_at timestamptz, until_at timestamptz)
        JOIN own o USING (operative_ref)
    ) told GROUP BY operative_id
), member AS (
    SELECT o.id, g.number, row_number() OVER (PARTITION BY g.number ORDER BY o.operative_ref) - 1 AS turn,
        count(*) OVER (PARTITION BY g.number) AS size
    FROM jsonb_array_elements(%(standby_groups)s::jsonb) WITH ORDINALITY g (trades, number)
    JOIN canonical.trade t ON g.trades ? t.trade_ref JOIN own o ON o.trade_id = t.id
        AND EXISTS (SELECT FROM canonical.shift s WHERE s.operative_id = o.id AND s.ended_run_id IS NULL)
), rota AS (
    SELECT m.id, d.day, true AS is_standby, (d.day + CASE WHEN d.is_holiday OR d.weekday IN ('saturday', 'sunday')
            THEN %(standby_end)s::time ELSE %(standby_start)s::time END) AT TIME ZONE 'Europe/London' AS from_at,
        (d.day + 1 + %(standby_end)s::time) AT TIME ZONE 'Europe/London' AS to_at
    FROM days d JOIN member m ON (d.day - date '2024-01-01') / 7 %% m.size = m.turn
    WHERE NOT EXISTS (SELECT FROM hours WHERE is_standby)
), regular AS (
    SELECT id, range_agg(tstzrange(from_at, to_at)) AS hours FROM hours WHERE NOT is_standby GROUP BY id
), planned AS (
    SELECT h.*, tstzmultirange(tstzrange(greatest(from_at, %(starts_at)s::timestamptz), to_at)) AS whole,
        coalesce(a.away, '{{}}') AS away, CASE WHEN is_standby THEN coalesce(r.hours, '{{}}') ELSE '{{}}' END AS taken
    FROM (SELECT * FROM hours UNION ALL SELECT * FROM rota) h
    LEFT JOIN away a USING (id) LEFT JOIN regular r USING (id)
    WHERE to_at > %(starts_at)s AND (is_standby OR day >= %(starts_on)s)
)
SELECT o.operative_ref, greatest(p.day - %(starts_on)s::date, 0), p.is_standby,
    extract(epoch FROM lower(part) - %(starts_at)s)::bigint, extract(epoch FROM upper(part) - %(starts_at)s)::bigint,
    p.is_standby AND NOT isempty((whole - taken) * away)
FROM planned p JOIN own o USING (id) LEFT JOIN LATERAL unnest(whole - taken - away) part ON true
ORDER BY 1, 4, 3
"""
"""operative_ref, day, is_standby, start_s, end_s, is_uncovered: hours without absences, which leave pieces.

Of hours that absences take whole there is a row without instants. A single date takes the place of the weekday's
pattern. The rota out of hours is the systems' own, or else each group of main trades takes turns by the week.
``is_uncovered``: the one whose turn it is, is away, and nobody stands in. ``told_away`` has absences that no system
has, as JSON."""

ENDLESS: LiteralString = f"""
WITH own AS ({OWN})
SELECT DISTINCT o.operative_ref FROM canonical.absence a JOIN own o ON o.id = a.operative_id
WHERE a.ended_run_id IS NULL AND a.end_date IS NULL AND a.start_date < %(starts_on)s::date + %(days)s
ORDER BY o.operative_ref
"""
"""operative_ref of those who are away and nobody knows until when."""

JOBS: LiteralString = f"""
WITH orders AS (
    SELECT w.* FROM canonical.work_order w
    LEFT JOIN canonical.contractor c ON c.id = w.contractor_id
    WHERE w.ended_run_id IS NULL AND w.status_code IN ({STANDING}) AND coalesce(c.is_in_house, true)
), own_items AS (
    SELECT DISTINCT sor_code FROM canonical.operative_skill WHERE ended_run_id IS NULL AND sor_code IS NOT NULL
), line AS (
    SELECT o.id, coalesce(line_trade.trade_ref, item_trade.trade_ref, order_trade.trade_ref) AS trade_ref,
        e.element_number, coalesce(e.standard_minutes, i.standard_minutes * coalesce(e.quantity, 1)) AS minutes,
        greatest(i.min_operatives, 1) AS crew, own_items.sor_code AS own_item, coalesce(e.sor_code, i.sor_code) AS item
    FROM orders o
    LEFT JOIN canonical.work_element e ON e.work_order_id = o.id AND e.ended_run_id IS NULL
        AND coalesce(e.status_code, 'open') IN ('open', 'no_access')
    LEFT JOIN canonical.sor_item i ON i.id = e.sor_item_id
    LEFT JOIN own_items ON own_items.sor_code = e.sor_code
    LEFT JOIN canonical.trade line_trade ON line_trade.id = e.trade_id
    LEFT JOIN canonical.trade item_trade ON item_trade.id = i.trade_id
    LEFT JOIN canonical.trade order_trade ON order_trade.id = o.trade_id
), part AS (
    SELECT id, trade_ref, min(element_number) AS first_line, sum(minutes)::float8 AS minutes,
        count(*) FILTER (WHERE minutes IS NULL) AS untimed, max(crew) AS crew,
        string_agg(DISTINCT own_item, ' ' ORDER BY own_item) AS own_items,
        string_agg(DISTINCT item, ' ' ORDER BY item) AS sor_codes
    FROM line GROUP BY id, trade_ref
), hazard AS (
    SELECT w.id, h.track_code, h.aware_at, h.investigated_at, row_number() OVER (
        PARTITION BY w.id ORDER BY h.track_code = 'emergency' DESC, h.aware_at) AS place
    FROM orders w JOIN canonical.hazard_case h ON h.work_order_id = w.id
        OR h.work_order_id IS NULL AND h.request_id = w.request_id
    WHERE h.ended_run_id IS NULL AND h.made_safe_at IS NULL AND h.track_code IN ('emergency', 'significant')
        AND coalesce(h.status_code, '') NOT IN ('made_safe', 'closed', 'no_hazard')
)
SELECT w.work_order_ref, p.trade_ref, p.first_line, p.minutes, p.untimed, coalesce(p.crew, 1), p.own_items,
    w.priority_code, w.raised_at, extract(epoch FROM w.target_at - %(starts_at)s)::bigint,
    h.track_code, h.aware_at, h.investigated_at,
    r.is_right_to_repair, r.reported_at, w.estimated_cost::float8, p.sor_codes, r.access_code,
    {AT}, a.repairs_area_code,
    a.asset_type_code IN ('flat', 'maisonette', 'bedsit', 'studio', 'room', 'block', 'sub_block')
FROM orders w JOIN part p ON p.id = w.id
LEFT JOIN canonical.repair_request r ON r.id = w.request_id
LEFT JOIN hazard h ON h.id = w.id AND h.place = 1
{PLACE}
ORDER BY w.work_order_ref, p.first_line, p.trade_ref
"""
"""One row an order and trade that stand open for the council's own workforce: what, how long, how soon, where."""

VISITS: LiteralString = f"""
SELECT DISTINCT ON (coalesce(v.booking_ref, v.id::text)) w.work_order_ref, o.operative_ref, v.status_code,
    extract(epoch FROM v.window_start_at - %(starts_at)s)::bigint,
    extract(epoch FROM v.window_end_at - %(starts_at)s)::bigint,
    extract(epoch FROM v.arrived_at - %(starts_at)s)::bigint, v.duration_minutes
FROM canonical.appointment v JOIN canonical.work_order w ON w.id = v.work_order_id
LEFT JOIN canonical.contractor c ON c.id = w.contractor_id
LEFT JOIN canonical.operative o ON o.id = v.operative_id
WHERE v.ended_run_id IS NULL AND w.ended_run_id IS NULL AND v.status_code IN ({AGREED})
    AND v.completed_at IS NULL AND w.status_code IN ({STANDING}) AND coalesce(c.is_in_house, true)
ORDER BY coalesce(v.booking_ref, v.id::text), v.appointment_ref = v.booking_ref DESC NULLS LAST, v.id
"""
"""work_order_ref, operative_ref, status, window, arrival, minutes of the visits that are agreed or under way.

A booking that two systems know is told once, as the scheduling product has it."""

HOMES: LiteralString = f"""
WITH postcode AS ({POSTCODES})
SELECT o.operative_ref, t.trade_ref, start.easting_m, start.northing_m, finish.easting_m, finish.northing_m
FROM canonical.operative o
JOIN canonical.contractor c ON c.id = o.contractor_id AND c.is_in_house
LEFT JOIN canonical.trade t ON t.id = o.trade_id
LEFT JOIN postcode start ON start.postcode = o.start_postcode
LEFT JOIN postcode finish ON finish.postcode = coalesce(o.end_postcode, o.start_postcode)
ORDER BY o.operative_ref
"""
"""operative_ref, main trade, start and end of the day, of all who ever worked for the council."""

ALLOCATED: LiteralString = f"""
SELECT m.allocation_date - %(starts_on)s::date, o.operative_ref, m.sequence_number, w.work_order_ref, t.trade_ref,
    w.priority_code, m.planned_minutes, extract(epoch FROM w.raised_at - %(starts_at)s)::bigint,
    extract(epoch FROM w.target_at - %(starts_at)s)::bigint, coalesce(slot.is_afternoon, false), {AT}
FROM canonical.manual_allocation m
LEFT JOIN canonical.operative o ON o.id = m.operative_id
LEFT JOIN canonical.work_order w ON w.id = m.work_order_id
LEFT JOIN canonical.trade t ON t.id = w.trade_id
LEFT JOIN LATERAL (
    SELECT bool_or((v.window_start_at AT TIME ZONE 'Europe/London')::time >= '12:00') AS is_afternoon
    FROM canonical.appointment v
    WHERE v.work_order_id = w.id AND v.ended_run_id IS NULL AND m.allocation_date
        = (v.window_start_at AT TIME ZONE 'Europe/London')::date
) slot ON true
{PLACE}
WHERE m.ended_run_id IS NULL AND m.allocation_date >= %(starts_on)s
    AND m.allocation_date < %(starts_on)s::date + %(days)s
ORDER BY 1, 2, 3, 4
"""
"""The weekly plan that was made by hand: day, operative_ref, sequence, work_order_ref, trade and priority of the order,
minutes, when it was raised and due, whether it was promised for the afternoon, and its place."""

ATTENDED: LiteralString = f"""
SELECT day, operative_ref, row_number() OVER (PARTITION BY operative_ref, day ORDER BY arrived_at, work_order_ref),
    work_order_ref, asset_ref, latitude, longitude, easting_m, northing_m
FROM (
    SELECT DISTINCT ON (coalesce(v.booking_ref, v.id::text))
        (v.arrived_at AT TIME ZONE 'Europe/London')::date - %(starts_on)s::date AS day, o.operative_ref, v.arrived_at,
        w.work_order_ref, a.asset_ref, g.latitude::float8 AS latitude, g.longitude::float8 AS longitude,
        a.easting_m::float8 AS easting_m, a.northing_m::float8 AS northing_m
    FROM canonical.appointment v
    JOIN canonical.operative o ON o.id = v.operative_id
    JOIN canonical.contractor c ON c.id = o.contractor_id AND c.is_in_house
    LEFT JOIN canonical.work_order w ON w.id = v.work_order_id
    {PLACE}
    WHERE v.ended_run_id IS NULL AND v.arrived_at >= %(starts_at)s
        AND v.arrived_at < (%(starts_on)s::date + %(days)s)::timestamp AT TIME ZONE 'Europe/London'
    ORDER BY coalesce(v.booking_ref, v.id::text), v.id
) visits
ORDER BY 1, 2, 3
"""
"""The visits that were made, in the order of arrival: day, operative_ref, sequence, work_order_ref and the place."""
