"""Runs the expectations of a suite over the sheets of a batch, slice by slice, and adds up the counts.

Great Expectations is used below its contexts and checkpoints: those hash every frame twice (3 s of CPU for
1.3 million rows) to name a batch that the landing has named already. No result here ever holds a value:
GX is asked for none, and only counts and column names are taken out of what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd
from great_expectations import ExpectationSuite, get_context
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context import EphemeralDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.validator.validator import Validator

from ledger.errors import ConfigurationFault

COUNTS_ALONE = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""GX counts the unexpected values and lists none of them."""


@dataclass
class Finding:
    """What one expectation came to over all slices. ``judged`` and ``unexpected`` in rows."""

    type: str
    column: str
    kind: str
    code: str
    severity: str
    rule: dict[str, Any]
    judged: int = 0
    unexpected: int = 0
    success: bool = True
    observed: Any = None

    def add(self, result: ExpectationValidationResult) -> None:
        """Adds the counts of one more slice."""
        counts = result.result
        first = self.judged == 0 and self.observed is None
        self.observed = counts.get("observed_value")
        self.judged += counts.get("element_count", 0) - (counts.get("missing_count") or 0)
        self.unexpected += counts.get("unexpected_count", 0)
        if first or "unexpected_count" not in counts:
            self.success = self.success and bool(result.success)
        else:
            share_held = 1 - self.unexpected / self.judged if self.judged else 1.0
            self.success = share_held >= float(self.rule.get("mostly", 1))


@lru_cache
def _context() -> EphemeralDataContext:
    """GX wants a context to be told that it shall draw no progress bars."""
    context = get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


class Tally:
    """The findings of a suite, in its order; ``judge`` adds one frame of one sheet."""

    def __init__(self, suite: ExpectationSuite, system: str, place: str, rules_at: str) -> None:
        self.system, self.place, self.rules_at = system, place, rules_at
        self._by_sheet: dict[str, list[tuple[Any, Finding]]] = {}
        self.findings: list[Finding] = []
        for expectation in suite.expectations:
            meta, configuration = expectation.meta or {}, expectation.configuration
            severity = getattr(expectation.severity, "value", expectation.severity)
            finding = Finding(
                configuration.type, meta["column"], meta["kind"], meta["code"], str(severity), configuration.kwargs
            )  # fmt: skip
            self.findings.append(finding)
            self._by_sheet.setdefault(meta["sheet"], []).append((configuration, finding))

    def unexpected(self, code: str) -> int:
        """How often the expectation of that code was not met so far."""
        return sum(finding.unexpected for finding in self.findings if finding.code == code)

    def judge(self, sheet: str, frame: pd.DataFrame) -> None:
        """Runs the sheet's expectations over the frame.

        Raises ConfigurationFault where a rule cannot be computed, for example a pattern that is none.
        """
        engine = PandasExecutionEngine(caching=False)
        engine.load_batch_data(sheet, frame)
        self.judge_on(engine, sheet)
        engine.batch_manager.batch_data_cache.clear()  # the two hold each other, and would hold the frame

    def judge_on(self, engine: ExecutionEngine[Any], sheet: str) -> None:
        """Runs the sheet's expectations over the data that the engine holds."""
        pairs = self._by_sheet.get(sheet, [])
        if not pairs:
            return
        validator = Validator(execution_engine=engine, data_context=_context())
        results = validator.graph_validate(
            configurations=[configuration for configuration, _ in pairs],
            runtime_configuration={"catch_exceptions": True, "result_format": COUNTS_ALONE},
        )
        # GX may put results of failed metrics first: they are told apart by their own meta
        findings = {finding.code: finding for _, finding in pairs}
        for result in results:
            configuration = result.expectation_config
            if configuration is None:
                continue
            finding = findings[configuration.meta["code"]]
            if _raised(result.exception_info):
                # GX's own message may quote values, so it is not passed on
                raise ConfigurationFault(
                    f"The rule {finding.kind} of {finding.column} cannot be computed.",
                    system=self.system,
                    place=self.place,
                    next_step=f"Correct it in {self.rules_at}.",
                )
            finding.add(result)


def _raised(info: dict[str, Any]) -> bool:
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(each["raised_exception"] for each in info.values())
