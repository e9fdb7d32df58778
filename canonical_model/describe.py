"""The model's page: a diagram by housing word, the glossary, every column and every code list."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from sqlalchemy import Column, Table, types

from canonical_model.base import Sourced
from canonical_model.tables import WORDS, tables_of

SHARED = set(Sourced.__annotations__)

STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8882; --link: #0b6bcb }
@media (prefers-color-scheme: dark) { :root { --link: #7cb8ff } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line) } h3 { margin: 2rem 0 .3rem }
.words { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem }
.word { border: 1px solid var(--line); border-radius: .6rem; padding: .7rem 1rem; background: var(--soft) }
.word h4 { margin: 0 0 .3rem } .word p { margin: 0 0 .5rem; font-size: .85rem }
.word ul { list-style: none; margin: 0; padding: 0 } .word li { margin: .15rem 0 }
.to { font-size: .8rem; opacity: .85 } .wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .92rem }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-top: 1px solid var(--line) }
td:first-child { white-space: nowrap; font-family: ui-monospace, monospace } .codes { font-size: .82rem }
dt { font-family: ui-monospace, monospace; margin-top: .4rem } dd { margin-left: 1.5rem }
:target { background: #ffd54a55 }
"""


def page() -> str:
    """One HTML page that needs nothing else: no network, no script."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
            f"<title>The canonical housing model</title><style>{STYLE}</style>",
            "<h1>The canonical housing model</h1>",
            "<p>What a council's housing data is, whatever system it comes from. An arrow leads from a table"
            " to what it refers to. The schema <code>canonical</code> holds the rows as they stand;"
            " <code>history</code> holds a table of the same name with every earlier version.</p>",
            *_diagram(),
            *_provenance(),
            *_sections(),
            *_glossary(),
            "</html>",
            "",
        ]
    )


def _diagram() -> Iterable[str]:
    yield '<h2 id="diagram">Diagram</h2><div class="words">'
    for word, module in WORDS.items():
        yield f'<div class="word"><h4><a href="#{_anchor(word)}">{escape(word)}</a></h4>'
        yield f"<p>{escape(_summary(module.__doc__))}</p><ul>"
        for table in tables_of(module):
            to = sorted({key.column.table.name for key in table.foreign_keys})
            arrows = f' <span class="to">→ {", ".join(map(_link, to))}</span>' if to else ""
            yield f"<li>{_link(table.name)}{arrows}</li>"
        yield "</ul></div>"
    yield "</div>"


def _provenance() -> Iterable[str]:
    yield '<h2 id="provenance">Where every row comes from</h2>'
    yield "<p>Every table but those of the golden records has these columns too.</p>"
    some = next(iter(tables_of(next(iter(WORDS.values())))))
    yield from _columns(column for column in some.columns if column.name in SHARED)


def _sections() -> Iterable[str]:
    for word, module in WORDS.items():
        yield f'<h2 id="{_anchor(word)}">{escape(word)}</h2><p>{escape(_summary(module.__doc__))}</p>'
        for table in tables_of(module):
            yield f'<h3 id="{table.name}">{table.name}</h3><p>{escape(table.comment or "")}</p>'
            yield from _columns(column for column in table.columns if column.name not in SHARED)


def _columns(columns: Iterable[Column[Any]]) -> Iterable[str]:
    yield '<div class="wide"><table><tr><th>Column<th>Type<th>Meaning'
    for column in columns:
        need = "" if column.nullable else ", required"
        meaning = escape(column.comment or "")
        for key in column.foreign_keys:
            meaning += f" → {_link(key.column.table.name)}"
        if codes := column.info.get("codes"):
            meaning += f'<div class="codes">{", ".join(f"<code>{code}</code>" for code in codes)}</div>'
        yield f"<tr><td>{column.name}<td>{_type(column)}{need}<td>{meaning}"
    yield "</table></div>"


def _glossary() -> Iterable[str]:
    yield '<h2 id="glossary">Glossary</h2><dl>'
    every = (table for module in WORDS.values() for table in tables_of(module))
    for table in sorted(every, key=_name):
        yield f"<dt>{_link(table.name)}</dt><dd>{escape(table.comment or '')}</dd>"
    yield "</dl>"


def _type(column: Column[Any]) -> str:
    if isinstance(column.type, types.ARRAY):
        return "list of texts"
    names: dict[type[Any], str] = {
        types.Uuid: "id",
        types.Text: "text",
        types.Boolean: "yes or no",
        types.Date: "day",
        types.DateTime: "instant",
        types.Time: "time of day",
        types.Integer: "whole number",
    }
    if isinstance(column.type, types.Numeric):
        return f"number with {column.type.scale} decimals"
    return next(name for kind, name in names.items() if isinstance(column.type, kind))


def _name(table: Table) -> str:
    return table.name


def _link(name: str) -> str:
    return f'<a href="#{name}">{name}</a>'


def _anchor(word: str) -> str:
    return "word-" + word.lower().replace(" ", "-")


def _summary(text: str | None) -> str:
    """The first line of a module's docstring."""
    return (text or "").strip().splitlines()[0]
