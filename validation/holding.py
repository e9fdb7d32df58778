"""Holds a canonical table against its business rules with Great Expectations, which counts in the database."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # no network, and it is read when GX is imported

from great_expectations import ExpectationSuite
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core import UnexpectedRowsExpectation
from great_expectations.expectations.metadata_types import FailureSeverity
from sqlalchemy import Engine

from validation.tally import Finding, Tally

if TYPE_CHECKING:
    from validation.canonical import BusinessRule


class ExpectRowsToHold(UnexpectedRowsExpectation):
    """At least ``mostly`` of the batch's rows are not found by ``unexpected_rows_query``.

    GX's own one allows no share of offenders, and fetches their rows beside counting them.
    """

    mostly: float = 1.0

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query", "mostly")

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        rows, broken = metrics["table.row_count"], metrics["unexpected_rows_query.row_count"]
        held = 1 - broken / rows if rows else 1.0
        return {"success": held >= self.mostly, "result": {"element_count": rows, "unexpected_count": broken}}


def hold_against(engine: Engine, rules: Sequence[BusinessRule]) -> list[Finding]:
    """A finding for each rule; the rules are all of one table."""
    table = rules[0].table
    suite = ExpectationSuite(
        name=f"canonical.{table}",
        expectations=[
            ExpectRowsToHold(
                unexpected_rows_query=f"SELECT t.id FROM (SELECT * FROM {{batch}}) AS t WHERE {rule.broken}",  # noqa: S608
                mostly=1 - rule.max_share,
                description=rule.meaning,
                severity=FailureSeverity.CRITICAL,
                meta={"sheet": table, "column": rule.name, "kind": "RULE", "code": rule.code},
            )
            for rule in rules
        ],
    )
    tally = Tally(suite, "canonical", f"table {table}", rules_at="validation/canonical.py")
    execution = SqlAlchemyExecutionEngine(engine=engine)
    current = SqlAlchemyBatchData(execution, query=rules[0].current, create_temp_table=False)
    execution.load_batch_data(table, current)
    tally.judge_on(execution, table)
    return tally.findings
