"""A small made-up council, landed; masks that change nothing, and masks that a reader can check by eye."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from connectors.landing import land
from connectors.opening import Connection, open_system
from estate import council
from estate.council import FOLDERS
from estate.servers.drs import DrsStore
from estate.servers.soap import SoapServer
from estate.world import TODAY
from estate.writers.drs import CONFIRMATIONS, FILE
from mappings.catalogue import load_system

SYSTEMS = (
    "tenancy", "rents", "register", "works", "drs", "payments", "stock", "contractor", "licensing", "gazetteer",
)  # fmt: skip
LOGIN = {"username": "hub", "password": "made-up-council"}


class Unmasked:
    """Masks that leave everything as it is: what is written must then land as it landed."""

    def apply(self, mask: str, values: pa.Array, by: tuple[pa.Array, ...] = ()) -> pa.Array:
        return values

    def birth_dates(self, values: pa.Array, by: tuple[pa.Array, ...], fmt: str) -> pa.Array:
        return values


class Turned:
    """Masks by which a reader sees what was masked: words in reverse, digits 9 less, days a day later."""

    def apply(self, mask: str, values: pa.Array, by: tuple[pa.Array, ...] = ()) -> pa.Array:
        digits = str.maketrans("0123456789", "0987654321")

        def change(text: str) -> str:
            if mask == "phone":
                return "07700 900999"
            if mask == "reference":
                return text.translate(digits)
            return " ".join(word[::-1].capitalize() for word in text.split(" "))

        return pa.array([None if text is None else change(text) for text in values.to_pylist()], pa.string())

    def birth_dates(self, values: pa.Array, by: tuple[pa.Array, ...], fmt: str) -> pa.Array:
        later = pc.add(pc.strptime(values, fmt, "s"), pa.scalar(86_400, pa.duration("s")))
        return pc.strftime(later, fmt)


def landed(name: str, estate: Path, tenancy_url: str, landing: Path) -> None:
    """Lands every table of the system as it stands in the estate's folders."""
    system = load_system(name).spec
    with ExitStack() as stack:
        connection = _connection(name, estate, tenancy_url, stack)
        source = stack.enter_context(closing(open_system(system, connection, on_left=lambda left: None)))
        for table in system.tables:
            folder = landing / name / table.name / "00000001"
            land(source, table, folder, batch_id=1, run_id=1, mapping_version="1")


def _connection(name: str, estate: Path, tenancy_url: str, stack: ExitStack) -> Connection:
    if name == "tenancy":
        return Connection(tenancy_url)
    folder = estate / FOLDERS[name]
    if name == "drs":
        store = DrsStore.from_file(folder / FILE, login=LOGIN["username"], password=LOGIN["password"])
        url = stack.enter_context(SoapServer(store)).url
        return Connection(url, inbox=folder / CONFIRMATIONS, secrets=LOGIN, today=TODAY)
    return Connection(f"sqlite:///{folder / 'works.sqlite'}" if name == "works" else str(folder))


@pytest.fixture(scope="session")
def small_landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landed batches of a council of sixty homes."""
    home = tmp_path_factory.mktemp("council")
    url = f"sqlite:///{home / 'tenancy.sqlite'}"
    council.write(home / "estate", council.Size(60, seed=7), url)
    for name in SYSTEMS:
        landed(name, home / "estate", url, home / "landing")
    return home / "landing"
