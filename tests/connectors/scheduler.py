"""A small repairs scheduler for the tests of SOAP: one order, five bookings, two operatives."""

from __future__ import annotations

import copy
from typing import Any

from estate.servers.drs import DrsStore

SECRETS = {"username": "hub", "password": "right"}


def a_booking(number: int, start: str, **more: Any) -> dict[str, Any]:
    return {
        "bookingId": number,
        "orderId": 7,
        "primaryOrderNumber": "10000007",
        "contract": "H01",
        "locationID": "L7",
        "assignedStart": start,
        "assignedEnd": start,
        "planningWindowStart": start,
        "planningWindowEnd": start,
        "bookingLifeCycleStatus": "PLANNED",
        "bookingReason": "first",
        "duration": 60,
        "isEmergency": False,
        "isNextBooking": False,
        "userId": "repairs",
        "theBookingCodes": [
            {
                "bookingCodeSORCode": "PL1",
                "bookingId": number,
                "itemNumberWithinBooking": "1",
                "orderId": 7,
                "primaryOrderNumber": "10000007",
                "quantity": "2",
            }
        ],
        "theResources": [{"resourceID": "OP1"}],
        **more,
    }


AN_ORDER: dict[str, Any] = {
    "orderId": 7,
    "primaryOrderNumber": "10000007",
    "contract": "H01",
    "locationID": "L7",
    "orderComments": "tap",
    "priority": "N",
    "targetDate": "2026-10-20T00:00:00",
    "userId": "repairs",
    "message": False,
    "theLocation": {
        "locationId": "L7",
        "name": "somebody",
        "address1": "1 High Street",
        "postCode": "E8 1AA",
        "excludedFromMsging": False,
        "workflowType": "0000",
    },
}

STORE: dict[str, Any] = {
    "today": "2026-09-28",
    "contracts": ["H01"],
    "resources": [
        {
            "resourceID": "OP1",
            "resourceName": "somebody",
            "externalResourceCode": "P1",
            "theWorkingHours": [{"dayOfWeek": day} for day in ("monday", "tuesday")],
            "theUnavailabilities": [{"beginDateTime": "2026-09-29T00:00:00Z", "reason": "LEAVE"}],
        },
        {"resourceID": "OP2", "theWorkingHours": [{"dayOfWeek": "monday"}]},
    ],
    "orders": [AN_ORDER],
    "bookings": [
        a_booking(1, "2026-09-02T08:00:00+01:00"),
        a_booking(2, "2026-09-14T23:30:00Z", tokenId=""),
        a_booking(3, "2026-09-28T12:00:00Z", timeRemaining="20", theBookingCodes=[]),
        a_booking(4, "2026-10-15T16:00:00+01:00"),
        a_booking(5, "2026-12-01T08:00:00Z"),
    ],
    "days": [{"contract": "H01", "day": "2026-09-29", "nonWorkingDay": True, "slots": []}],
    "reasons": [{"name": "LEAVE", "description": "Annual leave"}],
}


def a_store() -> DrsStore:
    return DrsStore(copy.deepcopy(STORE), login="hub", password="right")
