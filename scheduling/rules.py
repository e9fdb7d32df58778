"""Every rule that a plan keeps, by the code that checker, explanations and faults name it with."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """A rule's code; ``sentence`` says what it asks."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> Rule:
        """The code itself, its sentence beside it."""
        rule = str.__new__(cls, code)
        rule._value_ = code
        rule.sentence = sentence
        return rule

    ONCE = "once", "A job is in the plan once, or is left out with a reason and what to do about it."
    TRADE = "trade", "The operative has the trade that their part of the job asks for."
    SKILL = "skill", "The operative holds every certificate that their part of the job asks for."
    WINDOW = "window", "A visit begins in one of the job's windows."
    EARLIEST = "earliest", "A visit does not begin before the job can be done."
    DURATION = "duration", "A visit takes the job's time at the operative's proficiency, and parking."
    SHIFT = "shift", "An operative leaves when the shift has begun, and the one before it is over."
    OVERTIME = "overtime", "An operative is back when the shift ends, or within the overtime allowed."
    BREAK = "break", "A shift's break is whole, in its time, and apart from work and driving."
    TRAVEL = "travel", "Between two visits there is time to drive."
    CAPACITY = "capacity", "The van holds what its jobs take."
    STOCK = "stock", "The van has the tools and parts of its jobs, or they were fetched before, once in a shift."
    HOURS = "hours", "Who begins when the first visit asks for it is back within their hours."
    CREW = "crew", "All of a crew are different people, and begin and end together."
    FOLLOW_ON = "follow-on", "A job begins when those before it have ended and their gap is over."
    KEY = "key", "One operative holds a key all day."
    PIN = "pin", "What a planner pinned stays with that operative, on that day, at that time."
    BLOCK = "block", "What a planner barred an operative from, they do not do."
    WEEKLY_LIMIT = "weekly-limit", "Nobody works longer in a week than their limit."
    LEG_LIMIT = "leg-limit", "Nobody drives longer to a job than their limit."
    STANDBY = "standby", "Who is on call out of hours does emergencies only."
    DISTANCE = "distance", "The metres that the plan states are those of its ways."
    COST = "cost", "The cost that the plan states is that of its visits."
