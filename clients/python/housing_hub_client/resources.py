"""Every resource of the API, typed. Written by ``generate_client.py`` from the catalogue; do not edit.

A record has the fields that the token's scopes open and what was to come along, so each may be missing but the id.
Ids are UUIDs, days and instants ISO 8601, amounts texts with two decimals: ``Decimal(record["amount"])``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Required, TypedDict

from housing_hub_client.changes import Changes
from housing_hub_client.exports import Format, export
from housing_hub_client.resource import Resource
from housing_hub_client.session import Session

ResourcePath = Literal[
    "absences",
    "agreement-instalments",
    "alerts",
    "appointments",
    "arrears-actions",
    "arrears-agreements",
    "arrears-cases",
    "asset-records",
    "balance-snapshots",
    "bank-entries",
    "bank-statements",
    "blpu-classifications",
    "blpu-cross-references",
    "blpu-organisations",
    "blpus",
    "certificates",
    "charges",
    "components",
    "contact-methods",
    "contractors",
    "contracts",
    "delivery-points",
    "document-links",
    "hazard-cases",
    "hmo-applications",
    "hmo-licences",
    "household-member-records",
    "household-members",
    "household-records",
    "households",
    "housing-applications",
    "identifiers",
    "lettings",
    "lpis",
    "manual-allocations",
    "operative-availabilities",
    "operative-skills",
    "operatives",
    "organisations",
    "pay-bands",
    "pay-elements",
    "pay-schemes",
    "people",
    "person-records",
    "places",
    "recharges",
    "rent-accounts",
    "rent-periods",
    "rent-transactions",
    "repair-requests",
    "satisfaction-responses",
    "shifts",
    "sor-items",
    "street-descriptions",
    "streets",
    "surveys",
    "suspense-items",
    "tenancies",
    "tenancy-holdings",
    "tenancy-parties",
    "trades",
    "visit-confirmations",
    "voids",
    "work-elements",
    "work-orders",
]


class Absence(TypedDict, total=False):
    """A time in which an operative does not work."""

    id: Required[str]
    operative_id: str
    absence_type_code: str
    start_date: str
    end_date: str | None
    start_time: str | None
    end_time: str | None
    operative: Operative | None


class AgreementInstalment(TypedDict, total=False):
    """What an agreement asks to be paid, and how often."""

    id: Required[str]
    agreement_id: str
    amount: str
    frequency_code: str
    first_due_date: str | None
    agreement: ArrearsAgreement | None


class Alert(TypedDict, total=False):
    """A caution about a person or a place that staff must see before a visit."""

    id: Required[str]
    person_id: str | None
    asset_id: str | None
    tenancy_id: str | None
    alert_type_code: str
    description: str | None
    start_date: str | None
    review_date: str | None
    end_date: str | None
    person: PersonRecord | None
    asset: AssetRecord | None
    tenancy: Tenancy | None


class Appointment(TypedDict, total=False):
    """A visit agreed for an order."""

    id: Required[str]
    appointment_ref: str
    work_order_id: str | None
    work_order_ref: str | None
    booking_ref: str | None
    asset_id: str | None
    operative_id: str | None
    contract_ref: str | None
    sequence_code: str | None
    slot_name: str | None
    window_start_at: str | None
    window_end_at: str | None
    planned_start_at: str | None
    planned_end_at: str | None
    arrived_at: str | None
    completed_at: str | None
    duration_minutes: int | None
    status_code: str
    outcome_code: str | None
    booked_at: str | None
    comment: str | None
    work_order: WorkOrder | None
    asset: AssetRecord | None
    operative: Operative | None


class ArrearsAction(TypedDict, total=False):
    """A step taken about arrears: a letter, a call, a notice, a court hearing."""

    id: Required[str]
    action_ref: str | None
    account_id: str
    case_id: str | None
    action_type_code: str
    action_date: str
    balance: str | None
    deferred_until_date: str | None
    officer_ref: str | None
    comment: str | None
    account: RentAccount | None
    case: ArrearsCase | None


class ArrearsAgreement(TypedDict, total=False):
    """An arrangement to pay arrears off."""

    id: Required[str]
    agreement_ref: str
    account_id: str
    case_id: str | None
    kind_code: str | None
    status_code: str
    start_date: str | None
    end_date: str | None
    clear_by_date: str | None
    starting_balance: str | None
    is_breached: bool | None
    account: RentAccount | None
    case: ArrearsCase | None
    agreement_instalments: list[AgreementInstalment]


class ArrearsCase(TypedDict, total=False):
    """The pursuit of one account's arrears from the first letter to their end."""

    id: Required[str]
    case_ref: str
    account_id: str
    tenancy_id: str | None
    status_code: str | None
    stage_code: str | None
    opened_date: str | None
    closed_date: str | None
    opening_balance: str | None
    account: RentAccount | None
    tenancy: Tenancy | None
    arrears_actions: list[ArrearsAction]
    arrears_agreements: list[ArrearsAgreement]


class AssetRecord(TypedDict, total=False):
    """A place the council manages: an estate, a block, a home, a garage or plant."""

    id: Required[str]
    asset_ref: str
    asset_type_code: str
    parent_id: str | None
    name: str | None
    uprn: int | None
    parent_uprn: int | None
    usrn: int | None
    address_line_1: str | None
    address_line_2: str | None
    address_line_3: str | None
    address_line_4: str | None
    postcode: str | None
    easting_m: float | None
    northing_m: float | None
    ownership_code: str | None
    bedrooms: int | None
    storeys: int | None
    floor_level: int | None
    floor_area_m2: float | None
    built_year: int | None
    occupancy_status_code: str | None
    occupancy_since_date: str | None
    rent_group_code: str | None
    patch_code: str | None
    repairs_area_code: str | None
    managing_body: str | None
    is_repairs_allowed: bool | None
    is_active: bool | None
    acquired_date: str | None
    disposed_date: str | None
    parent: AssetRecord | None
    asset_records: list[AssetRecord]
    person_records: list[PersonRecord]
    household_records: list[HouseholdRecord]
    alerts: list[Alert]
    tenancy_holdings: list[TenancyHolding]
    charges: list[Charge]
    repair_requests: list[RepairRequest]
    work_orders: list[WorkOrder]
    appointments: list[Appointment]
    surveys: list[Survey]
    components: list[Component]
    voids: list[Void]
    certificates: list[Certificate]
    hazard_cases: list[HazardCase]
    lettings: list[Letting]
    hmo_applications: list[HmoApplication]
    hmo_licences: list[HmoLicence]
    golden: Place | None


