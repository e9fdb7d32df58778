"""The national address gazetteer (BS 7666, AddressBase Premium): what may be addressed, and how.

UPRN and USRN tie the records together. They are no foreign keys: a transfer file may carry an address without
its building or street.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, Numeric
from sqlalchemy.orm import Mapped

from canonical_model.base import UPRN, Base, Sourced, code, column, not_before

LOGICAL_STATUSES = ("approved", "alternative", "provisional", "historical", "candidate", "rejected")
BLPU_STATES = ("under_construction", "in_use", "unoccupied", "no_longer_existing", "planning_granted")
STREET_TYPES = ("official_name", "described", "numbered", "unofficial")
LANGUAGES = ("english", "welsh", "gaelic", "other")


class Blpu(Sourced, Base):
    """A basic land and property unit: a piece of land or a building that has a UPRN."""

    uprn: Mapped[int] = column("Unique property reference number", BigInteger, check=UPRN, index=True)
    logical_status_code: Mapped[str] = code(LOGICAL_STATUSES, "Standing of the record")
    state_code: Mapped[str | None] = code(BLPU_STATES, "Physical state")
    state_date: Mapped[date | None] = column("Day it came to that state")
    parent_uprn: Mapped[int | None] = column("UPRN of the unit it is part of", BigInteger, check=UPRN)
    easting_m: Mapped[Decimal | None] = column("British National Grid, metres east", Numeric(9, 2))
    northing_m: Mapped[Decimal | None] = column("British National Grid, metres north", Numeric(9, 2))
    positional_accuracy: Mapped[int | None] = column("Representative point code: 1 (best) to 9")
    custodian_code: Mapped[str | None] = column("Authority that keeps the record")
    postal_address_code: Mapped[str | None] = column("Whether post is delivered: S, N, C, D, L or M")
    postcode: Mapped[str | None] = column("Postcode with one space", index=True)
    multiple_occupancy_count: Mapped[int | None] = column("Number of units within it")
    start_date: Mapped[date | None] = column("Day the record began")
    end_date: Mapped[date | None] = column("Day the record ended")
    updated_date: Mapped[date | None] = column("Day the record last changed")

    __table_args__ = (not_before("end_date", "start_date"),)


class Lpi(Sourced, Base):
    """A land and property identifier: one way to write the address of a UPRN."""

    uprn: Mapped[int] = column("UPRN that it addresses", BigInteger, check=UPRN, index=True)
    lpi_key: Mapped[str] = column("Key of the identifier in the gazetteer")
    language_code: Mapped[str | None] = code(LANGUAGES, "Language it is written in")
    logical_status_code: Mapped[str] = code(LOGICAL_STATUSES, "Standing of the record")
    sao_start_number: Mapped[int | None] = column("First number of the flat or unit")
    sao_start_suffix: Mapped[str | None] = column("Letter after the first number of the unit")
    sao_end_number: Mapped[int | None] = column("Last number of the flat or unit")
    sao_end_suffix: Mapped[str | None] = column("Letter after the last number of the unit")
    sao_text: Mapped[str | None] = column("Name of the flat or unit")
    pao_start_number: Mapped[int | None] = column("First number of the building")
    pao_start_suffix: Mapped[str | None] = column("Letter after the first number of the building")
    pao_end_number: Mapped[int | None] = column("Last number of the building")
    pao_end_suffix: Mapped[str | None] = column("Letter after the last number of the building")
    pao_text: Mapped[str | None] = column("Name of the building")
    usrn: Mapped[int | None] = column("Street that it stands on", index=True)
    usrn_match_code: Mapped[str | None] = column("How the street was matched, gazetteer's code")
    area_name: Mapped[str | None] = column("Area in addition to the street")
    level: Mapped[str | None] = column("Floor or level")
    is_official: Mapped[bool | None] = column("Whether it is the official address")
    start_date: Mapped[date | None] = column("Day the record began")
    end_date: Mapped[date | None] = column("Day the record ended")
    updated_date: Mapped[date | None] = column("Day the record last changed")

    __table_args__ = (not_before("end_date", "start_date"),)


class Street(Sourced, Base):
    """A street of the gazetteer."""

    usrn: Mapped[int] = column("Unique street reference number", index=True)
    street_type_code: Mapped[str | None] = code(STREET_TYPES, "Kind of street record")
    authority_code: Mapped[str | None] = column("Authority that names it")
    state_code: Mapped[str | None] = column("State of the street, gazetteer's code")
    surface_code: Mapped[str | None] = column("Surface of the street, gazetteer's code")
    classification_code: Mapped[str | None] = column("Who may use it, gazetteer's code")
    start_easting_m: Mapped[Decimal | None] = column("Metres east of its start", Numeric(9, 2))
    start_northing_m: Mapped[Decimal | None] = column("Metres north of its start", Numeric(9, 2))
    end_easting_m: Mapped[Decimal | None] = column("Metres east of its end", Numeric(9, 2))
    end_northing_m: Mapped[Decimal | None] = column("Metres north of its end", Numeric(9, 2))
    start_date: Mapped[date | None] = column("Day the record began")
    end_date: Mapped[date | None] = column("Day the record ended")
    updated_date: Mapped[date | None] = column("Day the record last changed")

    __table_args__ = (not_before("end_date", "start_date"),)


class StreetDescription(Sourced, Base):
    """A street's name in one language."""

    usrn: Mapped[int] = column("Street that it names", index=True)
    description: Mapped[str] = column("Name of the street, or what it is called by")
    locality: Mapped[str | None] = column("Locality")
    town: Mapped[str | None] = column("Town")
    administrative_area: Mapped[str | None] = column("Administrative area")
    language_code: Mapped[str | None] = code(LANGUAGES, "Language it is written in")


