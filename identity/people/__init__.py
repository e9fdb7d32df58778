"""Who is who: the records of all systems that are one person."""

from identity.people.clean import clean
from identity.people.incremental import add
from identity.people.resolve import Resolved, resolve

__all__ = ["Resolved", "add", "clean", "resolve"]
