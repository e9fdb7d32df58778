"""Earlier versions are found by what they refer to: lists as of a time, filtered by a reference, need not read all."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

REFERENCES = """
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
certificate asset_id work_order_id
charge account_id asset_id
component asset_id survey_id
contact_method person_id organisation_id tenancy_id
contract contractor_id
contractor organisation_id
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
letting application_id tenancy_id asset_id
manual_allocation operative_id work_order_id
operative person_id contractor_id trade_id pay_scheme_id
operative_availability operative_id
operative_skill operative_id trade_id
pay_band pay_scheme_id
person asset_id tenancy_id
recharge work_order_id account_id
rent_account tenancy_id person_id
rent_transaction account_id
repair_request asset_id tenancy_id
satisfaction_response work_order_id
shift operative_id
survey asset_id
suspense_item bank_entry_id resolved_account_id
tenancy household_id
tenancy_holding tenancy_id asset_id
tenancy_party tenancy_id person_id organisation_id
visit_confirmation work_order_id
void asset_id
work_element work_order_id
work_order request_id asset_id contractor_id contract_id
"""
"""Tables, each with its references."""


def upgrade() -> None:
    for table, column in _references():
        op.create_index(f"ix_{table}_{column}", table, [column], schema="history")


def downgrade() -> None:
    for table, column in _references():
        op.drop_index(f"ix_{table}_{column}", table_name=table, schema="history")


def _references() -> list[tuple[str, str]]:
    return [(table, column) for table, *columns in map(str.split, REFERENCES.split("\n")[1:-1]) for column in columns]