class BalanceSnapshot(TypedDict, total=False):
    """An account's balance on a day as a source states it, to hold against its transactions."""

    id: Required[str]
    account_id: str
    balance_date: str
    balance_kind_code: str
    rent_year: int | None
    period_no: int | None
    balance: str
    account: RentAccount | None


class BankEntry(TypedDict, total=False):
    """A payment in or out, as the bank tells it, before it is put to a rent account."""

    id: Required[str]
    statement_id: str | None
    bank_account_ref: str | None
    account_id: str | None
    value_date: str
    entry_date: str | None
    amount: str
    bank_type: str | None
    payment_method_code: str | None
    payer_ref: str | None
    bank_ref: str | None
    payer_name: str | None
    payer_account_ref: str | None
    details: str | None
    is_reversal: bool | None
    statement: BankStatement | None
    account: RentAccount | None
    suspense_items: list[SuspenseItem]


class BankStatement(TypedDict, total=False):
    """A bank's statement of one account of the council over a time."""

    id: Required[str]
    statement_ref: str
    statement_number: str | None
    bank_account_ref: str
    currency: str
    opening_date: str | None
    opening_balance: str | None
    closing_date: str | None
    closing_balance: str | None
    available_balance: str | None
    bank_entries: list[BankEntry]


class BlpuClassification(TypedDict, total=False):
    """What a UPRN is used for, in a named scheme."""

    id: Required[str]
    uprn: int
    class_ref: str
    classification_code: str
    scheme: str
    scheme_version: str | None
    start_date: str | None
    end_date: str | None
    updated_date: str | None


class BlpuCrossReference(TypedDict, total=False):
    """The key of a UPRN in another national data set."""

    id: Required[str]
    uprn: int
    cross_ref_key: str
    cross_reference: str
    version: int | None
    data_source: str
    start_date: str | None
    end_date: str | None
    updated_date: str | None


class BlpuOrganisation(TypedDict, total=False):
    """An organisation that is at a UPRN."""

    id: Required[str]
    uprn: int
    organisation_ref: str
    organisation_name: str
    legal_name: str | None
    start_date: str | None
    end_date: str | None
    updated_date: str | None


class Blpu(TypedDict, total=False):
    """A basic land and property unit: a piece of land or a building that has a UPRN."""

    id: Required[str]
    uprn: int
    logical_status_code: str
    state_code: str | None
    state_date: str | None
    parent_uprn: int | None
    easting_m: float | None
    northing_m: float | None
    positional_accuracy: int | None
    custodian_code: str | None
    postal_address_code: str | None
    postcode: str | None
    multiple_occupancy_count: int | None
    start_date: str | None
    end_date: str | None
    updated_date: str | None


class Certificate(TypedDict, total=False):
    """Proof that a place, or something in it, was checked for safety."""

    id: Required[str]
    certificate_ref: str | None
    asset_id: str | None
    work_order_id: str | None
    certificate_type_code: str
    issued_date: str
    expiry_date: str | None
    result_code: str | None
    rating: str | None
    inspector: str | None
    inspector_ref: str | None
    appliance: str | None
    notes: str | None
    asset: AssetRecord | None
    work_order: WorkOrder | None


class Charge(TypedDict, total=False):
    """One element of what an account is debited for a period (a line of the debit breakdown)."""

    id: Required[str]
    account_id: str
    asset_id: str | None
    element_code: str
    amount: str
    frequency_code: str
    start_date: str | None
    end_date: str | None
    is_housing_benefit_eligible: bool | None
    is_charged_in_free_weeks: bool | None
    vat_percent: float | None
    account: RentAccount | None
    asset: AssetRecord | None


class Component(TypedDict, total=False):
    """A part of a place that wears out and is renewed: a kitchen, a boiler, a roof."""

    id: Required[str]
    asset_id: str | None
    survey_id: str | None
    component_type_code: str
    description: str | None
    quantity: float | None
    unit_code: str | None
    install_date: str | None
    install_year: int | None
    life_years: int | None
    renewal_year: int | None
    condition_code: str | None
    renewal_cost: str | None
    serial_number: str | None
    asset: AssetRecord | None
    survey: Survey | None


class ContactMethod(TypedDict, total=False):
    """A telephone number or address at which somebody can be reached."""

    id: Required[str]
    person_id: str | None
    organisation_id: str | None
    tenancy_id: str | None
    contact_type_code: str
    value: str
    contact_name: str | None
    postcode: str | None
    precedence: int | None
    is_text_allowed: bool | None
    start_date: str | None
    end_date: str | None
    person: PersonRecord | None
    organisation: Organisation | None
    tenancy: Tenancy | None


class Contractor(TypedDict, total=False):
    """A firm that does work for the council, or the council's own direct labour."""

    id: Required[str]
    contractor_ref: str
    name: str
    organisation_id: str | None
    is_in_house: bool | None
    is_active: bool | None
    insurance_expiry_date: str | None
    order_limit: str | None
    organisation: Organisation | None
    work_orders: list[WorkOrder]
    contracts: list[Contract]
    operatives: list[Operative]


class Contract(TypedDict, total=False):
    """An agreement under which a contractor works."""

    id: Required[str]
    contract_ref: str
    name: str | None
    contractor_id: str | None
    contract_type_code: str | None
    start_date: str | None
    end_date: str | None
    total_value: str | None
    contractor: Contractor | None
    work_orders: list[WorkOrder]


