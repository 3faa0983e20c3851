"""How an event ends. Enters: nothing; leaves: the closed list of words, and the tally that counts them.

The same word is the label of a metric, the reason in an answer, the row on the panel `refused` and the
name of a test.
"""

from collections import Counter
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What became of one received event.

    `STORED` is written when the event is in the fsynced spool. Until the shipper has put it into ClickHouse
    it is also *waiting*; that is not a word here because it is derived: what lies in the spool.
    """

    STORED = "stored"
    DUPLICATE = "duplicate"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNKNOWN_SITE = "unknown_site"
    WRONG_ORIGIN = "wrong_origin"
    UNKNOWN_EVENT = "unknown_event"
    ROBOT = "robot"
    PREFETCH = "prefetch"
    REFERRER_SPAM = "referrer_spam"
    RATE_LIMITED = "rate_limited"
    OPTED_OUT = "opted_out"
    NOT_CONSENTED = "not_consented"
    QUARANTINED = "quarantined"
    SPOOL_FULL = "spool_full"


class Counted(NamedTuple):
    """What the tally counts by. `site` and `name` are from closed lists, or empty when the sender's were not."""

    site: str
    day: str
    """The site's calendar day, ISO 8601."""
    name: str
    outcome: Outcome


Tally = Counter[Counted]
