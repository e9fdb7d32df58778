"""An invented schedule of rates: about 400 items of twelve trades, the same in every estate.

Codes have 8 digits: trade (2), part (2), action (2), variant (2). They are nobody's licensed book.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

TRADES = pd.DataFrame(
    [
        ("PL", "Plumbing", 0.21), ("EL", "Electrical", 0.16), ("CP", "Carpentry", 0.18), ("MU", "Multi-trade", 0.16),
        ("PT", "Plastering", 0.05), ("PA", "Painting", 0.03), ("RF", "Roofing", 0.05), ("GZ", "Glazing", 0.04),
        ("BW", "Brickwork", 0.03), ("DR", "Drainage", 0.05), ("GR", "Grounds and fencing", 0.02),
        ("DM", "Damp and mould", 0.02),
    ],
    columns=["trade_code", "name", "share"],
)  # fmt: skip
"""trade_code, name, share (of jobs)."""

PRIORITIES = pd.DataFrame(
    [
        ("I", "Immediate", 0, 4, True, 0.03), ("E", "Emergency", 1, 24, True, 0.14), ("U", "Urgent", 5, 0, False, 0.23),
        ("N", "Normal", 21, 0, False, 0.52), ("P", "Planned batch", 90, 0, False, 0.08),
    ],
    columns=["priority_code", "name", "days_to_complete", "hours_to_complete", "calendar_time", "share"],
)  # fmt: skip
"""priority_code, name, days_to_complete (working days), hours_to_complete, calendar_time, share."""

_UNITS = {"each": "NO", "metre": "LM", "square metre": "SM", "hour": "HR", "item": "IT"}
PARTS = {
    "PL": "tap|basin|bath|WC suite|cistern|sink|shower|stop valve|overflow|waste trap|supply pipe|hot water cylinder",
    "EL": "socket outlet|light fitting|consumer unit|extractor fan|immersion heater|smoke alarm|door entry handset|"
    "storage heater|cooker point|outside light",
    "CP": "internal door|front door|door lock|window catch|kitchen unit|worktop|skirting|floorboard|stair tread|"
    "handrail|loft hatch|letter plate",
    "MU": "silicone seal|shelf|curtain rail|bath panel|handle|grab rail|vent cover|threshold strip|cupboard door",
    "PT": "wall plaster|ceiling plaster|plasterboard|coving|external render",
    "PA": "wall|ceiling|woodwork|external joinery",
    "RF": "roof tile|ridge tile|flat roof felt|gutter|downpipe|flashing|chimney cowl|soffit",
    "GZ": "window pane|sealed unit|door glass|wired glass",
    "BW": "brick pier|boundary wall|step|airbrick|pointing",
    "DR": "gully|drain run|manhole cover|soil stack|inspection chamber",
    "GR": "fence panel|gate|paving slab|handrail outside|tree branch",
    "DM": "mould on wall|mould on ceiling|mechanical ventilation|damp survey",
}
_ACTIONS = (
    ("Repair", 45, 38, "each"), ("Renew", 95, 120, "each"), ("Ease and adjust", 30, 24, "each"),
    ("Clear or overhaul", 50, 42, "item"), ("Make safe", 40, 45, "item"), ("Inspect and report", 25, 22, "item"),
)  # fmt: skip


def book() -> pd.DataFrame:
    """sor_id, sor_code, trade_code, short_text, minutes (standard, without travel), price_pence, unit, rechargeable."""
    items = []
    for trade_number, (trade, parts) in enumerate(PARTS.items(), start=10):
        for part_number, part in enumerate(parts.split("|"), start=1):
            for action_number, (action, minutes, pounds, unit) in enumerate(_ACTIONS[: 6 - part_number % 3], start=1):
                # a fixed spread: dearer parts stay dearer in every action
                spread = 0.7 + (trade_number * 31 + part_number * 17) % 13 / 10
                items.append(
                    (f"{trade_number}{part_number:02}{action_number:02}{part_number * 7 % 90 + 10}", trade,
                     f"{action} {part}", int(minutes * spread) // 5 * 5 + 5, round(pounds * spread * 100), _UNITS[unit],
                     action == "Renew" and part_number % 4 == 0)
                )  # fmt: skip
    columns = ["sor_code", "trade_code", "short_text", "minutes", "price_pence", "unit", "rechargeable"]
    frame = pd.DataFrame(items, columns=columns)
    frame.insert(0, "sor_id", np.arange(len(frame)))
    return frame
