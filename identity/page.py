"""What a resolution came to, as lines for a terminal and as a page that opens in any browser: counts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

HEADINGS = ("", "records", "golden", "joined", "doubtful", "new", "merged", "split", "retired")
KINDS = {"person": "people", "household": "households", "asset": "places"}
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 0 0 2rem; } caption { text-align: left; font-weight: 600; }
th, td { border-bottom: 1px solid #b1b4b6; padding: .3rem .8rem; text-align: right; }
th:first-child, td:first-child { text-align: left; } .stopped { color: #a4121f; font-weight: 600; }
@media (prefers-color-scheme: dark) { body { color: #e3e9ef; background: #14191f; } .stopped { color: #ff8a93; } }
"""


def lines(counts: Mapping[str, int]) -> list[tuple[str, ...]]:
    """A line for each kind of thing: its records, golden records, what joined, what waits, and what changed."""
    told = []
    for kind, name in KINDS.items():
        records, golden = counts.get(f"{kind}_records", 0), counts.get(f"{kind}_golden", 0)
        rest = (counts.get(f"{kind}_{what}", 0) for what in ("doubtful", "created", "merge", "split", "retired"))
        told.append((name, *(f"{number:,}" for number in (records, golden, records - golden, *rest))))
    return told


def addresses(counts: Mapping[str, int]) -> str:
    """What became of the addresses, in words."""
    stated, matched, queued = (counts.get(f"address_{what}", 0) for what in ("records", "matched", "queued"))
    if not stated:
        return "No address was matched."
    return f"Addresses: {matched:,} of {stated:,} have their UPRN ({matched / stated:.1%}); {queued:,} are in doubt."


def page(counts: Mapping[str, int], seconds: Mapping[str, float], notes: Sequence[str], fault: str | None) -> str:
    """The page; ``fault`` says why nothing was published."""
    head = "".join(f"<th>{escape(name)}" for name in HEADINGS)
    rows = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in line)}" for line in lines(counts))
    stages = ", ".join(f"{name} {taken:,.1f} s" for name, taken in seconds.items())
    told = "".join(f"<p>{escape(note)}</p>" for note in notes)
    stopped = f"<p class=stopped>Nothing was published: {escape(fault)}</p>" if fault else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Golden records</title>'
        f"<meta name=viewport content='width=device-width'><style>{STYLE}</style><h1>Golden records</h1>"
        f"<p><a href=index.html>All runs</a></p>{stopped}{told}<table><caption>Who is who, and what is where</caption>"
        f"<thead><tr>{head}</thead><tbody>{rows}</tbody></table><p>{escape(addresses(counts))}</p>"
        "<p>Doubtful pairs wait for a person: <code>hub identity review</code>. Why a record is as it is: "
        f"<code>hub identity why ID</code>.</p><p>{escape(stages)}</p></html>"
    )
