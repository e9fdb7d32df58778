"""Who does the work: trades, operatives with skills, shifts and absences, contractors and contracts."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped

from canonical_model.base import NOT_NEGATIVE, Base, Sourced, code, column, not_before, reference

ABSENCE_TYPES = (
    "annual_leave",
    "public_holiday",
    "sick",
    "injury",
    "maternity",
    "paternity",
    "training",
    "college",
    "trade_union",
    "meeting",
    "time_off_in_lieu",
    "bereavement",
    "jury_service",
    "vehicle",
    "other",
)
SKILL_LEVELS = ("trainee", "competent", "expert")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CONTRACT_TYPES = ("responsive", "planned", "gas_servicing", "voids", "cyclical", "specialist", "other")


class Trade(Sourced, Base):
    """A craft, such as plumbing."""

    trade_ref: Mapped[str] = column("The source's own code of the trade", index=True)
    name: Mapped[str] = column("Name of the trade")
    rate_ref: Mapped[str | None] = column("The source's code of the rate it is paid at")


class Contractor(Sourced, Base):
    """A firm that does work for the council, or the council's own direct labour."""

    contractor_ref: Mapped[str] = column("The source's own code of the contractor", index=True)
    name: Mapped[str] = column("Name of the contractor")
    organisation_id: Mapped[UUID | None] = reference("organisation", "The body that it is")
    is_in_house: Mapped[bool | None] = column("Whether it is the council's own workforce")
    is_active: Mapped[bool | None] = column("Whether it may be given work")
    insurance_expiry_date: Mapped[date | None] = column("Day its insurance ends")
    order_limit: Mapped[Decimal | None] = column("Highest value of one order, pounds", check=NOT_NEGATIVE)


class Contract(Sourced, Base):
    """An agreement under which a contractor works."""

    contract_ref: Mapped[str] = column("The source's own reference of the contract")
    name: Mapped[str | None] = column("Name of the contract")
    contractor_id: Mapped[UUID | None] = reference("contractor", "The contractor")
    contract_type_code: Mapped[str | None] = code(CONTRACT_TYPES, "What kind of work it covers")
    start_date: Mapped[date | None] = column("First day")
    end_date: Mapped[date | None] = column("Last day")
    total_value: Mapped[Decimal | None] = column("Value agreed, pounds", check=NOT_NEGATIVE)

    __table_args__ = (not_before("end_date", "start_date"),)


class Operative(Sourced, Base):
    """A tradesperson who does repairs."""

    operative_ref: Mapped[str] = column("The source's own number of the operative", index=True)
    name: Mapped[str | None] = column("Name of the operative")
    person_id: Mapped[UUID | None] = reference("person", "The person that the operative is")
    contractor_id: Mapped[UUID | None] = reference("contractor", "Who employs the operative")
    trade_id: Mapped[UUID | None] = reference("trade", "Main trade")
    payroll_ref: Mapped[str | None] = column("Payroll number")
    section: Mapped[str | None] = column("Team or depot")
    pay_scheme_id: Mapped[UUID | None] = reference("pay_scheme", "Scheme the bonus is counted by")
    salary_band: Mapped[int | None] = column("Pay band of the scheme")
    has_fixed_band: Mapped[bool | None] = column("Whether the band does not follow the work done")
    utilisation: Mapped[Decimal | None] = column("Share of a full-time week", Numeric(4, 2), check=NOT_NEGATIVE)
    manager_id: Mapped[UUID | None] = reference("person", "The operative's manager", index=False)
    supervisor_id: Mapped[UUID | None] = reference("person", "The operative's supervisor", index=False)
    start_postcode: Mapped[str | None] = column("Where the working day starts, usually home")
    end_postcode: Mapped[str | None] = column("Where the working day ends")
    weekly_limit_minutes: Mapped[int | None] = column("Longest working week", check=NOT_NEGATIVE)
    max_travel_minutes: Mapped[int | None] = column("Longest way to a job", check=NOT_NEGATIVE)
    cost_per_km: Mapped[Decimal | None] = column("Cost of driving, pounds", Numeric(8, 3), check=NOT_NEGATIVE)
    hourly_rate: Mapped[Decimal | None] = column("Cost of an hour's work, pounds", check=NOT_NEGATIVE)
    start_date: Mapped[date | None] = column("First day of work")
    end_date: Mapped[date | None] = column("Last day of work")
    is_active: Mapped[bool | None] = column("Whether the operative can be given work")

    __table_args__ = (not_before("end_date", "start_date"),)


