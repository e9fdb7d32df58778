"""Earlier versions are found by what they refer to, and the one that stood at a time by its index alone.

So lists as of a time are read without reading all that ever was: those of a tenancy, and pages of all. PostgreSQL skips
from record to record, over the versions that were replaced before.
"""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLES = """
absence operative_id
agreement_instalment agreement_id
alert person_id asset_id tenancy_id
appointment work_order_id asset_id operative_id
arrears_action account_id case_id
arrears_agreement account_id case_id
arrears_case account_id tenancy_id
asset parent_id
balance_snapshot account_id
bank_entry statement_id account_id
bank_statement
blpu
blpu_classification
blpu_cross_reference
blpu_organisation
certificate asset_id work_order_id
charge account_id asset_id
component asset_id survey_id
contact_method person_id organisation_id tenancy_id
contract contractor_id
contractor organisation_id
delivery_point
document_link
golden_asset parent_id
golden_household asset_id tenancy_id
golden_member household_id person_id
golden_person asset_id household_id
hazard_case asset_id request_id work_order_id
hmo_application asset_id
hmo_licence application_id asset_id
household asset_id
household_member household_id person_id
housing_application applicant_id household_id
identifier
letting application_id tenancy_id asset_id
lpi
manual_allocation operative_id work_order_id
operative person_id contractor_id trade_id pay_scheme_id
operative_availability operative_id
operative_skill operative_id trade_id
organisation
pay_band pay_scheme_id
pay_element
pay_scheme
person asset_id tenancy_id
recharge work_order_id account_id
rent_account tenancy_id person_id
rent_period
rent_transaction account_id
repair_request asset_id tenancy_id
satisfaction_response work_order_id
shift operative_id
sor_item
street
street_description
survey asset_id
suspense_item bank_entry_id resolved_account_id
tenancy household_id
tenancy_holding tenancy_id asset_id
tenancy_party tenancy_id person_id organisation_id
trade
visit_confirmation work_order_id
void asset_id
work_element work_order_id
work_order request_id asset_id contractor_id contract_id
"""
"""All tables, each with the references that its current rows are found by."""


def upgrade() -> None:
    for table, *references in _tables():
        _index(table, "id", "replaced_run_id", "run_id")
        op.drop_index(f"ix_{table}_id_run_id", table_name=table, schema="history")
        for column in references:
            _index(table, column, "replaced_run_id")


def downgrade() -> None:
    for table, *references in _tables():
        for column in references:
            op.drop_index(f"ix_{table}_{column}_replaced_run_id", table_name=table, schema="history")
        _index(table, "id", "run_id")
        op.drop_index(f"ix_{table}_id_replaced_run_id_run_id", table_name=table, schema="history")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), schema="history")


def _tables() -> list[list[str]]:
    return [line.split() for line in TABLES.strip().splitlines()]
