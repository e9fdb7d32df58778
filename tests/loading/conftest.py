"""A hub that knows the small made-up system."""

from tests.flows.conftest import hub

__all__ = ["hub"]