class OperativeSkill(Sourced, Base):
    """What an operative can do: a trade, or a single SOR item."""

    operative_id: Mapped[UUID] = reference("operative", "The operative")
    trade_id: Mapped[UUID | None] = reference("trade", "The trade")
    sor_code: Mapped[str | None] = column("The single SOR item, where it is no whole trade")
    level_code: Mapped[str | None] = code(SKILL_LEVELS, "How well")
    proficiency_percent: Mapped[Decimal | None] = column("Speed against the standard minutes", Numeric(5, 2))
    preference: Mapped[int | None] = column("How gladly it is given to them; 1 is first")
    is_main: Mapped[bool | None] = column("Whether it is the main trade")
    qualified_until_date: Mapped[date | None] = column("Day a certificate for it runs out")


class Shift(Sourced, Base):
    """The hours an operative works on a day, or on one weekday of every week."""

    operative_id: Mapped[UUID] = reference("operative", "The operative")
    weekday_code: Mapped[str | None] = code(WEEKDAYS, "The weekday of a shift that repeats")
    shift_date: Mapped[date | None] = column("The day of a single shift")
    start_time: Mapped[time] = column("When work starts, local time")
    end_time: Mapped[time] = column("When work ends, local time; earlier than the start past midnight")
    start_date: Mapped[date | None] = column("First day the pattern applies")
    end_date: Mapped[date | None] = column("Last day the pattern applies")
    is_standby: Mapped[bool | None] = column("Whether it is for calls out of hours")

    __table_args__ = (not_before("end_date", "start_date"),)


class Absence(Sourced, Base):
    """A time in which an operative does not work."""

    operative_id: Mapped[UUID] = reference("operative", "The operative")
    absence_type_code: Mapped[str] = code(ABSENCE_TYPES, "Why they are away")
    start_date: Mapped[date] = column("First day away")
    end_date: Mapped[date | None] = column("Last day away")
    start_time: Mapped[time | None] = column("When it starts on the first day, local time")
    end_time: Mapped[time | None] = column("When it ends on the last day, local time")

    __table_args__ = (not_before("end_date", "start_date"),)


class PayScheme(Sourced, Base):
    """A way to count work for pay."""

    scheme_ref: Mapped[str] = column("The source's own key of the scheme")
    scheme_type: Mapped[str | None] = column("What is counted, such as SMV (standard minute values)")
    description: Mapped[str] = column("Name of the scheme")
    conversion_factor: Mapped[Decimal | None] = column("Factor from units to pay", Numeric(10, 4))
    max_value: Mapped[Decimal | None] = column("Most units that count", check=NOT_NEGATIVE)


class PayBand(Sourced, Base):
    """The units a pay band of a scheme asks for."""

    pay_scheme_id: Mapped[UUID] = reference("pay_scheme", "The scheme")
    band: Mapped[int] = column("Number of the band")
    value: Mapped[Decimal] = column("Units that the band asks for", check=NOT_NEGATIVE)


class PayElement(Sourced, Base):
    """A kind of time on an operative's time sheet: work, leave, overtime."""

    element_ref: Mapped[str] = column("The source's own key of the element")
    description: Mapped[str] = column("Name of the element")
    absence_type_code: Mapped[str | None] = code(ABSENCE_TYPES, "The absence that it stands for")
    is_paid: Mapped[bool | None] = column("Whether it is paid")
    is_paid_at_band: Mapped[bool | None] = column("Whether it is paid at the operative's band")
    is_adjustment: Mapped[bool | None] = column("Whether it corrects pay and is no time")
    is_productive: Mapped[bool | None] = column("Whether it counts as work on jobs")
    is_non_productive: Mapped[bool | None] = column("Whether it counts as time away from jobs")
    is_out_of_hours: Mapped[bool | None] = column("Whether it is work out of hours")
    is_overtime: Mapped[bool | None] = column("Whether it is overtime")
    is_sick_leave: Mapped[bool | None] = column("Whether it is sick leave")
    is_selectable: Mapped[bool | None] = column("Whether staff may choose it on a time sheet")
    smv_per_hour_minutes: Mapped[Decimal | None] = column("Standard minutes an hour of it stands for")
    cost_code: Mapped[str | None] = column("Where it is booked in the ledger, the council's own code")
