"""Places: estates, blocks, homes, garages and plant stand in one table and name their parent."""

from datetime import date
from decimal import Decimal

from mappings.identifiers import identifier
from mappings.mapping import Between, Mapping, Ordered
from mappings.rules import AsText, Code, Date, Flag, Number, Postcode, Ref, Text, Uprn

ASSET = Mapping(
    source="property",
    target="asset",
    key=("prop_ref",),
    fields={
        "asset_ref": Text("prop_ref", required=True),
        "asset_type_code": Code("subtyp_code", code_list="asset_type", required=True),
        "parent_id": Ref("asset", ("major_ref",)),
        "name": Text("u_building"),
        "uprn": Uprn("u_llpg_ref"),
        "address_line_1": Text("short_address"),
        "address_line_3": Text("aline3"),
        "address_line_4": Text("aline4"),
        "postcode": Postcode("post_code"),
        "easting_m": Number("u_easting", decimals=2, minimum=Decimal(0), maximum=Decimal(700_000)),
        "northing_m": Number("u_northing", decimals=2, minimum=Decimal(0), maximum=Decimal(1_300_000)),
        "ownership_code": Code("ownership", code_list="ownership"),
        "bedrooms": Number("num_bedrooms"),
        "storeys": Number("u_floors"),
        "floor_level": Number("u_floor_level"),
        "built_year": Number("u_year_constructed", unknown=(Decimal(0),)),
        "occupancy_status_code": Code("occ_stat", code_list="occupancy"),
        "rent_group_code": Text("rentgrp_ref"),
        "patch_code": Text("housing_officer"),
        "repairs_area_code": Text("rep_area"),
        "is_repairs_allowed": Flag("no_maint", true=("0", "false"), false=("1", "true")),
        "disposed_date": Date("u_sold_leased_date", earliest=date(1950, 1, 1)),
    },
    checks=(
        Between("bedrooms", most=99),
        Between("storeys", most=199),
        Between("built_year", least=1000, most=2200),
        Between("floor_level", least=-9, most=199),
    ),
    ignored={
        "level_code": "follows from subtyp_code",
        "cat_type": "letting category; the rent group says what is charged",
        "address1": "short_address with the town, which have columns of their own",
        "post_preamble": "stands in short_address",
        "post_desig": "stands in short_address",
        "u_block": "the block is the parent in major_ref",
        "u_estate": "the estate is the parent's parent",
        "letable": "follows from occ_stat",
        "sheltered": "scheme of the home; support is recorded elsewhere",
        "property_sid": "the vendor's row number",
        "comp_avail": "the vendor's rights mask",
        "dtstamp": "time of the last save, not of a change",
    },
)

PROPERTY_REF = identifier("property", "asset", ("prop_ref",), "property_ref", Text("prop_ref"), "tenancy")

UPRN = identifier("property", "asset", ("prop_ref",), "uprn", AsText(Uprn("u_llpg_ref")), "GeoPlace")

VOID = Mapping(
    source="voids",
    target="void",
    key=("void_sid",),
    fields={
        "void_ref": Text("void_sid"),
        "asset_id": Ref("asset", ("prop_ref",)),
        "previous_tenancy_id": Ref("tenancy", ("tag_ref",)),
        "next_tenancy_id": Ref("tenancy", ("next_tag_ref",)),
        "reason_code": Code("void_reason", code_list="void_reason"),
        "void_class_code": Code("void_class", code_list="void_class"),
        "start_date": Date("void_date", required=True),
        "target_date": Date("target_date"),
        "keys_received_date": Date("keysrecd_dt"),
        "ready_date": Date("ready_date"),
        "end_date": Date("let_date"),
        "weekly_rent_lost": Number("weekly_loss", decimals=2),
    },
    checks=(
        Ordered("start_date", "end_date"),
        Ordered("start_date", "ready_date", kind="BEFORE-VOID", severity="warning"),
        Ordered("start_date", "target_date", kind="BEFORE-VOID", severity="warning"),
        Between("weekly_rent_lost"),
    ),
)