class DeliveryPoint(TypedDict, total=False):
    """An address as the post knows it."""

    id: Required[str]
    uprn: int
    udprn: int | None
    organisation_name: str | None
    department_name: str | None
    sub_building_name: str | None
    building_name: str | None
    building_number: int | None
    dependent_thoroughfare: str | None
    thoroughfare: str | None
    double_dependent_locality: str | None
    dependent_locality: str | None
    post_town: str | None
    postcode: str | None
    postcode_type_code: str | None
    start_date: str | None
    end_date: str | None
    updated_date: str | None


class DocumentLink(TypedDict, total=False):
    """A document elsewhere that belongs to something in the model."""

    id: Required[str]
    entity_type: str
    entity_id: str
    document_type_code: str | None
    title: str | None
    uri: str
    sha256: str | None
    document_date: str | None


class HazardCase(TypedDict, total=False):
    """A hazard reported in a home, with the instants that the law counts from."""

    id: Required[str]
    hazard_ref: str
    asset_id: str | None
    request_id: str | None
    work_order_id: str | None
    hazard_type_code: str
    track_code: str | None
    status_code: str | None
    aware_at: str
    investigated_at: str | None
    summary_sent_at: str | None
    made_safe_at: str | None
    works_begun_at: str | None
    works_done_at: str | None
    is_decanted: bool | None
    access_attempts: int | None
    extension_reason: str | None
    asset: AssetRecord | None
    request: RepairRequest | None
    work_order: WorkOrder | None


class HmoApplication(TypedDict, total=False):
    """A landlord's application to let a house to several households."""

    id: Required[str]
    case_ref: str
    asset_id: str | None
    uprn: int | None
    address_text: str
    postcode: str | None
    licence_type_code: str | None
    status_code: str | None
    applicant_id: str | None
    applicant_organisation_id: str | None
    received_date: str | None
    decided_date: str | None
    storeys: int | None
    fee: str | None
    asset: AssetRecord | None
    applicant: PersonRecord | None
    applicant_organisation: Organisation | None
    hmo_licences: list[HmoLicence]


class HmoLicence(TypedDict, total=False):
    """A licence to let a house to several households."""

    id: Required[str]
    case_ref: str
    application_id: str | None
    asset_id: str | None
    uprn: int | None
    address_text: str
    postcode: str | None
    licence_type_code: str | None
    status_code: str | None
    holder_id: str | None
    manager_id: str | None
    max_occupants: int | None
    unit_count: int | None
    max_households: int | None
    start_date: str | None
    expiry_date: str | None
    application: HmoApplication | None
    asset: AssetRecord | None
    holder: PersonRecord | None
    manager: PersonRecord | None


class HouseholdMemberRecord(TypedDict, total=False):
    """A person's time in a household."""

    id: Required[str]
    household_id: str
    person_id: str
    member_number: int | None
    role_code: str | None
    relationship_code: str | None
    is_head: bool | None
    is_responsible: bool | None
    start_date: str | None
    end_date: str | None
    household: HouseholdRecord | None
    person: PersonRecord | None


class HouseholdMember(TypedDict, total=False):
    """A person's time in a household, as all sources together know it."""

    id: Required[str]
    household_id: str
    person_id: str
    role_code: str | None
    is_head: bool | None
    start_date: str | None
    end_date: str | None
    record_count: int
    system_count: int
    confidence: float | None
    flags: list[str]
    household: Household | None
    person: Person | None


class HouseholdRecord(TypedDict, total=False):
    """The people who live together, or want to."""

    id: Required[str]
    household_ref: str
    name: str | None
    asset_id: str | None
    person_count: int | None
    start_date: str | None
    end_date: str | None
    asset: AssetRecord | None
    household_member_records: list[HouseholdMemberRecord]
    tenancies: list[Tenancy]
    housing_applications: list[HousingApplication]
    golden: Household | None


class Household(TypedDict, total=False):
    """The people who live together, as all sources together know them."""

    id: Required[str]
    name: str | None
    asset_id: str | None
    tenancy_id: str | None
    person_count: int
    start_date: str | None
    end_date: str | None
    record_count: int
    system_count: int
    confidence: float | None
    flags: list[str]
    asset: Place | None
    tenancy: Tenancy | None
    people: list[Person]
    household_members: list[HouseholdMember]
    records: list[HouseholdRecord]


class HousingApplication(TypedDict, total=False):
    """A household's request for a home."""

    id: Required[str]
    application_ref: str
    applicant_id: str | None
    joint_applicant_id: str | None
    household_id: str | None
    current_asset_id: str | None
    application_type_code: str | None
    status_code: str
    band_code: str | None
    points: int | None
    need_reason_code: str | None
    bedrooms_needed: int | None
    person_count: int | None
    children_count: int | None
    is_wheelchair_needed: bool | None
    applied_date: str | None
    effective_date: str | None
    review_date: str | None
    closed_date: str | None
    offers_made: int | None
    current_address_text: str | None
    current_postcode: str | None
    preferred_areas: str | None
    notes: str | None
    applicant: PersonRecord | None
    joint_applicant: PersonRecord | None
    household: HouseholdRecord | None
    current_asset: AssetRecord | None
    lettings: list[Letting]


class Identifier(TypedDict, total=False):
    """A key that something of the model has with somebody, and who gave it."""

    id: Required[str]
    entity_type: str
    entity_id: str
    scheme_code: str
    value: str
    allocated_by: str
    start_date: str | None
    end_date: str | None


class Letting(TypedDict, total=False):
    """A home let to a household, as the national lettings return (CORE) asks for it."""

    id: Required[str]
    letting_ref: str | None
    application_id: str | None
    tenancy_id: str | None
    asset_id: str | None
    property_ref: str | None
    tenant_ref: str | None
    uprn: int | None
    address_text: str | None
    postcode: str | None
    start_date: str
    void_date: str | None
    repairs_completed_date: str | None
    letting_type_code: str | None
    rent_type_code: str | None
    source_of_letting_code: str | None
    bedrooms: int | None
    is_joint_tenancy: bool | None
    is_starter_tenancy: bool | None
    fixed_term_years: int | None
    person_count: int | None
    lead_tenant_age_years: int | None
    previous_postcode: str | None
    was_homeless: bool | None
    charge_frequency_code: str | None
    basic_rent: str | None
    service_charge: str | None
    personal_service_charge: str | None
    support_charge: str | None
    application: HousingApplication | None
    tenancy: Tenancy | None
    asset: AssetRecord | None


