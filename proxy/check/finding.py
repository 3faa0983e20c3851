"""A finding: how bad it is, the word for it, what was seen, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. A fault makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


class Word(StrEnum):
    """Everything that can be found, each the name of a test."""

    PAGE_FAILED = "page_failed"
    SCRIPT_RUNS = "script_runs"
    NO_SCRIPT = "no_script"
    SCRIPT_BLOCKED_BY_CSP = "script_blocked_by_csp"
    SCRIPT_MIXED_CONTENT = "script_mixed_content"
    SCRIPT_BLOCKED_BY_CLIENT = "script_blocked_by_client"
    SCRIPT_UNREACHABLE = "script_unreachable"
    SCRIPT_NOT_SERVED = "script_not_served"
    SCRIPT_INTEGRITY = "script_integrity"
    SCRIPT_DID_NOT_RUN = "script_did_not_run"
    SCRIPT_TWICE = "script_twice"
    SCRIPT_HOLDS_PAGE_UP = "script_holds_page_up"
    SCRIPT_NOT_CACHED = "script_not_cached"
    EVENTS_ACCEPTED = "events_accepted"
    NOTHING_SENT = "nothing_sent"
    EVENTS_BLOCKED_BY_CSP = "events_blocked_by_csp"
    EVENTS_BLOCKED_BY_CLIENT = "events_blocked_by_client"
    EVENTS_UNREACHABLE = "events_unreachable"
    WRONG_ORIGIN = "wrong_origin"
    UNKNOWN_SITE = "unknown_site"
    EVENTS_REFUSED = "events_refused"
    NO_COLLECTOR = "no_collector"
    COLLECTOR_FULL = "collector_full"
    COUNTED_TWICE = "counted_twice"
    EXPECTED_MISSING = "expected_missing"
    PRODUCT_SEEN = "product_seen"
    NO_PRODUCT = "no_product"
    PRODUCT_WITHOUT_ID = "product_without_id"
    MARKUP_UNREADABLE = "markup_unreadable"
    SWITCHED_OFF = "switched_off"
    CONSENT_ARRIVES = "consent_arrives"
    CONSENT_WAITS = "consent_waits"
    CONSENT_NEVER_GRANTED = "consent_never_granted"
    CONSENT_BUTTON_MISSING = "consent_button_missing"
    NO_CONSENT_TOOL = "no_consent_tool"
    MEASURED_WITHOUT_CONSENT = "measured_without_consent"
    NO_TRACKERS = "no_trackers"
    TRACKER_BEFORE_CONSENT = "tracker_before_consent"
    TRACKER_AFTER_CONSENT = "tracker_after_consent"
    TAG_MANAGER = "tag_manager"
    TRACKING_COOKIES = "tracking_cookies"
    COOKIES = "cookies"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    level: Level
    word: Word
    said: str
    """What was seen."""
    todo: str = ""
    """What to do about it; empty where nothing is."""


def ok(word: Word, said: str) -> Finding:
    """As it should be."""
    return Finding(Level.OK, word, said)


def warning(word: Word, said: str, todo: str) -> Finding:
    """Right on some pages, and worth a look."""
    return Finding(Level.WARNING, word, said, todo)


def fault(word: Word, said: str, todo: str) -> Finding:
    """Numbers are missing, or a promise isn't kept, until it is mended."""
    return Finding(Level.FAULT, word, said, todo)