class DeliveryPoint(Sourced, Base):
    """An address as the post knows it."""

    uprn: Mapped[int] = column("UPRN that post is brought to", BigInteger, check=UPRN, index=True)
    udprn: Mapped[int | None] = column("Delivery point's number with the post")
    organisation_name: Mapped[str | None] = column("Organisation at the address")
    department_name: Mapped[str | None] = column("Department of the organisation")
    sub_building_name: Mapped[str | None] = column("Flat or unit")
    building_name: Mapped[str | None] = column("Name of the building")
    building_number: Mapped[int | None] = column("Number of the building")
    dependent_thoroughfare: Mapped[str | None] = column("Street off the main street")
    thoroughfare: Mapped[str | None] = column("Street")
    double_dependent_locality: Mapped[str | None] = column("Smallest locality")
    dependent_locality: Mapped[str | None] = column("Locality")
    post_town: Mapped[str | None] = column("Post town")
    postcode: Mapped[str | None] = column("Postcode with one space", index=True)
    postcode_type_code: Mapped[str | None] = column("S for many users, L for one")
    start_date: Mapped[date | None] = column("Day the record began")
    end_date: Mapped[date | None] = column("Day the record ended")
    updated_date: Mapped[date | None] = column("Day the record last changed")

    __table_args__ = (not_before("end_date", "start_date"),)


class BlpuClassification(Sourced, Base):
    """What a UPRN is used for, in a named scheme."""

    uprn: Mapped[int] = column("UPRN that is classified", BigInteger, check=UPRN, index=True)
    class_ref: Mapped[str] = column("Key of the classification in the gazetteer")
    classification_code: Mapped[str] = column("Class in the scheme, such as RD for a dwelling")
    scheme: Mapped[str] = column("Name of the scheme")
    scheme_version: Mapped[str | None] = column("Version of the scheme")
    start_date: Mapped[date | None] = column("Day the record began")
    end_date: Mapped[date | None] = column("Day the record ended")
    updated_date: Mapped[date | None] = column("Day the record last changed")

    __table_args__ = (not_before("end_date", "start_date"),)


class BlpuOrganisation(Sourced, Base):
    """An organisation that is at a UPRN."""

    uprn: Mapped[int] = column("UPRN where it is", BigInteger, check=UPRN, index=True)
    organisation_ref: Mapped[str] = column("Key of the organisation in the gazetteer")
    organisation_name: Mapped[str] = column("Name of the organisation")
    legal_name: Mapped[str | None] = column("Registered legal name")
    start_date: Mapped[date | None] = column("Day the record began")
    end_date: Mapped[date | None] = column("Day the record ended")
    updated_date: Mapped[date | None] = column("Day the record last changed")

    __table_args__ = (not_before("end_date", "start_date"),)


class BlpuCrossReference(Sourced, Base):
    """The key of a UPRN in another national data set."""

    uprn: Mapped[int] = column("UPRN that is referred to", BigInteger, check=UPRN, index=True)
    cross_ref_key: Mapped[str] = column("Key of the cross-reference in the gazetteer")
    cross_reference: Mapped[str] = column("Key in the other data set")
    version: Mapped[int | None] = column("Version of the key in the other data set")
    data_source: Mapped[str] = column("The other data set, gazetteer's code")
    start_date: Mapped[date | None] = column("Day the record began")
    end_date: Mapped[date | None] = column("Day the record ended")
    updated_date: Mapped[date | None] = column("Day the record last changed")

    __table_args__ = (not_before("end_date", "start_date"),)
