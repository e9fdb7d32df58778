"""How far each source is trusted for each field, as ``trust.toml`` declares it."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.errors import ConfigurationFault

TRUST = Path(__file__).with_name("trust.toml")
COSTS = ("error", "warning", "thin")
DEFAULT = "default"


@dataclass(frozen=True)
class Trust:
    """What is declared for one kind of thing: trust by source and field, from 0 to 1, and what takes it away.

    ``costs`` are of a standing ``error`` and ``warning``, and of a ``thin`` value such as an initial.
    """

    default: float
    sources: Mapping[str, Mapping[str, float]]
    costs: Mapping[str, float]

    def of(self, system: str, field: str) -> float:
        """The trust in a source for a field, before costs."""
        source = self.sources.get(system, {})
        return source.get(field, source.get(DEFAULT, self.default))


def load_trust(fields: Mapping[str, Collection[str]], path: Path = TRUST) -> dict[str, Trust]:
    """What the file declares of each kind of thing; ``fields`` are the fields that each has.

    Raises ConfigurationFault with everything that is wrong in the file.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationFault(
            f"It cannot be read: {error}.", system="identity", place=path.name, next_step="Correct the file."
        ) from error
    costs = told.pop("costs", {})
    faults = [f"costs.{name} is missing" for name in COSTS if name not in costs]
    faults += [f"costs.{name} is not known" for name in costs if name not in COSTS]
    faults += [f"costs.{name} is no number from 0 to 1" for name, value in costs.items() if not _share(value)]
    faults += [f"[{name}] is missing" for name in fields if name not in told]
    faults += [f"[{name}] is not known" for name in told if name not in fields]
    for name in (name for name in fields if name in told):
        faults += _faults(name, told[name], fields[name])
    if faults:
        raise ConfigurationFault(
            f"{'; '.join(faults)}.", system="identity", place=path.name, next_step="Correct all of these."
        )
    return {name: _trust(told[name], costs) for name in fields}


def _faults(kind: str, told: Any, fields: Collection[str]) -> list[str]:
    if not isinstance(told, dict):
        return [f"{kind} is no section"]
    faults = [] if DEFAULT in told else [f"{kind}.default is missing"]
    for name, value in told.items():
        if isinstance(value, dict):
            unknown = [field for field in value if field != DEFAULT and field not in fields]
            faults += [f"{kind}.{name}.{field} is no field" for field in unknown]
            faults += [f"{kind}.{name}.{field} is no number from 0 to 1" for field in value if not _share(value[field])]
        elif name != DEFAULT:
            faults.append(f"{kind}.{name} is no section")
        elif not _share(value):
            faults.append(f"{kind}.default is no number from 0 to 1")
    return faults


def _trust(told: Mapping[str, Any], costs: Mapping[str, float]) -> Trust:
    return Trust(told[DEFAULT], {name: part for name, part in told.items() if isinstance(part, dict)}, costs)


def _share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
