"""How an event ends, and what is worth telling the operator on its way. Leaves: two closed lists of words, two counts.

The same word is the label of a metric, the reason in an answer, the row on the panel `refused` and the
name of a test.
"""

from collections import Counter
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What became of one received event.

    `STORED` is written when the event is in the fsynced spool. Until the shipper has put it into ClickHouse
    it is also *waiting*; that is not a word here because it is derived: what lies in the spool. What turns out there to
    be a duplicate, expired or for the quarantine is taken back by a negative `STORED`; the sum stays.
    """

    STORED = "stored"
    DUPLICATE = "duplicate"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNKNOWN_SITE = "unknown_site"
    UNKNOWN_SENDER = "unknown_sender"
    """A server of a shop's without a token of ours; what it brought was not read, and is counted as one."""
    WRONG_ORIGIN = "wrong_origin"
    UNKNOWN_EVENT = "unknown_event"
    ROBOT = "robot"
    AUTOMATION = "automation"
    PREFETCH = "prefetch"
    REFERRER_SPAM = "referrer_spam"
    MISSING_HEADERS = "missing_headers"
    RATE_ANOMALY = "rate_anomaly"
    RATE_LIMITED = "rate_limited"
    OPTED_OUT = "opted_out"
    NOT_CONSENTED = "not_consented"
    QUARANTINED = "quarantined"
    """The store refuses the row, whatever is tried; it is set aside."""
    EXPIRED = "expired"
    """Its time was over before it could be shipped; or its day was, before a shop's server told of it."""
    SPOOL_FULL = "spool_full"


class Counted(NamedTuple):
    """What the tally counts by. `site` and `name` are from closed lists, or empty when the sender's were not."""

    site: str
    day: str
    """The site's calendar day, ISO 8601."""
    name: str
    outcome: Outcome


Tally = Counter[Counted]


class Note(StrEnum):
    """What was seen on the way of an event that is not how it ended. `Noted.field` says where, in words of ours."""

    REDACTED = "redacted"
    """Something personal stood in a field that should not have held it, and was taken out. Field: the column."""
    OVER_CAP = "over_cap"
    """A column had as many values that day as it may have; this one became `(other)`. Field: the column."""
    UNDECLARED = "undeclared"
    """A property that the settings don't declare was dropped. Field: the event's name."""
    LOOKS_SENSITIVE = "looks_sensitive"
    """A category that is not marked looks like one of the starter list. Field: the list's group."""
    SALT = "salt"
    """A salt was used that day. Field: the local time it was drawn; two of them count a visitor of both twice."""


class Noted(NamedTuple):
    """What the notes are counted by; every part is from a closed list."""

    site: str
    day: str
    field: str
    note: Note


Notes = Counter[Noted]
