"""Data Docs: pages that open from disk without a network, with counts and row keys and never a value.

GX's own pages load their styles and scripts from other hosts and show unexpected values, so these are ours:
one page and one JSON file (GX's result shape, counts alone) a table and run, and an index over the runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from validation.verdict import Verdict

if TYPE_CHECKING:
    from validation.tally import Finding

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1d2733;background:#fff}
h1{font-size:1.5rem;margin:.2rem 0}table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d5dde5;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}.passed{color:#106b3a}.stopped{color:#a4121f;font-weight:600}
.told{color:#7a4a00}code{font-size:.9em}
@media (prefers-color-scheme:dark){body{color:#e3e9ef;background:#14191f}th,td{border-color:#313c47}
.passed{color:#6fce97}.stopped{color:#ff8a93}.told{color:#f0b95a}a{color:#8fc1ff}}
"""


def save(path: Path, text: str) -> Path:
    """The page, written for the hub's user alone (0600), as is its folder (0700)."""
    for missing in reversed([path.parent, *path.parent.parents]):
        missing.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")
    return path


def write_page(folder: Path, verdict: Verdict, findings: Sequence[Finding]) -> Path:
    """The table's page ``<system>.<table>.html`` in the run's folder, with its JSON beside it."""
    name = f"{verdict.system}.{verdict.table}".replace(os.sep, "_")
    told = {fault.code: fault for fault in verdict.faults}
    document = {
        "success": verdict.passed,
        "suite_name": f"{verdict.system}.{verdict.table}",
        "statistics": {
            "evaluated_expectations": len(findings),
            "successful_expectations": sum(finding.success for finding in findings),
            "unsuccessful_expectations": sum(not finding.success for finding in findings),
        },
        "results": [_result(finding) for finding in findings],
        "meta": {"rows": verdict.rows, "verdict": asdict(verdict)},
    }
    save(folder / f"{name}.json", json.dumps(document, indent=1, default=str))
    state = "passed" if verdict.passed else "stopped"
    rows = "".join(
        f"<tr><td>{escape(finding.column)}</td><td>{escape(finding.kind)}</td><td>{_rule(finding)}</td>"
        f"<td class=n>{finding.judged:,}</td><td class=n>{finding.unexpected:,}</td>"
        f"<td class={_state(finding)}>{_state(finding)}</td>"
        f"<td>{escape(', '.join(told[finding.code].keys)) if finding.code in told else ''}</td></tr>"
        for finding in findings
    )
    stop = f"<p class=stopped>{escape(verdict.stop_reason)}<br>Next step: {escape(verdict.next_step)}</p>"
    return save(
        folder / f"{name}.html",
        _page(
            f"{verdict.system}, table {verdict.table}",
            f"<p><a href=../index.html>All runs</a> · {escape(folder.name)} · {verdict.rows:,} records · "
            f"<span class={state}>{state}</span></p>{'' if verdict.passed else stop}"
            "<table><thead><tr><th>Column<th>Rule<th>Declared<th>Judged<th>Broken<th>Outcome<th>First row keys"
            f"</tr></thead><tbody>{rows}</tbody></table>",
        ),
    )


def write_index(docs: Path) -> Path:
    """The page ``index.html`` in ``docs``: every run's tables, newest run first, passed or stopped."""
    sections = []
    for run in sorted((path for path in docs.iterdir() if path.is_dir()), reverse=True):
        lines = []
        for path in sorted(run.glob("*.json")):
            meta = json.loads(path.read_text(encoding="utf-8"))["meta"]
            verdict = meta["verdict"]
            state = "passed" if verdict["passed"] else "stopped"
            link = quote(f"{run.name}/{path.stem}.html")
            broken = next((fault["count"] for fault in verdict["faults"] if fault["kind"] == "FAULTY"), 0)
            lines.append(
                f"<tr><td>{escape(verdict['system'])}</td><td><a href='{link}'>{escape(verdict['table'])}</a></td>"
                f"<td class=n>{verdict['rows']:,}</td><td class=n>{broken:,}</td>"
                f"<td class={state}>{state}</td><td>{escape(verdict['stop_reason'])}</td></tr>"
            )
        sections.append(
            f"<h2>{escape(run.name)}</h2><table><thead><tr><th>System<th>Table<th>Records<th>With a fault"
            f"<th>Outcome<th>Why</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        )
    pages = [f"<a href={name}.html>{title}</a>" for name, title in PAGES if (docs / f"{name}.html").exists()]
    told = "".join(sections) or "<p>No batch was judged yet.</p>"
    return save(docs / "index.html", _page("Data Docs", f"<p>{' · '.join(pages)}</p>{told}"))


PAGES = (("reconciliation", "Reconciliation"), ("identity", "Golden records"), ("model", "Canonical model"))
"""The pages beside the runs', by file name."""


def _result(finding: Finding) -> dict[str, Any]:
    counts = {"element_count": finding.judged, "unexpected_count": finding.unexpected}
    kwargs = {key: value for key, value in finding.rule.items() if key != "batch_id"}
    return {
        "success": finding.success,
        "expectation_config": {
            "type": finding.type,
            "kwargs": kwargs,
            "severity": finding.severity,
            "meta": {"column": finding.column, "kind": finding.kind, "code": finding.code},
        },
        "result": counts,
    }


def _rule(finding: Finding) -> str:
    limits = [f"{key} {value}" for key, value in finding.rule.items() if key in _SHOWN and value is not None]
    return f"<code>{escape(finding.type)}</code> {escape('; '.join(limits))}"


_SHOWN = ("min_value", "max_value", "regex", "value_set", "mostly", "column_list", "column_set")


def _state(finding: Finding) -> str:
    if not finding.success and finding.severity == "critical":
        return "stopped"
    return "told" if finding.unexpected or not finding.success else "passed"


def _page(title: str, body: str) -> str:
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
        f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style>"
        f"<h1>{escape(title)}</h1>{body}</html>"
    )
