"""``hub identity``: who is who, decided by people. What is shown here of records is personal data."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import click
import typer
from rich.markup import escape
from rich.table import Column, Table

from cli import show
from cli.show import console
from cli.workplace import settings_of, workplace
from identity import exchange, review, rulings, why
from identity.decisions import NOT_SAME, SAME
from identity.frames import Connection
from identity.history import decisions_of, events_of
from identity.rulings import Ruled
from ledger.errors import ConfigurationFault
from loading.load import connect

app = typer.Typer(no_args_is_help=True, help="Who is who: what people decide of records that may be the same.")

HUB_TOML = Path("hub.toml")
Config = Annotated[Path, typer.Option("--config", help="The settings file.")]
User = Annotated[str, typer.Option("--user", envvar="USER", help="Who decides.")]
Entity = Annotated[str, typer.Option("--entity", help="What the records are: person, asset, household or address.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why, in a few words without values of a person.")]
Left = Annotated[str, typer.Argument(help="Id of a record or golden record.")]
Right = Annotated[str, typer.Argument(help="Id of another.")]
Verdict = Annotated[str, typer.Argument(help="same or not_same.")]

KEYS = {"s": SAME, "n": NOT_SAME}
MOST_AT_ONCE = 1_000
"""So many decisions one range takes back."""
PROMPT = "[bold]s[/] the same   [bold]n[/] not the same   [bold]l[/] later   [bold]q[/] quit "


@app.command("review")
def review_pairs(
    blind: Annotated[bool, typer.Option("--blind", help="Do not show what the machine thinks.")] = False,
    sample: Annotated[float, typer.Option(min=0, max=1, help="Share of pairs that a second person decides too.")] = 0.1,
    entity: Annotated[str | None, typer.Option("--entity", help="Only person, asset, household or address.")] = None,
    user: User = "",
    config: Config = HUB_TOML,
) -> None:
    """Shows doubtful pairs, the most worth first, and takes a key for each: s same, n not the same, l later, q quit.

    Examples: hub identity review, hub identity review --blind --user ada, hub identity review --entity asset
    """
    since, count = datetime.now(UTC), 0
    with workplace(settings_of(config)) as place, connect(place.database_url) as connection:
        by = rulings.user(user)
        while item := review.next_item(connection, by, since, entity):
            try:
                console.print(_pair(connection, item, blind=blind or item.is_blind))
                key = _key()
                if key == "l":
                    review.put_off(connection, by, item)
                elif key in KEYS:
                    _told(review.settle(connection, by, item, KEYS[key], sample))
                    count += 1
                else:
                    break
            finally:
                review.give_back(connection, by, item)
        else:
            console.print("Nothing waits for you.")
    console.print(f"{count:,} decided.")


@app.command()
def decide(
    left: Left, right: Right, verdict: Verdict, reason: Reason = None, entity: Entity = "person", user: User = "",
    config: Config = HUB_TOML,
) -> None:  # fmt: skip
    """Says that two records are, or are not, the same; the last word counts, whatever the machine says.

    Examples: hub identity decide 0b9e... 77c1... same --reason "same phone, seen by officer",
    hub identity decide 0b9e... 77c1... not_same
    """
    with workplace(settings_of(config)) as place, connect(place.database_url) as connection:
        _told(rulings.decide(connection, user, entity, left, right, verdict, reason))


@app.command()
def undo(
    numbers: Annotated[list[str], typer.Argument(help="Numbers as hub identity events shows them: 7, or 7-9.")],
    reason: Reason = None, user: User = "", config: Config = HUB_TOML,
) -> None:  # fmt: skip
    """Takes people's decisions back, all or none: all is as if they had not been said.

    Examples: hub identity undo 1207, hub identity undo 1210-1238 --reason "they are one after all"
    """
    named = [number for text in numbers for number in _range(text)]
    with workplace(settings_of(config)) as place, connect(place.database_url) as connection:
        _told(rulings.undo(connection, user, *named, reason=reason))


@app.command()
def unmerge(
    record: Annotated[str, typer.Argument(metavar="ID", help="Id of the record that stands alone.")],
    reason: Reason = None, entity: Entity = "person", user: User = "", config: Config = HUB_TOML,
) -> None:  # fmt: skip
    """Takes a record out of its golden record: it is not the same as any of the others.

    Example: hub identity unmerge 0b9e... --reason "father of that name"
    """
    with workplace(settings_of(config)) as place, connect(place.database_url) as connection:
        _told(rulings.unmerge(connection, user, entity, record, reason))


@app.command("export")
def export_decisions(
    file: Annotated[Path, typer.Argument(help="CSV file to write.")], config: Config = HUB_TOML
) -> None:  # fmt: skip
    """Writes people's decisions in force as CSV: ids, verdicts, who, when and why.

    Example: hub identity export decisions.csv
    """
    with workplace(settings_of(config)) as place, connect(place.database_url) as connection:
        count = exchange.export(connection, file)
    console.print(f"{count:,} decisions are in {escape(file.name)}.", highlight=False)


@app.command("import")
def import_decisions(
    file: Annotated[Path, typer.Argument(help="CSV file as hub identity export writes it.")],
    user: User = "", config: Config = HUB_TOML,
) -> None:  # fmt: skip
    """Takes in decisions from CSV: all or none; again, it adds nothing. Example: hub identity import decisions.csv"""
    with workplace(settings_of(config)) as place, connect(place.database_url) as connection:
        taken = exchange.import_file(connection, file, user)
    for note in taken.notes:
        console.print(escape(note), highlight=False)
    console.print(f"{taken.new:,} decisions are new, {taken.known:,} stood already.", highlight=False)


@app.command()
def events(
    key: Annotated[str | None, typer.Argument(metavar="ID", help="A record or golden record; default: all.")] = None,
    last: Annotated[int, typer.Option(min=1, help="So many of each.")] = 20,
    config: Config = HUB_TOML,
) -> None:
    """Shows what was decided and what became of golden ids, the last first.

    Examples: hub identity events, hub identity events 0b9e... --last 5
    """
    named = None if key is None else _id(key)
    with workplace(settings_of(config)) as place, connect(place.database_url) as connection:
        said, happened = decisions_of(connection, named, last), events_of(connection, named, last)
    console.print(
        show.rows("Decisions", ("No", "At", "By", "What", "Of", "Left", "Right", "Reason", "Undone by"), said)
    )
    console.print(show.rows("Golden ids", ("At", "Run", "By", "What", "Of", "Old id", "New id"), happened))


@app.command()
def status(config: Config = HUB_TOML) -> None:
    """Shows what waits in the queue, what was decided, and how far two people agree. Example: hub identity status"""
    with workplace(settings_of(config)) as place, connect(place.database_url) as connection:
        found = review.status(connection)
    console.print(show.rows("Queue", ("Records", "Why", "Status", "Pairs"), found.queue))
    console.print(show.rows("Decisions", ("Records", "By", "What", "Number"), found.decisions))
    if found.second_looks:
        console.print(f"Two people agreed on {found.agreed:,} of {found.second_looks:,} pairs.", highlight=False)


@app.command("why")
def why_so(
    golden: Annotated[str, typer.Argument(metavar="ID", help="A golden id, one that once was, or a record's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    config: Config = HUB_TOML,
) -> None:
    """Explains a golden record: its records, what weighs for and against each pair, who decided, which value won.

    Examples: hub identity why 0b9e..., hub identity why 0b9e... --json
    """
    with workplace(settings_of(config)) as place, connect(place.database_url) as connection:
        told = why.why(connection, _id(golden))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in told], default=str, indent=1))
        return
    for one in told:
        for line in why.in_words(one):
            console.print(line, highlight=False, markup=False, soft_wrap=True)


def _pair(connection: Connection, item: review.Item, *, blind: bool) -> Table:
    """Both sides of a pair beside each other; where they say the same, quietly."""
    title = f"{item.entity_type}, {item.kind}" if not item.is_blind else f"{item.entity_type}, a second look"
    if not blind and item.weight is not None:
        title += f": the machine weighs it {item.weight:+.1f} bits"
    table = Table(
        Column(""), Column(str(item.left_id), overflow="fold"), Column(str(item.right_id), overflow="fold"),
        title=title, title_justify="left",
    )  # fmt: skip
    for name, left, right in review.sides(connection, item):
        style = "dim" if left == right else ("" if left and right else "italic")
        table.add_row(name, escape(left), escape(right), style=style)
    return table


def _key() -> str:
    """The key that the person presses; a line's first where the terminal is none."""
    console.print(PROMPT, end="", highlight=False)
    while True:
        key = click.getchar() if sys.stdin.isatty() else (sys.stdin.readline()[:1] or "q")
        if (key := key.lower()) in (*KEYS, "l", "q", "\x03", "\x04"):
            console.print(key if key.isprintable() else "q")
            return key


def _told(ruled: Ruled) -> None:
    for note in ruled.notes:
        console.print(escape(note), highlight=False)
    if ruled.numbers:
        changed = f"{len(ruled.touched):,} golden records are touched" if ruled.touched else "nothing changes"
        named = "Decision" if len(ruled.numbers) == 1 else "Decisions"
        console.print(f"{named} {' '.join(_ranges(ruled.numbers))}: {changed}.", highlight=False)


def _ranges(numbers: Sequence[int]) -> list[str]:
    """The rising numbers, with those that follow one another as first-last: how ``undo`` takes them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]


def _range(text: str) -> range:
    """The numbers that ``7`` or ``7-9`` names."""
    first, dash, last = text.partition("-")
    try:
        found = range(int(first), int(last if dash else first) + 1)
    except ValueError:
        found = range(0)
    if not 0 < len(found) <= MOST_AT_ONCE:
        raise ConfigurationFault(
            f"{text!r} names no decision, or more than {MOST_AT_ONCE:,}.",
            next_step="Give a number as 1207, or several as 1207-1210.",
        )  # fmt: skip
    return found


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ConfigurationFault("That is no id.", next_step="Give the UUID of a record or golden record.") from error
