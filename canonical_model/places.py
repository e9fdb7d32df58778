"""Where things are: what the council owns or cares for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Numeric
from sqlalchemy.orm import Mapped

from canonical_model.base import NOT_NEGATIVE, UPRN, Base, Sourced, code, column, not_before, reference

ASSET_TYPES = (
    "estate",
    "block",
    "sub_block",
    "house",
    "bungalow",
    "flat",
    "maisonette",
    "bedsit",
    "studio",
    "room",
    "dwelling",
    "garage",
    "parking_space",
    "store",
    "community_hall",
    "shop",
    "office",
    "land",
    "traveller_pitch",
    "boiler_house",
    "lift",
    "booster_pump",
    "plant",
    "communal_area",
    "other",
)
OWNERSHIPS = ("council", "leasehold", "freehold", "private", "housing_association", "other")
OCCUPANCY_STATUSES = ("occupied", "void", "decant", "squatted", "closed", "demolished", "sold", "unknown")


class Asset(Sourced, Base):
    """A place the council manages: an estate, a block, a home, a garage or plant."""

    asset_ref: Mapped[str] = column("The source's own property reference", index=True)
    asset_type_code: Mapped[str] = code(ASSET_TYPES, "What kind of place it is")
    parent_id: Mapped[UUID | None] = reference("asset", "The place it is part of: a flat's block, its estate")
    name: Mapped[str | None] = column("Name of an estate, block or building")
    uprn: Mapped[int | None] = column("Unique property reference number", BigInteger, check=UPRN, index=True)
    parent_uprn: Mapped[int | None] = column("UPRN of the building it is part of", BigInteger, check=UPRN)
    usrn: Mapped[int | None] = column("Unique street reference number")
    address_line_1: Mapped[str | None] = column("First line of the address")
    address_line_2: Mapped[str | None] = column("Second line of the address")
    address_line_3: Mapped[str | None] = column("Third line of the address")
    address_line_4: Mapped[str | None] = column("Town or county")
    postcode: Mapped[str | None] = column("Postcode with one space", index=True)
    easting_m: Mapped[Decimal | None] = column("British National Grid, metres east", Numeric(9, 2))
    northing_m: Mapped[Decimal | None] = column("British National Grid, metres north", Numeric(9, 2))
    ownership_code: Mapped[str | None] = code(OWNERSHIPS, "Who owns it")
    bedrooms: Mapped[int | None] = column("Number of bedrooms", check=NOT_NEGATIVE)
    storeys: Mapped[int | None] = column("Number of storeys of the building", check=NOT_NEGATIVE)
    floor_level: Mapped[int | None] = column("Floor it is on; 0 is the ground floor")
    floor_area_m2: Mapped[Decimal | None] = column("Floor area", Numeric(10, 2), check=NOT_NEGATIVE)
    built_year: Mapped[int | None] = column("Year it was built", check="{} BETWEEN 1000 AND 2200")
    occupancy_status_code: Mapped[str | None] = code(OCCUPANCY_STATUSES, "Whether it is lived in")
    occupancy_since_date: Mapped[date | None] = column("Day its occupancy last changed")
    rent_group_code: Mapped[str | None] = column("Rent group, the council's own code")
    patch_code: Mapped[str | None] = column("Housing officer's patch, the council's own code")
    repairs_area_code: Mapped[str | None] = column("Area by which repairs are shared out, the council's own code")
    managing_body: Mapped[str | None] = column("Who manages it where the council does not")
    is_repairs_allowed: Mapped[bool | None] = column("Whether the council repairs it")
    is_active: Mapped[bool | None] = column("Whether the council still manages it")
    acquired_date: Mapped[date | None] = column("Day it came to the council")
    disposed_date: Mapped[date | None] = column("Day it was sold, demolished or handed over")

    __table_args__ = (not_before("disposed_date", "acquired_date"),)
