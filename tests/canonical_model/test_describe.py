"""The page tells the whole model and needs nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from canonical_model.describe import page
from canonical_model.tables import WORDS, tables_of

PAGE = page()


class Anchors(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links |= {value for name, value in attrs if name == "href" and value}


def test_every_table_column_and_code_is_told() -> None:
    for module in WORDS.values():
        for table in tables_of(module):
            assert f'<h3 id="{table.name}">' in PAGE
            for column in table.columns:
                assert f"<td>{column.name}<td>" in PAGE
                assert all(f"<code>{code}</code>" in PAGE for code in column.info.get("codes", ()))


def test_every_link_leads_somewhere() -> None:
    anchors = Anchors(PAGE)
    assert len(set(anchors.ids)) == len(anchors.ids)
    assert {link.removeprefix("#") for link in anchors.links} <= set(anchors.ids)


def test_it_needs_no_network_and_no_script() -> None:
    assert "<script" not in PAGE
    assert not re.search(r"(https?:)?//", PAGE)
