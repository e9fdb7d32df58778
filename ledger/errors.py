"""What can go wrong, sorted by what a person can do about it.

HubError
├── Transient                the same call may succeed later: tasks retry it
│   └── SourceUnavailable    host down, connection lost, time-out
└── Terminal                 a person must act first: never retried
    ├── ConfigurationFault   hub.toml, source.toml or the environment is wrong
    ├── SourceRefused        wrong password, wrong host key, no permission
    ├── SourceUnreadable     the bytes are not what the source is declared to be
    ├── ContractBroken       read fine, but not what was agreed: columns, totals, too many faults
    └── Defect               the hub itself is at fault
"""

from __future__ import annotations


class HubError(Exception):
    """A fault with its place and the next step. Never carries a value of a person.

    ``system`` and ``place`` (table, file, row) say where; ``next_step`` says what to do.
    """

    def __init__(self, fault: str, *, system: str = "", place: str = "", next_step: str) -> None:
        self.fault, self.system, self.place, self.next_step = fault, system, place, next_step
        where = ", ".join(part for part in (system, place) if part)
        super().__init__(f"{where + ': ' if where else ''}{fault} Next step: {next_step}")

    def __reduce__(self) -> tuple[object, ...]:
        """Keyword arguments survive the way between processes."""
        return _rebuild, (type(self), self.fault, self.system, self.place, self.next_step)


def _rebuild(kind: type[HubError], fault: str, system: str, place: str, next_step: str) -> HubError:
    return kind(fault, system=system, place=place, next_step=next_step)


class Transient(HubError):
    """The same call may succeed later."""


class SourceUnavailable(Transient):
    """Host down, connection lost, time-out."""


class Terminal(HubError):
    """A person must act before the same call can succeed."""


class ConfigurationFault(Terminal):
    """A setting is wrong or missing."""


class SourceRefused(Terminal):
    """The source answers but does not let us in."""


class SourceUnreadable(Terminal):
    """The bytes are not what the source is declared to be."""


class ContractBroken(Terminal):
    """The source was read, but it is not what was agreed."""


class Defect(Terminal):
    """The hub itself is at fault: names its lines of code, never what it worked on."""
