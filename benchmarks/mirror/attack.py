"""Attacks on a mirror that is shown: whether what it shows singles anybody out, or links what two people know of one.

Beside them k, and how far a dashboard's figures are from the source's, as the proof of the same build tells them.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg

from benchmarks.api.state import database_of
from benchmarks.figures import keep
from benchmarks.mirror.state import beside, inside, machine, making
from benchmarks.peers import environment
from cli.mirror import mirroring_of
from cli.workplace import Workplace
from mirror import key as keys
from mirror.build import build
from mirror.proof import bundle
from mirror.showing import DEMO, LEAST

HERE = Path(__file__).parent
ATTACKS = 2_400
SEED = 20_261_122
MOST_OVER, MOST_OFF = 1.0, 2.0

PEOPLE = r"""
SELECT extract(year FROM p.birth_date)::int AS born, p.sex_code AS sex,
       rtrim(regexp_replace(a.postcode, '[A-Za-z]{2}\s*$', '')) AS area, a.asset_type_code AS kind, a.bedrooms,
       a.built_year AS built, t.tenancy_type_code AS tenure
FROM canonical.golden_person p
     LEFT JOIN canonical.golden_asset a ON a.id = p.asset_id
     LEFT JOIN LATERAL (
         SELECT t.tenancy_type_code
         FROM canonical.golden_link l JOIN canonical.tenancy_party r ON r.person_id = l.entity_id
              JOIN canonical.tenancy t ON t.id = r.tenancy_id
         WHERE l.entity_type = 'person' AND l.golden_id = p.id ORDER BY t.start_date DESC NULLS LAST LIMIT 1
     ) t ON TRUE
WHERE p.asset_id IS NOT NULL OR t.tenancy_type_code IS NOT NULL
"""
"""Everybody who lives or lived in a home, with all that may tell who it is: as exactly as the source knows it."""


def measure(place: Workplace, folder: Path, full: bool) -> None:
    """A mirror of profile demo, its k and figures, and both attacks: 2,400 of each in short, ten times that in full."""
    told = mirroring_of(place)
    with beside(place, folder / "shown", profile=DEMO) as order:
        state = build(order, making(place, order))
        proof = bundle.read(bundle.place(told.proofs, state.build), keys.read(told.key)).told
        with psycopg.connect(database_of(place).conninfo) as source, inside(order.site) as mirror:
            people = [_people(connection, folder / f"{name}.parquet") for name, connection in
                      (("source", source), ("mirror", mirror))]  # fmt: skip
    size = f"{len(people[0]):,} people of {proof['rows']['canonical.golden_asset']:,} places; {machine()}"
    least = min(group["k"] for group in proof["k"])
    keep("mirror for showing: k", least, "", f">= {LEAST}", least >= LEAST,
         f"of people, homes and tenancies, by {', '.join(proof['k'][0]['columns'])} together; {size}")  # fmt: skip
    name, off = max(proof["utility"].items(), key=lambda figure: figure[1])
    keep("mirror for showing: the dashboard's figure furthest from the source's", 100 * off, "%", f"<= {MOST_OFF:g}",
         100 * off <= MOST_OFF, f"of {len(proof['utility'])}: {name}; {size}")  # fmt: skip
    attacks = ATTACKS * (10 if full else 1)
    bare = _attacked(folder, "source", attacks)
    for name, found in _attacked(folder, "mirror", attacks).items():
        low, high = found["interval"]
        keep(f"mirror for showing: {name}, over the naive attack", found["over"], "points", f"<= {MOST_OVER:g}",
             found["over"] <= MOST_OVER,
             f"anonymeter, {found['attacks']:,} attacks: {found['successes']} succeed (95%: {low:.2f} to {high:.2f}%), "
             f"of the naive {found['naive']}; {size}",
             "the same attack where the source's own rows are shown, points over", bare[name]["over"])  # fmt: skip


def _people(connection: psycopg.Connection[Any], path: Path) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE.encode())
        names = [column.name for column in cursor.description or ()]
        people = pd.DataFrame(cursor.fetchall(), columns=names)
    numbers = dict.fromkeys(("born", "bedrooms", "built"), "Int64")
    people.astype(numbers | dict.fromkeys(("sex", "area", "kind", "tenure"), "string")).to_parquet(path)
    return people


def _attacked(folder: Path, shown: str, attacks: int) -> dict[str, Any]:
    command = [environment(HERE), HERE / "run_anonymeter.py", folder / "source.parquet", folder / f"{shown}.parquet",
               str(attacks), str(SEED)]  # fmt: skip
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found
