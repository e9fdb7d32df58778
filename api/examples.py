"""Made-up values that the documentation shows, by a field's kind and name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BY_KIND: Mapping[str, Any] = {
    "uuid": "7b1d2c3e-4f5a-5b6c-8d7e-9f0a1b2c3d4e", "text": "text", "texts": [], "integer": 1, "decimal": 1.0,
    "money": "105.50", "boolean": True, "date": "2026-04-06", "time": "09:30:00",
    "instant": "2026-04-06T09:30:00+00:00",
}  # fmt: skip
BY_NAME: Mapping[str, Mapping[str, Any]] = {
    "uuid": {"id": "3f0c9a52-8d1e-5b7a-9c64-1f2e3d4c5b6a"},
    "text": {
        "title": "Ms", "forename": "Ann", "surname": "Marsh", "full_name": "Ann Marsh", "preferred_name": "Annie",
        "mobile": "+447700900123", "telephone": "+442079460123", "email": "ann@example.org", "name": "Rowan Court",
        "national_insurance_number": "QQ123456C", "postcode": "HB1 2AB", "address_line_1": "12 Rowan Court",
        "address_text": "12 Rowan Court, Hub Town", "asset_ref": "00001234", "tenancy_ref": "000123/01",
        "payment_ref": "9900012", "sor_code": "411023",
    },
    "integer": {"uprn": 100012345678, "parent_uprn": 100012345670, "usrn": 20400123, "rent_year": 2026, "bedrooms": 2},
    "decimal": {"easting_m": 530123.0, "northing_m": 181456.0, "latitude": 51.5074, "longitude": -0.1278},
    "date": {"birth_date": "1980-02-03"},
}  # fmt: skip


def example_of(name: str, kind: str, codes: tuple[str, ...] = ()) -> Any:
    """A value that such a field could have."""
    return codes[0] if codes else BY_NAME.get(kind, {}).get(name, BY_KIND[kind])
