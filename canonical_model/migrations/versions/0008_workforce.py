"""Workforce: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "pay_element",
        sa.Column("element_ref", sa.Text, nullable=False, comment="The source's own key of the element"),
        sa.Column("description", sa.Text, nullable=False, comment="Name of the element"),
        sa.Column("absence_type_code", sa.Text, comment="The absence that it stands for"),
        sa.Column("is_paid", sa.Boolean, comment="Whether it is paid"),
        sa.Column("is_paid_at_band", sa.Boolean, comment="Whether it is paid at the operative's band"),
        sa.Column("is_adjustment", sa.Boolean, comment="Whether it corrects pay and is no time"),
        sa.Column("is_productive", sa.Boolean, comment="Whether it counts as work on jobs"),
        sa.Column("is_non_productive", sa.Boolean, comment="Whether it counts as time away from jobs"),
        sa.Column("is_out_of_hours", sa.Boolean, comment="Whether it is work out of hours"),
        sa.Column("is_overtime", sa.Boolean, comment="Whether it is overtime"),
        sa.Column("is_sick_leave", sa.Boolean, comment="Whether it is sick leave"),
        sa.Column("is_selectable", sa.Boolean, comment="Whether staff may choose it on a time sheet"),
        sa.Column(
            "smv_per_hour_minutes",
            sa.Numeric(precision=12, scale=2),
            comment="Standard minutes an hour of it stands for",
        ),
        sa.Column("cost_code", sa.Text, comment="Where it is booked in the ledger, the council's own code"),
        one_of(
            "pay_element",
            "absence_type_code",
            "annual_leave public_holiday sick injury maternity paternity training college trade_union "
            "meeting time_off_in_lieu bereavement jury_service vehicle other",
        ),
        comment="A kind of time on an operative's time sheet: work, leave, overtime.",
    )
    create_entity(
        "pay_scheme",
        sa.Column("scheme_ref", sa.Text, nullable=False, comment="The source's own key of the scheme"),
        sa.Column("scheme_type", sa.Text, comment="What is counted, such as SMV (standard minute values)"),
        sa.Column("description", sa.Text, nullable=False, comment="Name of the scheme"),
        sa.Column("conversion_factor", sa.Numeric(precision=10, scale=4), comment="Factor from units to pay"),
        sa.Column("max_value", sa.Numeric(precision=12, scale=2), comment="Most units that count"),
        sa.CheckConstraint("max_value >= 0", name="ck_pay_scheme_max_value"),
        comment="A way to count work for pay.",
    )
    create_entity(
        "trade",
        sa.Column("trade_ref", sa.Text, nullable=False, comment="The source's own code of the trade"),
        sa.Column("name", sa.Text, nullable=False, comment="Name of the trade"),
        sa.Column("rate_ref", sa.Text, comment="The source's code of the rate it is paid at"),
        comment="A craft, such as plumbing.",
    )
    op.create_index("ix_trade_trade_ref", "trade", ["trade_ref"], schema="canonical")
    create_entity(
        "contractor",
        sa.Column("contractor_ref", sa.Text, nullable=False, comment="The source's own code of the contractor"),
        sa.Column("name", sa.Text, nullable=False, comment="Name of the contractor"),
        sa.Column("organisation_id", sa.Uuid, comment="The body that it is"),
        sa.Column("is_in_house", sa.Boolean, comment="Whether it is the council's own workforce"),
        sa.Column("is_active", sa.Boolean, comment="Whether it may be given work"),
        sa.Column("insurance_expiry_date", sa.Date, comment="Day its insurance ends"),
        sa.Column("order_limit", sa.Numeric(precision=12, scale=2), comment="Highest value of one order, pounds"),
        sa.CheckConstraint("order_limit >= 0", name="ck_contractor_order_limit"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["canonical.organisation.id"], name="fk_contractor_organisation_id"
        ),
        comment="A firm that does work for the council, or the council's own direct labour.",
    )
    op.create_index("ix_contractor_contractor_ref", "contractor", ["contractor_ref"], schema="canonical")
    op.create_index("ix_contractor_organisation_id", "contractor", ["organisation_id"], schema="canonical")
    create_entity(
        "pay_band",
        sa.Column("pay_scheme_id", sa.Uuid, nullable=False, comment="The scheme"),
        sa.Column("band", sa.Integer, nullable=False, comment="Number of the band"),
        sa.Column("value", sa.Numeric(precision=12, scale=2), nullable=False, comment="Units that the band asks for"),
        sa.CheckConstraint("value >= 0", name="ck_pay_band_value"),
        sa.ForeignKeyConstraint(["pay_scheme_id"], ["canonical.pay_scheme.id"], name="fk_pay_band_pay_scheme_id"),
        comment="The units a pay band of a scheme asks for.",
    )
    op.create_index("ix_pay_band_pay_scheme_id", "pay_band", ["pay_scheme_id"], schema="canonical")
    create_entity(
        "contract",
        sa.Column("contract_ref", sa.Text, nullable=False, comment="The source's own reference of the contract"),
        sa.Column("name", sa.Text, comment="Name of the contract"),
        sa.Column("contractor_id", sa.Uuid, comment="The contractor"),
        sa.Column("contract_type_code", sa.Text, comment="What kind of work it covers"),
        sa.Column("start_date", sa.Date, comment="First day"),
        sa.Column("end_date", sa.Date, comment="Last day"),
        sa.Column("total_value", sa.Numeric(precision=12, scale=2), comment="Value agreed, pounds"),
        one_of("contract", "contract_type_code", "responsive planned gas_servicing voids cyclical specialist other"),
        sa.CheckConstraint("end_date >= start_date", name="ck_contract_end_date_not_before_start_date"),
        sa.CheckConstraint("total_value >= 0", name="ck_contract_total_value"),
        sa.ForeignKeyConstraint(["contractor_id"], ["canonical.contractor.id"], name="fk_contract_contractor_id"),
        comment="An agreement under which a contractor works.",
    )
    op.create_index("ix_contract_contractor_id", "contract", ["contractor_id"], schema="canonical")
    create_entity(
        "operative",
        sa.Column("operative_ref", sa.Text, nullable=False, comment="The source's own number of the operative"),
        sa.Column("name", sa.Text, comment="Name of the operative"),
        sa.Column("person_id", sa.Uuid, comment="The person that the operative is"),
        sa.Column("contractor_id", sa.Uuid, comment="Who employs the operative"),
        sa.Column("trade_id", sa.Uuid, comment="Main trade"),
        sa.Column("payroll_ref", sa.Text, comment="Payroll number"),
        sa.Column("section", sa.Text, comment="Team or depot"),
        sa.Column("pay_scheme_id", sa.Uuid, comment="Scheme the bonus is counted by"),
        sa.Column("salary_band", sa.Integer, comment="Pay band of the scheme"),
        sa.Column("has_fixed_band", sa.Boolean, comment="Whether the band does not follow the work done"),
        sa.Column("utilisation", sa.Numeric(precision=4, scale=2), comment="Share of a full-time week"),
        sa.Column("manager_id", sa.Uuid, comment="The operative's manager"),
        sa.Column("supervisor_id", sa.Uuid, comment="The operative's supervisor"),
        sa.Column("start_postcode", sa.Text, comment="Where the working day starts, usually home"),
        sa.Column("end_postcode", sa.Text, comment="Where the working day ends"),
        sa.Column("weekly_limit_minutes", sa.Integer, comment="Longest working week"),
        sa.Column("max_travel_minutes", sa.Integer, comment="Longest way to a job"),
        sa.Column("cost_per_km", sa.Numeric(precision=8, scale=3), comment="Cost of driving, pounds"),
        sa.Column("hourly_rate", sa.Numeric(precision=12, scale=2), comment="Cost of an hour's work, pounds"),
        sa.Column("start_date", sa.Date, comment="First day of work"),
        sa.Column("end_date", sa.Date, comment="Last day of work"),
        sa.Column("is_active", sa.Boolean, comment="Whether the operative can be given work"),
        sa.CheckConstraint("cost_per_km >= 0", name="ck_operative_cost_per_km"),
        sa.CheckConstraint("end_date >= start_date", name="ck_operative_end_date_not_before_start_date"),
        sa.CheckConstraint("hourly_rate >= 0", name="ck_operative_hourly_rate"),
        sa.CheckConstraint("max_travel_minutes >= 0", name="ck_operative_max_travel_minutes"),
        sa.CheckConstraint("utilisation >= 0", name="ck_operative_utilisation"),
        sa.CheckConstraint("weekly_limit_minutes >= 0", name="ck_operative_weekly_limit_minutes"),
        sa.ForeignKeyConstraint(["contractor_id"], ["canonical.contractor.id"], name="fk_operative_contractor_id"),
        sa.ForeignKeyConstraint(["manager_id"], ["canonical.person.id"], name="fk_operative_manager_id"),
        sa.ForeignKeyConstraint(["pay_scheme_id"], ["canonical.pay_scheme.id"], name="fk_operative_pay_scheme_id"),
        sa.ForeignKeyConstraint(["person_id"], ["canonical.person.id"], name="fk_operative_person_id"),
        sa.ForeignKeyConstraint(["supervisor_id"], ["canonical.person.id"], name="fk_operative_supervisor_id"),
        sa.ForeignKeyConstraint(["trade_id"], ["canonical.trade.id"], name="fk_operative_trade_id"),
        comment="A tradesperson who does repairs.",
    )
    op.create_index("ix_operative_contractor_id", "operative", ["contractor_id"], schema="canonical")
    op.create_index("ix_operative_operative_ref", "operative", ["operative_ref"], schema="canonical")
    op.create_index("ix_operative_pay_scheme_id", "operative", ["pay_scheme_id"], schema="canonical")
    op.create_index("ix_operative_person_id", "operative", ["person_id"], schema="canonical")
    op.create_index("ix_operative_trade_id", "operative", ["trade_id"], schema="canonical")
    create_entity(
        "absence",
        sa.Column("operative_id", sa.Uuid, nullable=False, comment="The operative"),
        sa.Column("absence_type_code", sa.Text, nullable=False, comment="Why they are away"),
        sa.Column("start_date", sa.Date, nullable=False, comment="First day away"),
        sa.Column("end_date", sa.Date, comment="Last day away"),
        sa.Column("start_time", sa.Time, comment="When it starts on the first day, local time"),
        sa.Column("end_time", sa.Time, comment="When it ends on the last day, local time"),
        one_of(
            "absence",
            "absence_type_code",
            "annual_leave public_holiday sick injury maternity paternity training college trade_union "
            "meeting time_off_in_lieu bereavement jury_service vehicle other",
        ),
        sa.CheckConstraint("end_date >= start_date", name="ck_absence_end_date_not_before_start_date"),
        sa.ForeignKeyConstraint(["operative_id"], ["canonical.operative.id"], name="fk_absence_operative_id"),
        comment="A time in which an operative does not work.",
    )
    op.create_index("ix_absence_operative_id", "absence", ["operative_id"], schema="canonical")
    create_entity(
        "operative_skill",
        sa.Column("operative_id", sa.Uuid, nullable=False, comment="The operative"),
        sa.Column("trade_id", sa.Uuid, comment="The trade"),
        sa.Column("sor_code", sa.Text, comment="The single SOR item, where it is no whole trade"),
        sa.Column("level_code", sa.Text, comment="How well"),
        sa.Column(
            "proficiency_percent", sa.Numeric(precision=5, scale=2), comment="Speed against the standard minutes"
        ),
        sa.Column("preference", sa.Integer, comment="How gladly it is given to them; 1 is first"),
        sa.Column("is_main", sa.Boolean, comment="Whether it is the main trade"),
        sa.Column("qualified_until_date", sa.Date, comment="Day a certificate for it runs out"),
        one_of("operative_skill", "level_code", "trainee competent expert"),
        sa.ForeignKeyConstraint(["operative_id"], ["canonical.operative.id"], name="fk_operative_skill_operative_id"),
        sa.ForeignKeyConstraint(["trade_id"], ["canonical.trade.id"], name="fk_operative_skill_trade_id"),
        comment="What an operative can do: a trade, or a single SOR item.",
    )
    op.create_index("ix_operative_skill_operative_id", "operative_skill", ["operative_id"], schema="canonical")
    op.create_index("ix_operative_skill_trade_id", "operative_skill", ["trade_id"], schema="canonical")
    create_entity(
        "shift",
        sa.Column("operative_id", sa.Uuid, nullable=False, comment="The operative"),
        sa.Column("weekday_code", sa.Text, comment="The weekday of a shift that repeats"),
        sa.Column("shift_date", sa.Date, comment="The day of a single shift"),
        sa.Column("start_time", sa.Time, nullable=False, comment="When work starts, local time"),
        sa.Column(
            "end_time",
            sa.Time,
            nullable=False,
            comment="When work ends, local time; earlier than the start past midnight",
        ),
        sa.Column("start_date", sa.Date, comment="First day the pattern applies"),
        sa.Column("end_date", sa.Date, comment="Last day the pattern applies"),
        sa.Column("is_standby", sa.Boolean, comment="Whether it is for calls out of hours"),
        one_of("shift", "weekday_code", "monday tuesday wednesday thursday friday saturday sunday"),
        sa.CheckConstraint("end_date >= start_date", name="ck_shift_end_date_not_before_start_date"),
        sa.ForeignKeyConstraint(["operative_id"], ["canonical.operative.id"], name="fk_shift_operative_id"),
        comment="The hours an operative works on a day, or on one weekday of every week.",
    )
    op.create_index("ix_shift_operative_id", "shift", ["operative_id"], schema="canonical")


def downgrade() -> None:
    drop_entity("shift")
    drop_entity("operative_skill")
    drop_entity("absence")
    drop_entity("operative")
    drop_entity("contract")
    drop_entity("pay_band")
    drop_entity("contractor")
    drop_entity("trade")
    drop_entity("pay_scheme")
    drop_entity("pay_element")
