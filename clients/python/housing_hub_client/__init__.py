"""Typed client of Housing Hub's canonical API: ``Hub`` has an attribute for every resource."""

from housing_hub_client.changes import Change, Changes
from housing_hub_client.resource import Page, Resource
from housing_hub_client.resources import Hub
from housing_hub_client.session import Refused, Session

__all__ = ["Change", "Changes", "Hub", "Page", "Refused", "Resource", "Session"]
