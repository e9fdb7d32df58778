"""The tables that keep what happened: runs, batches, counts, money, issues and what is quarantined.

Schema ``ledger`` holds counts, hashes and codes only. Schema ``restricted`` holds raw values and belongs to a
role of its own: it is what ``hub purge`` empties.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    func,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
MONEY = Numeric(16, 2)

run = Table(
    "run", metadata,
    Column("id", Integer, primary_key=True, comment="Number of the run"),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="Start"),
    Column("finished_at", DateTime(timezone=True), comment="End; null while running or after a crash"),
    Column("closes", Boolean, comment="Whether all books of the run close"),
    schema="ledger", comment="One run of the migration over one or more systems",
)  # fmt: skip

system_run = Table(
    "system_run", metadata,
    Column("run_id", ForeignKey(run.c.id), primary_key=True, comment="The run"),
    Column("system", Text, primary_key=True, comment="Legacy system or feed"),
    Column("status", Text, nullable=False, comment="running, finished, stopped or failed"),
    Column("message", Text, comment="Why it stopped and the next step; never a value of a person"),
    Column("seconds", JSONB, nullable=False, server_default="{}", comment="Seconds by stage"),
    Column("finished_at", DateTime(timezone=True), comment="End"),
    schema="ledger", comment="What became of one system in one run",
)  # fmt: skip

mapping_version = Table(
    "mapping_version", metadata,
    Column("version", Text, primary_key=True, comment="Hash of the mapping folder"),
    Column("system", Text, nullable=False, comment="Legacy system"),
    Column("fields", JSONB, nullable=False, comment="table -> canonical table -> field -> source columns"),
    schema="ledger", comment="How canonical fields came from source columns at each version of a mapping",
)  # fmt: skip

batch = Table(
    "batch", metadata,
    Column("id", Integer, primary_key=True, comment="Number of the batch"),
    Column("run_id", ForeignKey(run.c.id), nullable=False, comment="The run that landed it"),
    Column("system", Text, nullable=False, comment="Legacy system"),
    Column("source_table", Text, nullable=False, comment="Source table"),
    Column("folder", Text, nullable=False, comment="Where its parts rest, below the landing folder"),
    Column("mapping_version", Text, nullable=False, comment="Mapping version it was mapped with"),
    Column("rows", BigInteger, nullable=False, comment="Source records landed"),
    Column("sha256", Text, nullable=False, comment="Hash of its content"),
    Column("finished", Boolean, nullable=False, server_default="false", comment="Whether its rows' fates are known"),
    Column("purged_at", DateTime(timezone=True), comment="When its raw values were removed"),
    Index("batch_of_table", "system", "source_table", "id"),
    schema="ledger", comment="One immutable landing of one source table",
)  # fmt: skip

table_count = Table(
    "table_count", metadata,
    Column("run_id", ForeignKey(run.c.id), primary_key=True, comment="The run"),
    Column("system", Text, primary_key=True, comment="Legacy system"),
    Column("source_table", Text, primary_key=True, comment="Source table"),
    *(Column(name, BigInteger, nullable=False, comment=f"Source rows {name}")
      for name in ("extracted", "loaded", "unchanged", "merged", "quarantined", "excluded", "ended")),
    Column("evidenced", BigInteger, comment="Canonical rows found for loaded and unchanged rows; null where not 1:1"),
    *(Column(name, MONEY, comment=f"Pounds: {name}")
      for name in ("money_source", "money_canonical", "money_merged", "money_quarantined", "money_excluded",
                   "money_stated_difference")),
    Column("accounts_open", Integer, nullable=False, server_default="0",
           comment="Accounts whose source and canonical pence differ"),
    Column("closes", Boolean, nullable=False, comment="Whether rows and pence close"),
    schema="ledger", comment="The reconciliation: what became of each table's rows and pence",
)  # fmt: skip

group_money = Table(
    "group_money", metadata,
    Column("run_id", ForeignKey(run.c.id), primary_key=True, comment="The run"),
    Column("system", Text, primary_key=True, comment="Legacy system"),
    Column("source_table", Text, primary_key=True, comment="Source table"),
    Column("rent_group", Text, primary_key=True, comment="Rent group of the accounts; '-' where none is known"),
    Column("accounts", Integer, nullable=False, comment="Accounts in the group"),
    Column("money_source", MONEY, nullable=False, comment="Pounds in the source"),
    Column("money_canonical", MONEY, nullable=False, comment="Pounds in the canonical model"),
    *(Column(f"money_{fate}", MONEY, nullable=False, comment=f"Pounds {fate}")
      for fate in ("merged", "quarantined", "excluded")),
    schema="ledger", comment="The money reconciliation by rent group",
)  # fmt: skip

issue_count = Table(
    "issue_count", metadata,
    Column("run_id", ForeignKey(run.c.id), primary_key=True, comment="The run"),
    Column("system", Text, primary_key=True, comment="Legacy system"),
    Column("source_table", Text, primary_key=True, comment="Source table"),
    Column("code", Text, primary_key=True, comment="Stable code of the check"),
    Column("severity", Text, nullable=False, comment="error or warning"),
    Column("rows", BigInteger, nullable=False, comment="Rows with the issue"),
    schema="ledger", comment="How often each check struck; stays when the issues are purged",
)  # fmt: skip

drift = Table(
    "drift", metadata,
    Column("run_id", ForeignKey(run.c.id), primary_key=True, comment="The run"),
    Column("system", Text, primary_key=True, comment="Legacy system or feed"),
    Column("source_table", Text, primary_key=True, comment="Table or operation"),
    Column("element", Text, primary_key=True, comment="Element that the source's schema does not declare"),
    Column("times", BigInteger, nullable=False, comment="How often it came"),
    schema="ledger", comment="What sources send beyond what they declare",
)  # fmt: skip

purge = Table(
    "purge", metadata,
    Column("id", Integer, primary_key=True, comment="Number of the purge"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When"),
    Column("older_than", DateTime(timezone=True), nullable=False, comment="What was older went"),
    Column("batches", Integer, nullable=False, comment="Batches whose raw rows went"),
    Column("rows", BigInteger, nullable=False, comment="Source records in them"),
    Column("issues", BigInteger, nullable=False, comment="Closed issue rows that went"),
    Column("quarantined", BigInteger, nullable=False, comment="Set-aside rows that went"),
    Column("values", BigInteger, nullable=False, server_default="0", comment="Values that standing issues lost"),
    Column("files", BigInteger, nullable=False, server_default="0", comment="Replaced files of feeds that went"),
    schema="ledger", comment="What hub purge removed",
)  # fmt: skip

issue = Table(
    "issue", metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="Number of the issue"),
    Column("batch_id", ForeignKey(batch.c.id), nullable=False, comment="Batch of the row"),
    Column("run_id", Integer, nullable=False, comment="Run that found it"),
    Column("source_row", BigInteger, comment="Ordinal of the row in its batch"),
    Column("source_key", Text, comment="Key of the row in its system"),
    Column("code", Text, nullable=False, comment="Stable code of the check"),
    Column("severity", Text, nullable=False, comment="error or warning"),
    Column("field", Text, nullable=False, comment="Source column"),
    Column("value", Text, comment="The offending value as it stands in the source"),
    Column("owner", Text, nullable=False, comment="Who must correct it"),
    Column("closed_run_id", Integer, comment="Run that judged the row again; null while the issue stands"),
    Index("issue_by_batch", "batch_id", "source_row"),
    Index("issue_standing", "batch_id", "source_key", postgresql_where=text("closed_run_id IS NULL")),
    Index("issue_standing_by_code", "code", postgresql_where=text("closed_run_id IS NULL")),
    schema="restricted", comment="One row for each reason why a source row is faulty or doubtful",
)  # fmt: skip

set_aside = Table(
    "set_aside", metadata,
    Column("batch_id", ForeignKey(batch.c.id), nullable=False, comment="Batch of the row"),
    Column("run_id", Integer, nullable=False, comment="Run that set it aside"),
    Column("source_row", BigInteger, nullable=False, comment="Ordinal of the row in its batch"),
    Column("source_key", Text, comment="Key of the row in its system; null where it cannot be read"),
    Column("fate", Text, nullable=False, comment="quarantined, merged or excluded"),
    Index("set_aside_by_batch", "batch_id", "source_row"),
    schema="restricted", comment="Source rows that are not in the canonical model, with their fate",
)  # fmt: skip