class Lpi(TypedDict, total=False):
    """A land and property identifier: one way to write the address of a UPRN."""

    id: Required[str]
    uprn: int
    lpi_key: str
    language_code: str | None
    logical_status_code: str
    sao_start_number: int | None
    sao_start_suffix: str | None
    sao_end_number: int | None
    sao_end_suffix: str | None
    sao_text: str | None
    pao_start_number: int | None
    pao_start_suffix: str | None
    pao_end_number: int | None
    pao_end_suffix: str | None
    pao_text: str | None
    usrn: int | None
    usrn_match_code: str | None
    area_name: str | None
    level: str | None
    is_official: bool | None
    start_date: str | None
    end_date: str | None
    updated_date: str | None


class ManualAllocation(TypedDict, total=False):
    """A line of the weekly plan that the logistics manager makes by hand."""

    id: Required[str]
    operative_id: str | None
    work_order_id: str | None
    work_order_ref: str | None
    week_start_date: str | None
    allocation_date: str
    sequence_number: int | None
    planned_start_time: str | None
    planned_minutes: int | None
    travel_distance_m: float | None
    uploaded_at: str | None
    allocated_by: str | None
    note: str | None
    operative: Operative | None
    work_order: WorkOrder | None


class OperativeAvailability(TypedDict, total=False):
    """A window in which an operative can, or cannot, be given work."""

    id: Required[str]
    operative_id: str | None
    contract_ref: str | None
    slot_name: str | None
    start_at: str
    end_at: str
    availability_code: str
    is_best_slot: bool | None
    reason: str | None
    operative: Operative | None


class OperativeSkill(TypedDict, total=False):
    """What an operative can do: a trade, or a single SOR item."""

    id: Required[str]
    operative_id: str
    trade_id: str | None
    sor_code: str | None
    level_code: str | None
    proficiency_percent: float | None
    preference: int | None
    is_main: bool | None
    qualified_until_date: str | None
    operative: Operative | None
    trade: Trade | None


class Operative(TypedDict, total=False):
    """A tradesperson who does repairs."""

    id: Required[str]
    operative_ref: str
    name: str | None
    person_id: str | None
    contractor_id: str | None
    trade_id: str | None
    payroll_ref: str | None
    section: str | None
    pay_scheme_id: str | None
    salary_band: int | None
    has_fixed_band: bool | None
    utilisation: float | None
    manager_id: str | None
    supervisor_id: str | None
    start_postcode: str | None
    end_postcode: str | None
    weekly_limit_minutes: int | None
    max_travel_minutes: int | None
    cost_per_km: float | None
    hourly_rate: str | None
    start_date: str | None
    end_date: str | None
    is_active: bool | None
    person: PersonRecord | None
    contractor: Contractor | None
    trade: Trade | None
    pay_scheme: PayScheme | None
    manager: PersonRecord | None
    supervisor: PersonRecord | None
    appointments: list[Appointment]
    operative_availabilities: list[OperativeAvailability]
    manual_allocations: list[ManualAllocation]
    operative_skills: list[OperativeSkill]
    shifts: list[Shift]
    absences: list[Absence]


class Organisation(TypedDict, total=False):
    """A body that is no person: a contractor, an agent, a charity, a landlord."""

    id: Required[str]
    organisation_ref: str
    name: str
    organisation_type_code: str | None
    charity_number: str | None
    company_number: str | None
    address_text: str | None
    postcode: str | None
    contact_methods: list[ContactMethod]
    tenancy_parties: list[TenancyParty]
    contractors: list[Contractor]


class PayBand(TypedDict, total=False):
    """The units a pay band of a scheme asks for."""

    id: Required[str]
    pay_scheme_id: str
    band: int
    value: str
    pay_scheme: PayScheme | None


class PayElement(TypedDict, total=False):
    """A kind of time on an operative's time sheet: work, leave, overtime."""

    id: Required[str]
    element_ref: str
    description: str
    absence_type_code: str | None
    is_paid: bool | None
    is_paid_at_band: bool | None
    is_adjustment: bool | None
    is_productive: bool | None
    is_non_productive: bool | None
    is_out_of_hours: bool | None
    is_overtime: bool | None
    is_sick_leave: bool | None
    is_selectable: bool | None
    smv_per_hour_minutes: str | None
    cost_code: str | None


class PayScheme(TypedDict, total=False):
    """A way to count work for pay."""

    id: Required[str]
    scheme_ref: str
    scheme_type: str | None
    description: str
    conversion_factor: float | None
    max_value: str | None
    operatives: list[Operative]
    pay_bands: list[PayBand]


class Person(TypedDict, total=False):
    """A person as all sources together know them."""

    id: Required[str]
    title: str | None
    forename: str | None
    surname: str | None
    full_name: str | None
    preferred_name: str | None
    birth_date: str | None
    death_date: str | None
    is_deceased: bool | None
    sex_code: str | None
    national_insurance_number: str | None
    nationality: str | None
    ethnic_origin: str | None
    preferred_language: str | None
    is_disabled: bool | None
    has_support_needs: bool | None
    mobile: str | None
    telephone: str | None
    email: str | None
    asset_id: str | None
    household_id: str | None
    record_count: int
    system_count: int
    confidence: float | None
    flags: list[str]
    asset: Place | None
    household: Household | None
    household_members: list[HouseholdMember]
    records: list[PersonRecord]


class PersonRecord(TypedDict, total=False):
    """A person as one source knows them; the golden links tell which of them are the same."""

    id: Required[str]
    person_ref: str
    title: str | None
    forename: str | None
    surname: str | None
    full_name: str | None
    preferred_name: str | None
    birth_date: str | None
    death_date: str | None
    is_deceased: bool | None
    age_years: int | None
    sex_code: str | None
    national_insurance_number: str | None
    nationality: str | None
    ethnic_origin: str | None
    preferred_language: str | None
    is_disabled: bool | None
    has_support_needs: bool | None
    asset_id: str | None
    tenancy_id: str | None
    payment_ref: str | None
    asset: AssetRecord | None
    tenancy: Tenancy | None
    household_member_records: list[HouseholdMemberRecord]
    contact_methods: list[ContactMethod]
    alerts: list[Alert]
    tenancy_parties: list[TenancyParty]
    rent_accounts: list[RentAccount]
    operatives: list[Operative]
    housing_applications: list[HousingApplication]
    golden: Person | None


