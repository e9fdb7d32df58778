"""Business rules of the canonical model that need several tables, judged by Great Expectations in the database.

What one row can show is a constraint of its table; what one source can show is a check of its mapping. Here
stands what must hold whichever systems the rows came from. The database counts; no row leaves it but the
source keys that a verdict names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import psycopg
from sqlalchemy import Engine, create_engine, make_url

from validation.docs import write_page
from validation.verdict import KEYS_SHOWN, Fault, Verdict

OPEN_TENANCY = "t.end_date IS NULL AND coalesce(t.status_code, 'current') IN ('current', 'notice_given')"
BALANCE_LIMIT = 50_000
"""Pounds in debt or credit past which a rent account's balance is more likely a slip than a debt."""


@dataclass(frozen=True)
class BusinessRule:
    """What must hold of a canonical table's current rows, called ``t`` in ``broken``, the condition that breaks it.

    More than ``max_share`` of the rows (0 to 1) is told as a stop; fewer are told all the same.
    """

    table: str
    name: str
    meaning: str
    broken: str
    max_share: float = 0.05

    @property
    def code(self) -> str:
        """The stable code ``CANONICAL-<TABLE>-<NAME>``."""
        return f"CANONICAL-{self.table}-{self.name}".upper().replace("_", "-")

    @property
    def current(self) -> str:
        """The rows that the rule is judged on."""
        return f"SELECT * FROM canonical.{self.table} WHERE ended_run_id IS NULL"  # noqa: S608 - declared below


def _none(table: str, condition: str) -> str:
    return f"NOT EXISTS (SELECT FROM canonical.{table} o WHERE o.ended_run_id IS NULL AND {condition})"


def _some(tables: str, condition: str) -> str:
    return f"EXISTS (SELECT FROM {tables} WHERE o.ended_run_id IS NULL AND {condition})"


RULES = (
    BusinessRule(
        "tenancy", "no-account", "An open tenancy has a rent account",
        f"{OPEN_TENANCY} AND {_none('rent_account', 'o.tenancy_id = t.id')}",
    ),
    BusinessRule(
        "tenancy", "no-party", "An open tenancy has at least one party",
        f"{OPEN_TENANCY} AND {_none('tenancy_party', 'o.tenancy_id = t.id AND o.end_date IS NULL')}",
    ),
    BusinessRule(
        "tenancy", "no-holding", "An open tenancy holds a home or a garage",
        f"{OPEN_TENANCY} AND {_none('tenancy_holding', 'o.tenancy_id = t.id AND o.end_date IS NULL')}",
    ),
    BusinessRule(
        "tenancy_holding", "outside-tenancy", "A holding lies within the days of its tenancy",
        _some(
            "canonical.tenancy o",
            "o.id = t.tenancy_id AND (t.start_date < o.start_date OR t.end_date > o.end_date)",
        ),
    ),
    BusinessRule(
        "rent_account", "open-after-tenancy", "The rent account of an ended tenancy is no longer a current one",
        "t.account_class_code = 'rent' AND t.status_code = 'active' AND t.end_date IS NULL AND "
        + _some("canonical.tenancy o", "o.id = t.tenancy_id AND o.end_date < current_date"),
    ),
    BusinessRule(
        "rent_transaction", "before-account", "Nothing is posted to an account before it was opened",
        _some("canonical.rent_account o", "o.id = t.account_id AND t.effective_date < o.start_date"),
    ),
    BusinessRule(
        "balance_snapshot", "not-period-end", "A period's balance is stated for the last day of its rent week",
        "t.balance_kind_code = 'period_end' AND "
        + _some(
            "canonical.rent_account o JOIN canonical.rent_period p ON p.rent_group_code = o.rent_group_code",
            "o.id = t.account_id AND p.ended_run_id IS NULL AND p.rent_year = t.rent_year "
            "AND p.period_no = t.period_no AND t.balance_date <> p.week_start_date + 6",
        ),
    ),
    BusinessRule(
        "balance_snapshot", "implausible", f"No balance is more than {BALANCE_LIMIT:,} pounds in debt or credit",
        f"abs(t.balance) > {BALANCE_LIMIT}", max_share=0.001,
    ),
    BusinessRule(
        "work_order", "before-request", "An order is not raised on a day before its request was reported",
        _some("canonical.repair_request o", "o.id = t.request_id AND t.raised_at::date < o.reported_at::date"),
    ),
    BusinessRule(
        "appointment", "before-order", "A visit is not promised for a day before its order was raised",
        _some("canonical.work_order o", "o.id = t.work_order_id AND t.window_end_at::date < o.raised_at::date"),
    ),
    BusinessRule(
        "arrears_case", "other-tenancy", "An arrears case and its account belong to the same tenancy",
        _some("canonical.rent_account o", "o.id = t.account_id AND o.tenancy_id <> t.tenancy_id"),
    ),
)  # fmt: skip


def check_model(
    database_url: str, docs: Path | None = None, rules: Sequence[BusinessRule] = RULES
) -> tuple[Verdict, ...]:
    """A verdict for each canonical table that has a rule, in the rules' order; pages go to ``docs``."""
    engine = create_engine(database_url)
    try:
        with psycopg.connect(plain(database_url)) as connection:
            return tuple(
                _judge(engine, connection, table, list(of_table), docs)
                for table, of_table in groupby(rules, key=lambda rule: rule.table)
            )
    finally:
        engine.dispose()


def _judge(
    engine: Engine, connection: psycopg.Connection, table: str, rules: Sequence[BusinessRule], docs: Path | None
) -> Verdict:
    from validation.holding import hold_against  # noqa: PLC0415 - 3 s of CPU, as in validation.gate

    findings = hold_against(engine, rules)
    faults = tuple(
        Fault(
            finding.code, finding.column, "RULE", finding.unexpected, finding.unexpected / finding.judged,
            _keys(connection, rule), stops=not finding.success,
        )
        for rule, finding in zip(rules, findings, strict=True) if finding.unexpected
    )  # fmt: skip
    stopping = [rule for rule in rules if any(fault.stops and fault.code == rule.code for fault in faults)]
    verdict = Verdict(
        "canonical", table, not stopping, findings[0].judged, faults,
        " ".join(f"Too many rows break the rule: {rule.meaning[0].lower()}{rule.meaning[1:]}." for rule in stopping),
        "Look at the rows on the table's page and follow one with `hub lineage`." if stopping else "",
    )  # fmt: skip
    if docs:
        write_page(docs, verdict, findings)
    return verdict


def _keys(connection: psycopg.Connection, rule: BusinessRule) -> tuple[str, ...]:
    query = f"SELECT t.source_key FROM ({rule.current}) AS t WHERE {rule.broken} ORDER BY 1 LIMIT {KEYS_SHOWN}"  # noqa: S608
    return tuple(key for (key,) in connection.execute(query.encode()))


def plain(database_url: str) -> str:
    """The URL as psycopg knows it, without SQLAlchemy's name of a driver."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
