"""The tables of the housing management system, as its vendor laid them out: padded text, no keys, no rules.

Shaped after Civica Universal Housing, of which the names and types of most columns are. Sundry columns that
no council fills were left out of it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()
BIT, DAY, INT = sa.Boolean(), sa.DateTime(), sa.Integer()


def C(length: int) -> sa.CHAR:  # noqa: N802 - as the vendor's script writes it
    """A text that the database pads with blanks."""
    return sa.CHAR(length)


def V(length: int) -> sa.String:  # noqa: N802
    """A text that is not padded."""
    return sa.String(length)


def N(digits: int, scale: int = 0) -> sa.Numeric[Any]:  # noqa: N802
    """An exact number."""
    return sa.Numeric(digits, scale)


def _table(name: str, **columns: Any) -> sa.Table:
    return sa.Table(name, METADATA, *(sa.Column(column, kind) for column, kind in columns.items()))


PROPERTY = _table(
    "property",
    prop_ref=C(12), level_code=C(1), major_ref=C(12), cat_type=C(3), subtyp_code=C(3), short_address=C(200),
    address1=C(255), post_preamble=C(60), post_desig=C(60), u_building=C(60), aline3=C(40), aline4=C(40),
    post_code=C(10), num_bedrooms=INT, u_floors=INT, u_floor_level=INT, u_year_constructed=INT, occ_stat=C(3),
    ownership=C(10), rentgrp_ref=C(3), u_llpg_ref=C(16), u_easting=C(12), u_northing=C(12), u_block=C(16),
    u_estate=C(16), housing_officer=C(3), rep_area=C(3), no_maint=BIT, letable=BIT, sheltered=BIT,
    u_sold_leased_date=DAY, property_sid=INT, comp_avail=C(200), dtstamp=DAY,
)  # fmt: skip

HOUSEH = _table(
    "househ",
    house_ref=C(10), prop_ref=C(12), house_desc=C(73), house_size=N(2), eff_date=DAY, fin_date=DAY, joint_ten=BIT,
    vulnerable=BIT, doctor=C(20), doctel=C(10), email_password=C(30), h_visit_pw=C(12), househ_sid=INT,
)  # fmt: skip

MEMBER = _table(
    "member",
    house_ref=C(10), person_no=N(2), title=C(10), forename=C(24), surname=C(20), initials=C(3), age=N(3),
    responsible=BIT, dob=DAY, u_dod=DAY, gender=C(1), ni_no=C(12), relationship=C(1), ethnic_origin=C(3),
    disabled=C(3), first_lang=V(3), religion_belief=V(3), at_risk=BIT, hiv_positive=V(3), crim_rec=V(3),
    pregnant=BIT, bank_acc_type=C(3), u_pin_number=C(20), eff_date=DAY, term_date=DAY, member_sid=INT,
)  # fmt: skip

TENAGREE = _table(
    "tenagree",
    tag_ref=C(11), prop_ref=C(12), house_ref=C(10), agr_type=C(1), master_tag_ref=C(11), u_account_type=C(3),
    cur_bal=N(9, 2), cur_nr_bal=N(9, 2), tenure=C(3), tenure_ori=C(3), rent=N(9, 2), service=N(9, 2),
    other_charge=N(9, 2), u_saff_rentacc=C(20), rentgrp_ref=C(3), prd_code=C(2), u_payment_expected=C(3), cot=DAY,
    eot=DAY, potentialenddate=DAY, noticegiven_dt=DAY, succession_date=DAY, evictdate=DAY, occ_status=C(3),
    present=BIT, terminated=BIT, reason_term=C(3), tenagree_sid=INT, comp_avail=C(200), dtstamp=DAY,
)  # fmt: skip

TAGPARTY = _table(
    "tagparty",
    tag_ref=C(11), house_ref=C(10), person_no=N(2), party_role=C(3), liablemember=BIT, eff_date=DAY, term_date=DAY,
)  # fmt: skip

CONTACTS = _table(
    "contacts",
    con_key=INT, con_type=C(1), tag_ref=C(11), prop_ref=C(12), house_ref=C(10), person_no=N(2), con_name=V(73),
    con_address=C(200), con_postcode=C(10), con_phone1=C(21), con_phone2=C(21), con_phone3=C(21),
    email_address=C(50), comp_display=C(200),
)  # fmt: skip

DEBITEM = _table(
    "debitem",
    debitem_sid=INT, tag_ref=C(11), prop_ref=C(12), deb_code=C(3), deb_value=N(8, 2), prd_code=C(2), eff_date=DAY,
    term_date=DAY, deb_active=BIT, deb_source=C(3), u_hbeligable=BIT, freeprd=BIT,
)  # fmt: skip

RENTPRD = _table(
    "rentprd",
    rentgrp_ref=C(3), prd_year=INT, prd_no=INT, prd_start=DAY, prd_end=DAY, free_prd=BIT, no_of_debits=INT,
)  # fmt: skip

RTRANS = _table(
    "rtrans",
    rtrans_sid=INT, prop_ref=C(12), tag_ref=C(11), trans_type=C(3), trans_src=C(3), trans_ref=C(12), post_date=DAY,
    post_year=INT, post_prdno=N(3), batchno=N(6), line_no=INT, rentgroup=C(3), real_value=N(9, 2),
    vat_value=N(9, 2), adjustment=BIT,
)  # fmt: skip

ARACTION = _table(
    "araction",
    araction_sid=INT, tag_ref=C(11), action_set=INT, action_no=INT, action_code=C(3), action_type=C(3),
    action_date=DAY, action_balance=N(9, 2), action_comment=V(100), username=V(40), comm_only=BIT,
    action_deferred=BIT, deferred_until=DAY, act_status=V(3),
)  # fmt: skip

ARAG = _table(
    "arag",
    arag_sid=INT, tag_ref=C(11), arag_status=C(10), arag_startdate=DAY, arag_enddate=DAY, arag_breached=BIT,
    arag_startbal=N(9, 3), arag_clearby=DAY,
)  # fmt: skip

ARAGDET = _table(
    "aragdet",
    aragdet_sid=INT, arag_sid=INT, aragdet_amount=N(10, 3), aragdet_frequency=C(3), aragdet_startdate=DAY,
)  # fmt: skip

VOIDS = _table(
    "voids",
    void_sid=INT, prop_ref=C(12), tag_ref=C(11), next_tag_ref=C(11), void_reason=C(3), void_class=C(3),
    void_date=DAY, target_date=DAY, keysrecd_dt=DAY, ready_date=DAY, let_date=DAY, weekly_loss=N(9, 2),
)  # fmt: skip

CAUTION = _table(
    "caution",
    caution_sid=INT, prop_ref=C(12), tag_ref=C(11), house_ref=C(10), person_no=N(2), caution_code=C(3),
    caution_desc=V(100), eff_date=DAY, review_date=DAY, term_date=DAY,
)  # fmt: skip

DEBTYPE = _table("debtype", deb_code=C(3), deb_desc=C(20), vatable=BIT, freeprd=BIT, u_hbeligable=BIT)
RECTYPE = _table("rectype", rec_code=C(3), rec_desc=C(20), rec_hb=BIT, rec_dd=BIT)
RENTGRP = _table("rentgrp", rentgrp_ref=C(3), rentgrp_desc=C(40), no_of_periods=INT)
