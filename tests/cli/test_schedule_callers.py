"""``hub schedule serve`` answers systems that call the old scheduler, at the address that its WSDL tells."""

from __future__ import annotations

from pathlib import Path

from cli.schedule import serving
from cli.workplace import Workplace, settings_of
from tests.api.scheduling.callers import Caller, a_client, an_order, fill
from tests.scheduling.live import published, town


def test_the_old_schedulers_callers_are_answered(tmp_path: Path, hub_url: str) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(f'[hub]\nfolder = "{tmp_path}/var"\n[database]\nurl = "{hub_url}"\n[scheduling]\nroads = "none"\n')
    place = Workplace(settings_of(file), hub_url, None)
    fill(hub_url)
    published(hub_url, place.plans, town())
    with serving(place, anywhere=True) as desk:
        caller = Caller(desk.url, "housing", a_client(hub_url))
        assert caller.opened == "success"
        address = caller.client.wsdl.services["DRS"].ports["SOAP"].binding_options["address"]
        assert address == f"{desk.url}/soap/scheduler"
        assert caller.refused("checkAvailability", theOrder={**an_order(), "contract": "X99"}) == "Unknown contract"
        (trade, *_) = caller.done("selectMetaData", contract="H01").theResourceTemplates
        assert trade.name == "EL"
