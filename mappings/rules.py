"""The vocabulary of mappings: every rule that a system's folder may use. One family a file."""

from __future__ import annotations

from mappings.date_rules import Date, Instant, TimeOfDay, XmlInstant, strict_date
from mappings.number_rules import Flag, Money, Number, Total, Uprn
from mappings.row_rules import Constant, FirstOf, Joined, Parts, Ref, Within
from mappings.rule import CodeLists, Converted, Fault, Rule, by_distinct, flat, key_text, text
from mappings.text_rules import AsText, Code, Email, NationalInsuranceNumber, Phone, Postcode, Shaped, Text

__all__ = [
    "AsText",
    "Code",
    "CodeLists",
    "Constant",
    "Converted",
    "Date",
    "Email",
    "Fault",
    "FirstOf",
    "Flag",
    "Instant",
    "Joined",
    "Money",
    "NationalInsuranceNumber",
    "Number",
    "Parts",
    "Phone",
    "Postcode",
    "Ref",
    "Rule",
    "Shaped",
    "Text",
    "TimeOfDay",
    "Total",
    "Uprn",
    "Within",
    "XmlInstant",
    "by_distinct",
    "flat",
    "key_text",
    "strict_date",
    "text",
]
