"""``hub mirror proof``: what the proof of the mirror that stands found, once its signature holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.table import Table

from cli.show import console
from mirror.key import MaskKey
from mirror.proof import bundle

NOTHING = "nothing"


def show(folder: Path, build: str, key: MaskKey, *, as_json: bool = False) -> bool:
    """Prints the proof of a build; whether it has no faults. Raises ContractBroken where the bundle was changed."""
    proof = bundle.read(bundle.place(folder, build), key)
    if as_json:
        console.print_json(json.dumps(proof.told))
    else:
        _print(proof.told)
    return not proof.faults


def _print(told: dict[str, Any]) -> None:
    leaks, whole = told["leaks"], told["integrity"]
    shown = Table(
        "", "looked at", "found", title=f"Proof of mirror {told['build']}, {told['made_at']}", title_justify="left"
    )
    for name in ("values", "files"):
        if isinstance(leaks[name], str):
            shown.add_row(f"leaks in {name}", leaks[name], "")
        else:
            looked = f"{leaks[name]['places']:,} places, {leaks[name]['bytes'] / 1e6:,.0f} MB"
            shown.add_row(f"leaks in {name}", looked, _times(sum(leak["times"] for leak in leaks[name]["leaks"])))
    shown.add_row("own records", "every id", _times(sum(leaks["own records"].values())))
    shown.add_row("rows", f"{whole['rows']:,} in {whole['tables']:,} tables", _times(len(whole["faults"]), "faults"))
    shown.add_row("rules and indexes", f"{whole['rules']:,}", "")
    shown.add_row("unique columns, joins", f"{whole['uniques']:,}, {whole['joins']:,}", "")
    sought = told["identifiers"]["sought"]
    shown.add_row("identifiers of the source", ", ".join(f"{times:,} {kind}" for kind, times in sought.items()), "")
    both = told["identifiers"]["coincidences"]
    shown.add_row(
        "masks that equal another's original", ", ".join(f"{times:,} {kind}" for kind, times in both.items()), ""
    )
    for group in told["k"]:
        shown.add_row(f"k of {group['table']}", ", ".join(group["columns"]), f"{group['k']} ({group['in_small']:,} of "
                      f"{group['rows']:,} rows in groups below 5)")  # fmt: skip
    furthest = max(told["utility"].items(), key=lambda figure: figure[1], default=("", 0.0))
    shown.add_row("figures beside the source's", f"{len(told['utility'])}", f"furthest {furthest[1]:.2%} {furthest[0]}")
    console.print(shown)
    for fault in told["faults"]:
        console.print(fault, markup=False, highlight=False, style="red")
    complete = "complete" if told["is_complete"] else "not complete: files and WAL were not scanned"
    console.print(f"{len(told['faults'])} faults; {complete}. The signature holds.", highlight=False)


def _times(times: int, what: str = "originals") -> str:
    return f"{times:,} {what}" if times else NOTHING
