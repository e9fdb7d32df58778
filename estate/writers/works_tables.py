"""The tables of the repairs system, as its vendor laid them out: padded text, no keys, no rules.

Named after the repairs module of Civica Universal Housing (``rmreqst``, ``rmworder``, ``rmtask``), with the
tables that a direct labour organisation added for its operatives and its weekly plan.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()
DAY, INT, SMALL = sa.DateTime(), sa.Integer(), sa.SmallInteger()


def C(length: int) -> sa.CHAR:  # noqa: N802 - as the vendor's script writes it
    """A text that the database pads with blanks."""
    return sa.CHAR(length)


def V(length: int) -> sa.String:  # noqa: N802
    """A text that is not padded."""
    return sa.String(length)


def N(digits: int, scale: int) -> sa.Numeric[Any]:  # noqa: N802
    """An exact number."""
    return sa.Numeric(digits, scale)


def _table(name: str, **columns: Any) -> sa.Table:
    return sa.Table(name, METADATA, *(sa.Column(column, kind) for column, kind in columns.items()))


RMPRIOR = _table(
    "rmprior",
    priority_code=C(1), description=V(40), days_to_complete=SMALL, hours_to_complete=SMALL, saturday_working=C(1),
    sunday_working=C(1), holiday_working=C(1),
)  # fmt: skip

RMTRADE = _table("rmtrade", trade=C(3), trade_desc=V(30), rate_code=C(6))

SUPPLIER = _table(
    "supplier",
    sup_ref=C(12), sup_name=V(60), in_house=C(1), sup_active=C(1), insured_to=DAY, order_limit=N(12, 2),
    sup_phone=V(20), sup_email=V(80),
)  # fmt: skip

SUPCONTR = _table(
    "supcontr",
    con_ref=C(10), sup_ref=C(12), con_desc=V(60), con_type=C(3), con_start=DAY, con_end=DAY, con_value=N(12, 2),
)  # fmt: skip

RMJOB = _table(
    "rmjob",
    job_code=C(8), book_ver=C(6), short_desc=V(60), unit=C(2), trade=C(3), cost=N(10, 2), smv=N(8, 2),
    min_ops=SMALL, max_ops=SMALL, warranty_days=SMALL, from_date=DAY, to_date=DAY,
)  # fmt: skip

OPERATIV = _table(
    "operativ",
    op_ref=C(8), op_name=V(60), trade=C(3), sup_ref=C(12), section=C(6), start_pc=V(8), week_mins=SMALL,
    max_travel=SMALL, km_cost=N(8, 2), hour_rate=N(8, 2), start_date=DAY, end_date=DAY, active=C(1), mobile=V(20),
)  # fmt: skip

OPSKILL = _table("opskill", op_ref=C(8), trade=C(3), proficiency=SMALL, preference=SMALL, main_trade=C(1))

OPSHIFT = _table("opshift", op_ref=C(8), day_no=SMALL, start_time=C(5), end_time=C(5), from_date=DAY)

OPABS = _table("opabs", abs_ref=INT, op_ref=C(8), abs_code=C(3), from_date=DAY, to_date=DAY)

RMREQST = _table(
    "rmreqst",
    rq_ref=C(10), prop_ref=C(12), tag_ref=C(11), rq_date=DAY, rq_name=V(60), rq_phone=V(20), rq_how=C(3),
    rq_loc=V(30), rq_problem=V(200), rq_priority=C(1), rq_status=C(3), rq_access=C(3), rq_notes=V(200),
    right_to_repair=C(1), rechargeable=C(1),
)  # fmt: skip

RMWORDER = _table(
    "rmworder",
    wo_ref=C(10), wo_version=SMALL, rq_ref=C(10), prop_ref=C(12), sup_ref=C(12), con_ref=C(10), trade=C(3),
    wo_type=C(3), wo_status=C(3), priority=C(1), days_allowed=N(6, 2), wo_desc=V(200), created=DAY, issued=DAY,
    date_due=DAY, attended=DAY, completed=DAY, cancelled=DAY, est_cost=N(12, 2), act_cost=N(12, 2),
    superseded_by=C(10), rechargeable=C(1), communal=C(1), prev_wo=C(10),
)  # fmt: skip

RMWOVER = _table(
    "rmwover",
    wo_ref=C(10), wo_version=SMALL, issued=DAY, est_cost=N(12, 2), wo_desc=V(200), var_reason=V(60), var_by=C(8),
)  # fmt: skip

RMTASK = _table(
    "rmtask",
    wo_ref=C(10), task_no=SMALL, job_code=C(8), trade=C(3), task_desc=V(80), quantity=N(10, 3), unit=C(2),
    smv=N(8, 2), rate=N(10, 2), task_cost=N(12, 2), task_status=C(3), op_ref=C(8), done=DAY,
)  # fmt: skip

RMAPPT = _table(
    "rmappt",
    appt_ref=INT, wo_ref=C(10), visit_no=SMALL, slot=C(3), slot_from=DAY, slot_to=DAY, op_ref=C(8), booking_ref=INT,
    booked=DAY, arrived=DAY, left_at=DAY, status=C(3), outcome=C(3), notes=V(200),
)  # fmt: skip

ALLOCPLAN = _table(
    "allocplan",
    plan_sid=INT, week_start=DAY, op_ref=C(8), alloc_date=DAY, seq_no=SMALL, wo_ref=C(10), start_time=C(5),
    plan_mins=SMALL, leg_m=INT, uploaded=DAY, uploaded_by=C(8), notes=V(100),
)  # fmt: skip

RMRECH = _table(
    "rmrech",
    rch_ref=C(10), wo_ref=C(10), tag_ref=C(11), reason=C(3), status=C(3), raised=DAY, net=N(10, 2), vat=N(10, 2),
    admin_fee=N(10, 2), rch_desc=V(100),
)  # fmt: skip

RMSATIS = _table(
    "rmsatis",
    resp_ref=INT, wo_ref=C(10), question=C(6), score=SMALL, answered=DAY, remark=V(200),
)  # fmt: skip
