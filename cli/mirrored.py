"""``--mirror``: the hub's own commands over the mirror in place of the hub, all that they show marked TEST DATA."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.workplace import Workplace, settings_of
from services.outside import TEST_DATA
from settings.model import NO_ROADS, Settings

Mirrored = Annotated[
    bool, typer.Option("--mirror", help="Over the mirror: masked data, marked TEST DATA, and nothing is sent.")
]


def settings_over(config: Path, mirror: bool) -> Settings:
    """The settings of the file; where the mirror is meant, those of a hub over it."""
    settings = settings_of(config)
    return mirrored(settings) if mirror else settings


def mirrored(settings: Settings) -> Settings:
    """The settings of a hub over the mirror, whose server is started where it is down.

    It has a state folder, keys and addresses of its own: no token of the hub opens the mirror, nor the other way round.
    Raises ContractBroken where no mirror stands.
    """
    from cli.mirror import site_of  # noqa: PLC0415 - what builds a mirror takes a second to import

    site = site_of(settings)
    site.administration()
    hub, database, api, scheduling = settings.hub, settings.database, settings.api, settings.scheduling
    folder = hub.folder / "mirror" / "served"
    roads = Workplace(settings, "", None).roads
    return settings.model_copy(
        update={
            "hub": hub.model_copy(update={"folder": folder}),
            "database": database.model_copy(update={"url": site.tester_url() if site.is_local else site.url}),
            "api": api.model_copy(update={"listen": settings.mirror.api_listen, "address": None}),
            "scheduling": scheduling.model_copy(
                update={"listen": settings.mirror.scheduling_listen, "roads": str(roads) if roads else NO_ROADS}
            ),
        }
    )


def mark_of(place: Workplace) -> str:
    """What a command adds to what it says where it works over a mirror."""
    return f"   {TEST_DATA}: a mirror, which sends nothing." if place.settings.api.test_data else ""
