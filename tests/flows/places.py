"""Places and tenancies as the housing management system would have left them, for systems that refer to them."""

from __future__ import annotations

from canonical_model import schema
from estate.world import World
from identity.ids import key_of, stable_id
from loading.load import connect

ASSETS = "COPY canonical.asset (id, asset_ref, asset_type_code, {own}) FROM STDIN"
TENANCIES = "COPY canonical.tenancy (id, tenancy_ref, tenancy_type_code, start_date, {own}) FROM STDIN"
OWN = "source_key, source_row, batch_id, run_id, row_hash"


def know_places(database_url: str, world: World) -> None:
    """Puts every place and tenancy of the made-up council into an empty database, with little beside their keys."""
    schema.migrate(database_url)
    with connect(database_url) as connection, connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(ASSETS.format(own=OWN).encode()) as copy:
            for ref in world.places.properties["property_ref"]:
                copy.write_row((stable_id(key_of("tenancy", "asset", ref)), ref, "dwelling", ref, 0, 0, 0, 0))
        with cursor.copy(TENANCIES.format(own=OWN).encode()) as copy:
            for ref in world.tenancies.tenancies["tenancy_ref"]:
                of = stable_id(key_of("tenancy", "tenancy", ref))
                copy.write_row((of, ref, "secure", "2000-01-03", ref, 0, 0, 0, 0))