class Place(TypedDict, total=False):
    """A place as all sources together know it."""

    id: Required[str]
    asset_type_code: str
    parent_id: str | None
    asset_ref: str
    name: str | None
    uprn: int | None
    parent_uprn: int | None
    usrn: int | None
    address_line_1: str | None
    address_line_2: str | None
    address_line_3: str | None
    address_line_4: str | None
    postcode: str | None
    easting_m: float | None
    northing_m: float | None
    latitude: float | None
    longitude: float | None
    ownership_code: str | None
    bedrooms: int | None
    storeys: int | None
    floor_level: int | None
    floor_area_m2: float | None
    built_year: int | None
    occupancy_status_code: str | None
    is_active: bool | None
    record_count: int
    system_count: int
    confidence: float | None
    flags: list[str]
    parent: Place | None
    places: list[Place]
    households: list[Household]
    people: list[Person]
    records: list[AssetRecord]


class Recharge(TypedDict, total=False):
    """The cost of a repair that the tenant has to bear."""

    id: Required[str]
    recharge_ref: str | None
    work_order_id: str | None
    account_id: str | None
    tenancy_id: str | None
    person_id: str | None
    reason_code: str | None
    status_code: str
    raised_date: str | None
    net_amount: str
    vat_amount: str | None
    admin_fee: str | None
    description: str | None
    work_order: WorkOrder | None
    account: RentAccount | None
    tenancy: Tenancy | None
    person: PersonRecord | None


class RentAccount(TypedDict, total=False):
    """An account on which rent or other charges are debited and payments credited."""

    id: Required[str]
    account_ref: str
    payment_ref: str | None
    account_class_code: str
    status_code: str | None
    tenancy_id: str | None
    person_id: str | None
    rent_group_code: str | None
    start_date: str | None
    end_date: str | None
    debit_to_date: str | None
    weekly_rent: str | None
    payment_method_code: str | None
    housing_benefit_claim_ref: str | None
    tenancy: Tenancy | None
    person: PersonRecord | None
    charges: list[Charge]
    rent_transactions: list[RentTransaction]
    balance_snapshots: list[BalanceSnapshot]
    bank_entries: list[BankEntry]
    suspense_items: list[SuspenseItem]
    arrears_cases: list[ArrearsCase]
    arrears_actions: list[ArrearsAction]
    arrears_agreements: list[ArrearsAgreement]
    recharges: list[Recharge]


class RentPeriod(TypedDict, total=False):
    """A week of a rent group's rent year, which has 52 or 53 of them and charges in 48 to 53."""

    id: Required[str]
    rent_group_code: str
    rent_year: int
    period_no: int
    week_start_date: str
    is_free_week: bool
    charging_weeks: int | None


class RentTransaction(TypedDict, total=False):
    """An entry on a rent account: a debit is owed by the tenant, a credit was paid."""

    id: Required[str]
    account_id: str
    effective_date: str
    posted_date: str | None
    rent_year: int | None
    period_no: int | None
    transaction_type_code: str
    element_code: str | None
    payment_method_code: str | None
    amount: str
    vat_amount: str | None
    transaction_ref: str | None
    posting_batch_ref: str | None
    reversal_of_ref: str | None
    account: RentAccount | None


class RepairRequest(TypedDict, total=False):
    """A report that something needs repair."""

    id: Required[str]
    request_ref: str
    asset_id: str | None
    tenancy_id: str | None
    reported_by_id: str | None
    reported_by_name: str | None
    contact_number: str | None
    reported_at: str | None
    channel_code: str | None
    status_code: str | None
    priority_code: str | None
    location: str | None
    description: str | None
    access_code: str | None
    access_notes: str | None
    is_right_to_repair: bool | None
    is_rechargeable: bool | None
    asset: AssetRecord | None
    tenancy: Tenancy | None
    reported_by: PersonRecord | None
    work_orders: list[WorkOrder]
    hazard_cases: list[HazardCase]


class SatisfactionResponse(TypedDict, total=False):
    """A tenant's answer to one question of a survey."""

    id: Required[str]
    survey_code: str
    question_ref: str | None
    work_order_id: str | None
    asset_id: str | None
    person_id: str | None
    response_date: str | None
    score: int | None
    max_score: int | None
    comment: str | None
    work_order: WorkOrder | None
    asset: AssetRecord | None
    person: PersonRecord | None


class Shift(TypedDict, total=False):
    """The hours an operative works on a day, or on one weekday of every week."""

    id: Required[str]
    operative_id: str
    weekday_code: str | None
    shift_date: str | None
    start_time: str
    end_time: str
    start_date: str | None
    end_date: str | None
    is_standby: bool | None
    operative: Operative | None


class SorItem(TypedDict, total=False):
    """A line of a schedule of rates: a piece of work with its standard time and price."""

    id: Required[str]
    sor_code: str
    scheme: str | None
    scheme_version: str | None
    short_text: str | None
    long_text: str | None
    unit_code: str | None
    trade_id: str | None
    contract_id: str | None
    price: str | None
    standard_minutes: float | None
    min_operatives: int | None
    max_operatives: int | None
    warranty_days: int | None
    start_date: str | None
    end_date: str | None
    trade: Trade | None
    contract: Contract | None


class StreetDescription(TypedDict, total=False):
    """A street's name in one language."""

    id: Required[str]
    usrn: int
    description: str
    locality: str | None
    town: str | None
    administrative_area: str | None
    language_code: str | None


