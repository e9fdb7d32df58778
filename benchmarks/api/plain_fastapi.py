"""The peer as one would write it first: FastAPI, a Pydantic model, asyncpg; no token, no scopes, no ETag, no audit."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from uuid import UUID

import asyncpg
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel


class RentTransaction(BaseModel):
    id: UUID
    account_id: UUID | None
    effective_date: date | None
    posted_date: date | None
    rent_year: int | None
    period_no: int | None
    transaction_type_code: str | None
    element_code: str | None
    payment_method_code: str | None
    amount: Decimal | None
    vat_amount: Decimal | None
    transaction_ref: str | None
    posting_batch_ref: str | None
    reversal_of_ref: str | None


class Page(BaseModel):
    data: list[RentTransaction]
    next: UUID | None


SELECT = f"SELECT {', '.join(RentTransaction.model_fields)} FROM canonical.rent_transaction WHERE ended_run_id IS NULL"  # noqa: S608 - of the model's own names


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    host, port, user, database = os.environ["PEER_DATABASE"].split("|")
    async with asyncpg.create_pool(
        host=host, port=int(port), user=user, database=database, min_size=1, max_size=8
    ) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/rent-transactions")
async def transactions(after: UUID, limit: int = 50) -> Page:
    rows = await app.state.pool.fetch(f"{SELECT} AND id > $1 ORDER BY id LIMIT $2", after, limit + 1)
    data = [RentTransaction.model_validate(dict(row)) for row in rows[:limit]]
    return Page(data=data, next=data[-1].id if len(rows) > limit else None)


@app.get("/rent-transactions/{identity}")
async def transaction(identity: UUID) -> RentTransaction:
    row = await app.state.pool.fetchrow(f"{SELECT} AND id = $1", identity)
    if row is None:
        raise HTTPException(404)
    return RentTransaction.model_validate(dict(row))
