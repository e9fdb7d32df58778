"""The declared model: what is compared, how much each level weighs, what may be joined. One JSON file a version."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.errors import ConfigurationFault

MODEL = Path(__file__).with_name("model.json")
LISTED = ("comparisons", "evidence", "vetoes", "household", "identifying", "latest")
NEXT_STEP = "Train the model (identity.people.train) on an estate in which it occurs, or take the level out."


@dataclass(frozen=True)
class Thresholds:
    """Weights in bits. A pair joins from ``join`` on; what was joined stays so down to ``split``.

    What lies between, and joins of which another fits nearly as well (by less than ``margin``), is doubtful.
    """

    join: float
    split: float
    margin: float
    keep: float
    """The least weight of a pair that is kept at all."""
    ask: float = 0.0
    """The least weight of a person's own evidence, without that of the household, that a question is asked for."""


@dataclass(frozen=True)
class Model:
    """A model as it stands in its file.

    comparisons  Splink's, with m and u probabilities; each column of a comparison is one of ``evidence``
    household    the comparisons that tell of a household and not of a person
    identifying  the comparisons that tell namesakes of one family apart
    evidence     columns of the records that say whose they are; records alike in all of them are scored as one
    latest       columns of which a node has the latest of its records, for the vetoes alone
    frequencies  columns whose rare values weigh more -> the least number of records that a value is taken to have
    blocking     rule -> SQL expression of a key, or of a list of keys; records that share a key are compared
    key_limit    a key that more distinct records share is not used to find candidates
    crowds       column -> the most people, told by ``told_by``, who may share a value before it is no evidence
    matches_per_node, pairs_per_node   what is usual: the first gives the prior, twice the second stops
    cluster_limit   the most records that are joined as one person
    vetoes       names of the rules (vetoes.RULES) that keep records apart whatever they weigh
    """

    version: str
    comparisons: tuple[dict[str, Any], ...]
    evidence: tuple[str, ...]
    frequencies: dict[str, int]
    blocking: dict[str, str]
    key_limit: int
    crowds: dict[str, int]
    told_by: str
    matches_per_node: float
    pairs_per_node: float
    cluster_limit: int
    vetoes: tuple[str, ...]
    thresholds: Thresholds
    household: tuple[str, ...] = ()
    identifying: tuple[str, ...] = ()
    latest: tuple[str, ...] = ()
    path: Path = field(compare=False, repr=False, default=MODEL)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the comparisons."""
        return tuple(str(comparison["output_column_name"]) for comparison in self.comparisons)

    def weights(self, field: str) -> dict[str, float]:
        """The weight in bits of each level of a comparison, before its value's frequency; a null level has none."""
        levels = next(one for one in self.comparisons if one["output_column_name"] == field)["comparison_levels"]
        return {
            str(level["label_for_charts"]): round(math.log2(level["m_probability"] / level["u_probability"]), 6)
            for level in levels
            if not level.get("is_null_level")
        }

    def prior(self, nodes: int) -> float:
        """The probability that two of so many nodes, taken at random, are of one person."""
        return min(0.5, self.matches_per_node / max(nodes, 2))

    def settings(self, nodes: int) -> dict[str, Any]:
        """Splink's settings for so many nodes."""
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": "node",
            "probability_two_random_records_match": self.prior(nodes),
            "blocking_rules_to_generate_predictions": [
                {"blocking_rule": "l.keys = r.keys", "arrays_to_explode": ["keys"], "sql_dialect": "duckdb"}
            ],
            "comparisons": list(self.comparisons),
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": True,
            "sql_dialect": "duckdb",
        }


def load(path: Path = MODEL) -> Model:
    """The model of a file. Raises ConfigurationFault where the file does not declare one."""
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        thresholds = Thresholds(**stated.pop("thresholds"))
        listed: dict[str, Any] = {name: tuple(stated.pop(name)) for name in LISTED if name in stated}
        known: dict[str, Any] = stated | listed
        return Model(**known, thresholds=thresholds, path=path)
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise ConfigurationFault(
            f"no model can be read: {fault}.", place=str(path), next_step="Restore the file from its repository."
        ) from fault


def untrained(model: Model) -> list[str]:
    """The levels without both probabilities, as "comparison: level"."""
    return [
        f"{comparison['output_column_name']}: {level.get('label_for_charts', level['sql_condition'])}"
        for comparison in model.comparisons
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
        and not (_probable(level.get("m_probability")) and _probable(level.get("u_probability")))
    ]


def check_trained(model: Model) -> None:
    """Raises ConfigurationFault that names every level that never trained, or that weighs what another does."""
    if missing := untrained(model):
        raise ConfigurationFault(
            f"levels that never trained: {'; '.join(missing)}.", place=model.path.name, next_step=NEXT_STEP
        )

    for field_name in model.fields:
        weights = [0.0, *model.weights(field_name).values()]
        if len(set(weights)) < len(weights):
            raise ConfigurationFault(
                f"two levels of {field_name} weigh the same, or one weighs nothing: they cannot be told apart.",
                place=model.path.name, next_step="Make them one level.",
            )  # fmt: skip


def _probable(value: object) -> bool:
    return isinstance(value, float) and 0 < value <= 1