class Street(TypedDict, total=False):
    """A street of the gazetteer."""

    id: Required[str]
    usrn: int
    street_type_code: str | None
    authority_code: str | None
    state_code: str | None
    surface_code: str | None
    classification_code: str | None
    start_easting_m: float | None
    start_northing_m: float | None
    end_easting_m: float | None
    end_northing_m: float | None
    start_date: str | None
    end_date: str | None
    updated_date: str | None


class Survey(TypedDict, total=False):
    """An inspection of a place that records its state."""

    id: Required[str]
    survey_ref: str | None
    asset_id: str | None
    survey_type_code: str
    survey_date: str
    result_code: str | None
    condition_code: str | None
    is_decent: bool | None
    energy_rating: int | None
    surveyor: str | None
    next_due_date: str | None
    notes: str | None
    asset: AssetRecord | None
    components: list[Component]


class SuspenseItem(TypedDict, total=False):
    """Money received that could not be put to an account at once."""

    id: Required[str]
    received_ref: str
    bank_entry_id: str | None
    received_date: str
    amount: str
    payment_method_code: str | None
    reason_code: str | None
    status_code: str
    resolved_account_id: str | None
    resolved_date: str | None
    bank_entry: BankEntry | None
    resolved_account: RentAccount | None


class Tenancy(TypedDict, total=False):
    """A right to live in a home or to use a garage, between the council and one or more tenants."""

    id: Required[str]
    tenancy_ref: str
    tenancy_type_code: str
    status_code: str | None
    household_id: str | None
    payment_ref: str | None
    start_date: str
    end_date: str | None
    potential_end_date: str | None
    notice_date: str | None
    succession_date: str | None
    eviction_date: str | None
    right_to_buy_date: str | None
    is_mutual_exchange: bool | None
    termination_reason_code: str | None
    household: HouseholdRecord | None
    person_records: list[PersonRecord]
    contact_methods: list[ContactMethod]
    alerts: list[Alert]
    tenancy_holdings: list[TenancyHolding]
    tenancy_parties: list[TenancyParty]
    rent_accounts: list[RentAccount]
    arrears_cases: list[ArrearsCase]
    repair_requests: list[RepairRequest]
    lettings: list[Letting]
    households: list[Household]


class TenancyHolding(TypedDict, total=False):
    """The time in which a tenancy holds one home or garage; no two hold the same one at once."""

    id: Required[str]
    tenancy_id: str
    asset_id: str
    role_code: str
    start_date: str
    end_date: str | None
    is_disputed: bool
    tenancy: Tenancy | None
    asset: AssetRecord | None


class TenancyParty(TypedDict, total=False):
    """A person or organisation that is party to a tenancy; a joint tenancy has several."""

    id: Required[str]
    tenancy_id: str
    person_id: str | None
    organisation_id: str | None
    role_code: str
    is_responsible: bool | None
    start_date: str | None
    end_date: str | None
    tenancy: Tenancy | None
    person: PersonRecord | None
    organisation: Organisation | None


class Trade(TypedDict, total=False):
    """A craft, such as plumbing."""

    id: Required[str]
    trade_ref: str
    name: str
    rate_ref: str | None
    operatives: list[Operative]
    operative_skills: list[OperativeSkill]


class VisitConfirmation(TypedDict, total=False):
    """A message by which the scheduling product told of a booking that was made or moved."""

    id: Required[str]
    booking_ref: str
    work_order_id: str | None
    work_order_ref: str | None
    asset_id: str | None
    contract_ref: str | None
    sequence_code: str | None
    reason: str | None
    changed_at: str | None
    window_start_at: str | None
    window_end_at: str | None
    planned_start_at: str | None
    planned_end_at: str | None
    work_order: WorkOrder | None
    asset: AssetRecord | None


class Void(TypedDict, total=False):
    """A time in which a home stands empty, from one tenancy to the next."""

    id: Required[str]
    void_ref: str | None
    asset_id: str | None
    previous_tenancy_id: str | None
    next_tenancy_id: str | None
    reason_code: str | None
    void_class_code: str | None
    start_date: str
    target_date: str | None
    keys_received_date: str | None
    works_started_date: str | None
    ready_date: str | None
    end_date: str | None
    weekly_rent_lost: str | None
    asset: AssetRecord | None
    previous_tenancy: Tenancy | None
    next_tenancy: Tenancy | None


class WorkElement(TypedDict, total=False):
    """A line of an order: how much of which SOR item."""

    id: Required[str]
    work_order_id: str
    element_number: int | None
    sor_item_id: str | None
    sor_code: str | None
    trade_id: str | None
    operative_id: str | None
    description: str | None
    quantity: float | None
    unit_code: str | None
    standard_minutes: float | None
    price: str | None
    cost: str | None
    status_code: str | None
    completed_at: str | None
    work_order: WorkOrder | None
    sor_item: SorItem | None
    trade: Trade | None
    operative: Operative | None


class WorkOrder(TypedDict, total=False):
    """An order to do work at a place."""

    id: Required[str]
    work_order_ref: str
    version: int | None
    request_id: str | None
    asset_id: str | None
    contractor_id: str | None
    contract_id: str | None
    trade_id: str | None
    work_type_code: str
    status_code: str
    priority_code: str | None
    priority_days: float | None
    description: str | None
    raised_at: str | None
    issued_at: str | None
    target_at: str | None
    attended_at: str | None
    completed_at: str | None
    cancelled_at: str | None
    estimated_cost: str | None
    invoiced_cost: str | None
    superseded_by_ref: str | None
    is_rechargeable: bool | None
    is_communal: bool | None
    request: RepairRequest | None
    asset: AssetRecord | None
    contractor: Contractor | None
    contract: Contract | None
    trade: Trade | None
    work_elements: list[WorkElement]
    appointments: list[Appointment]
    visit_confirmations: list[VisitConfirmation]
    manual_allocations: list[ManualAllocation]
    recharges: list[Recharge]
    certificates: list[Certificate]
    hazard_cases: list[HazardCase]
    satisfaction_responses: list[SatisfactionResponse]


class Hub(Session):
    """The API. Each resource is an attribute; ``changes`` is the feed, ``export`` writes a file, ``lookup`` finds."""

    def lookup(self, scheme: str, value: str) -> Sequence[dict[str, Any]]:
        """What has that key: a UPRN, a payment reference, a reference of a legacy system."""
        told = self.ask("POST", "/v1/lookup", json={"scheme": scheme, "value": value}).json()
        return list(told["data"])

    def subject_access(self, person_id: str) -> dict[str, Any]:
        """All that is held of a person, each record with its origin. It needs a scope of its own."""
        told: dict[str, Any] = self.ask("GET", f"/v1/people/{person_id}/subject-access").json()
        return told

    def changes(
        self,
        after: str | None = None,
        *,
        entities: Sequence[ResourcePath] = (),
        records: bool = False,
        follow: bool = False,
    ) -> Changes:
        """The feed from a cursor on, of some resources or all."""
        return Changes(self, after, entities=entities, records=records, follow=follow)

    def export(
        self,
        resource: ResourcePath,
        file: Path,
        form: Format = "ndjson",
        *,
        fields: Sequence[str] = (),
        filters: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """A resource, or what filters let through, into a file; gives the manifest, with the feed's cursor after it."""
        return export(self, resource, file, form, fields=fields, filters=filters)

    @cached_property
    def absences(self) -> Resource[Absence]:
        """A time in which an operative does not work."""
        return Resource(self, "absences")

    @cached_property
    def agreement_instalments(self) -> Resource[AgreementInstalment]:
        """What an agreement asks to be paid, and how often."""
        return Resource(self, "agreement-instalments")

    @cached_property
    def alerts(self) -> Resource[Alert]:
        """A caution about a person or a place that staff must see before a visit."""
        return Resource(self, "alerts")

    @cached_property
    def appointments(self) -> Resource[Appointment]:
        """A visit agreed for an order."""
        return Resource(self, "appointments")

    @cached_property
    def arrears_actions(self) -> Resource[ArrearsAction]:
        """A step taken about arrears: a letter, a call, a notice, a court hearing."""
        return Resource(self, "arrears-actions")

    @cached_property
    def arrears_agreements(self) -> Resource[ArrearsAgreement]:
        """An arrangement to pay arrears off."""
        return Resource(self, "arrears-agreements")

    @cached_property
    def arrears_cases(self) -> Resource[ArrearsCase]:
        """The pursuit of one account's arrears from the first letter to their end."""
        return Resource(self, "arrears-cases")

    @cached_property
    def asset_records(self) -> Resource[AssetRecord]:
        """A place the council manages: an estate, a block, a home, a garage or plant."""
        return Resource(self, "asset-records")

    @cached_property
    def balance_snapshots(self) -> Resource[BalanceSnapshot]:
        """An account's balance on a day as a source states it, to hold against its transactions."""
        return Resource(self, "balance-snapshots")

    @cached_property
    def bank_entries(self) -> Resource[BankEntry]:
        """A payment in or out, as the bank tells it, before it is put to a rent account."""
        return Resource(self, "bank-entries")

    @cached_property
    def bank_statements(self) -> Resource[BankStatement]:
        """A bank's statement of one account of the council over a time."""
        return Resource(self, "bank-statements")

    @cached_property
    def blpu_classifications(self) -> Resource[BlpuClassification]:
        """What a UPRN is used for, in a named scheme."""
        return Resource(self, "blpu-classifications")

    @cached_property
    def blpu_cross_references(self) -> Resource[BlpuCrossReference]:
        """The key of a UPRN in another national data set."""
        return Resource(self, "blpu-cross-references")

    @cached_property
    def blpu_organisations(self) -> Resource[BlpuOrganisation]:
        """An organisation that is at a UPRN."""
        return Resource(self, "blpu-organisations")

    @cached_property
    def blpus(self) -> Resource[Blpu]:
        """A basic land and property unit: a piece of land or a building that has a UPRN."""
        return Resource(self, "blpus")

    @cached_property
    def certificates(self) -> Resource[Certificate]:
        """Proof that a place, or something in it, was checked for safety."""
        return Resource(self, "certificates")

    @cached_property
    def charges(self) -> Resource[Charge]:
        """One element of what an account is debited for a period (a line of the debit breakdown)."""
        return Resource(self, "charges")

    @cached_property
    def components(self) -> Resource[Component]:
        """A part of a place that wears out and is renewed: a kitchen, a boiler, a roof."""
        return Resource(self, "components")

    @cached_property
    def contact_methods(self) -> Resource[ContactMethod]:
        """A telephone number or address at which somebody can be reached."""
        return Resource(self, "contact-methods")

    @cached_property
    def contractors(self) -> Resource[Contractor]:
        """A firm that does work for the council, or the council's own direct labour."""
        return Resource(self, "contractors")

    @cached_property
    def contracts(self) -> Resource[Contract]:
        """An agreement under which a contractor works."""
        return Resource(self, "contracts")

    @cached_property
    def delivery_points(self) -> Resource[DeliveryPoint]:
        """An address as the post knows it."""
        return Resource(self, "delivery-points")

    @cached_property
    def document_links(self) -> Resource[DocumentLink]:
        """A document elsewhere that belongs to something in the model."""
        return Resource(self, "document-links")

    @cached_property
    def hazard_cases(self) -> Resource[HazardCase]:
        """A hazard reported in a home, with the instants that the law counts from."""
        return Resource(self, "hazard-cases")

    @cached_property
    def hmo_applications(self) -> Resource[HmoApplication]:
        """A landlord's application to let a house to several households."""
        return Resource(self, "hmo-applications")

    @cached_property
    def hmo_licences(self) -> Resource[HmoLicence]:
        """A licence to let a house to several households."""
        return Resource(self, "hmo-licences")

    @cached_property
    def household_member_records(self) -> Resource[HouseholdMemberRecord]:
        """A person's time in a household."""
        return Resource(self, "household-member-records")

    @cached_property
    def household_members(self) -> Resource[HouseholdMember]:
        """A person's time in a household, as all sources together know it."""
        return Resource(self, "household-members")

    @cached_property
    def household_records(self) -> Resource[HouseholdRecord]:
        """The people who live together, or want to."""
        return Resource(self, "household-records")

    @cached_property
    def households(self) -> Resource[Household]:
        """The people who live together, as all sources together know them."""
        return Resource(self, "households")

    @cached_property
    def housing_applications(self) -> Resource[HousingApplication]:
        """A household's request for a home."""
        return Resource(self, "housing-applications")

    @cached_property
    def identifiers(self) -> Resource[Identifier]:
        """A key that something of the model has with somebody, and who gave it."""
        return Resource(self, "identifiers")

    @cached_property
    def lettings(self) -> Resource[Letting]:
        """A home let to a household, as the national lettings return (CORE) asks for it."""
        return Resource(self, "lettings")

    @cached_property
    def lpis(self) -> Resource[Lpi]:
        """A land and property identifier: one way to write the address of a UPRN."""
        return Resource(self, "lpis")

    @cached_property
    def manual_allocations(self) -> Resource[ManualAllocation]:
        """A line of the weekly plan that the logistics manager makes by hand."""
        return Resource(self, "manual-allocations")

    @cached_property
    def operative_availabilities(self) -> Resource[OperativeAvailability]:
        """A window in which an operative can, or cannot, be given work."""
        return Resource(self, "operative-availabilities")

    @cached_property
    def operative_skills(self) -> Resource[OperativeSkill]:
        """What an operative can do: a trade, or a single SOR item."""
        return Resource(self, "operative-skills")

    @cached_property
    def operatives(self) -> Resource[Operative]:
        """A tradesperson who does repairs."""
        return Resource(self, "operatives")

    @cached_property
    def organisations(self) -> Resource[Organisation]:
        """A body that is no person: a contractor, an agent, a charity, a landlord."""
        return Resource(self, "organisations")

    @cached_property
    def pay_bands(self) -> Resource[PayBand]:
        """The units a pay band of a scheme asks for."""
        return Resource(self, "pay-bands")

    @cached_property
    def pay_elements(self) -> Resource[PayElement]:
        """A kind of time on an operative's time sheet: work, leave, overtime."""
        return Resource(self, "pay-elements")

    @cached_property
    def pay_schemes(self) -> Resource[PayScheme]:
        """A way to count work for pay."""
        return Resource(self, "pay-schemes")

    @cached_property
    def people(self) -> Resource[Person]:
        """A person as all sources together know them."""
        return Resource(self, "people")

    @cached_property
    def person_records(self) -> Resource[PersonRecord]:
        """A person as one source knows them; the golden links tell which of them are the same."""
        return Resource(self, "person-records")

    @cached_property
    def places(self) -> Resource[Place]:
        """A place as all sources together know it."""
        return Resource(self, "places")

    @cached_property
    def recharges(self) -> Resource[Recharge]:
        """The cost of a repair that the tenant has to bear."""
        return Resource(self, "recharges")

    @cached_property
    def rent_accounts(self) -> Resource[RentAccount]:
        """An account on which rent or other charges are debited and payments credited."""
        return Resource(self, "rent-accounts")

    @cached_property
    def rent_periods(self) -> Resource[RentPeriod]:
        """A week of a rent group's rent year, which has 52 or 53 of them and charges in 48 to 53."""
        return Resource(self, "rent-periods")

    @cached_property
    def rent_transactions(self) -> Resource[RentTransaction]:
        """An entry on a rent account: a debit is owed by the tenant, a credit was paid."""
        return Resource(self, "rent-transactions")

    @cached_property
    def repair_requests(self) -> Resource[RepairRequest]:
        """A report that something needs repair."""
        return Resource(self, "repair-requests")

    @cached_property
    def satisfaction_responses(self) -> Resource[SatisfactionResponse]:
        """A tenant's answer to one question of a survey."""
        return Resource(self, "satisfaction-responses")

    @cached_property
    def shifts(self) -> Resource[Shift]:
        """The hours an operative works on a day, or on one weekday of every week."""
        return Resource(self, "shifts")

    @cached_property
    def sor_items(self) -> Resource[SorItem]:
        """A line of a schedule of rates: a piece of work with its standard time and price."""
        return Resource(self, "sor-items")

    @cached_property
    def street_descriptions(self) -> Resource[StreetDescription]:
        """A street's name in one language."""
        return Resource(self, "street-descriptions")

    @cached_property
    def streets(self) -> Resource[Street]:
        """A street of the gazetteer."""
        return Resource(self, "streets")

    @cached_property
    def surveys(self) -> Resource[Survey]:
        """An inspection of a place that records its state."""
        return Resource(self, "surveys")

    @cached_property
    def suspense_items(self) -> Resource[SuspenseItem]:
        """Money received that could not be put to an account at once."""
        return Resource(self, "suspense-items")

    @cached_property
    def tenancies(self) -> Resource[Tenancy]:
        """A right to live in a home or to use a garage, between the council and one or more tenants."""
        return Resource(self, "tenancies")

    @cached_property
    def tenancy_holdings(self) -> Resource[TenancyHolding]:
        """The time in which a tenancy holds one home or garage; no two hold the same one at once."""
        return Resource(self, "tenancy-holdings")

    @cached_property
    def tenancy_parties(self) -> Resource[TenancyParty]:
        """A person or organisation that is party to a tenancy; a joint tenancy has several."""
        return Resource(self, "tenancy-parties")

    @cached_property
    def trades(self) -> Resource[Trade]:
        """A craft, such as plumbing."""
        return Resource(self, "trades")

    @cached_property
    def visit_confirmations(self) -> Resource[VisitConfirmation]:
        """A message by which the scheduling product told of a booking that was made or moved."""
        return Resource(self, "visit-confirmations")

    @cached_property
    def voids(self) -> Resource[Void]:
        """A time in which a home stands empty, from one tenancy to the next."""
        return Resource(self, "voids")

    @cached_property
    def work_elements(self) -> Resource[WorkElement]:
        """A line of an order: how much of which SOR item."""
        return Resource(self, "work-elements")

    @cached_property
    def work_orders(self) -> Resource[WorkOrder]:
        """An order to do work at a place."""
        return Resource(self, "work-orders")
