"""What is wrong with a request of the Measurement Protocol, in Google's words.

Enters: the query and the body of `POST /debug/mp/collect`. Leaves: the `validationMessages` of its answer. Nothing is
counted or stored, and nothing of the request is repeated. Unlike Google's, it looks at the secret as well: a request
without the right one is told that and no more.
Source: https://developers.google.com/analytics/devguides/collection/protocol/ga4/validating-events
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from proxy.decode import ga4, limits
from proxy.origin import origin_of

_RESERVED = frozenset(
    """ad_activeview ad_click ad_exposure ad_query ad_reward adunit_exposure app_clear_data app_exception app_install
    app_remove app_store_refund app_update app_upgrade error first_open first_visit in_app_purchase os_update
    screen_view session_start session_start_with_rollout user_engagement""".split()
)
_RESERVED_BEGINNINGS = ("_", "firebase_", "ga_", "google_", "gtag.", "dynamic_link_", "notification_")


def validate(
    body: bytes, query: Mapping[str, str], known: Mapping[str, ga4.Stream], now: float
) -> list[dict[str, str]]:
    """Messages with `fieldPath`, `description` and `validationCode`; none if all of it would be taken."""
    return [
        {"fieldPath": path, "description": description, "validationCode": code}
        for path, code, description in _messages(body, query, known, now)
    ]


def _messages(
    body: bytes, query: Mapping[str, str], known: Mapping[str, ga4.Stream], now: float
) -> Iterator[tuple[str, str, str]]:
    stream = ga4.stream_of(query, known)
    if stream is None:
        for key in ("measurement_id", "api_secret"):
            if not query.get(key):
                yield key, "VALUE_REQUIRED", f"The query must hold {key}."
                return
        yield "api_secret", "VALUE_INVALID", "No site has this measurement_id with this api_secret."
        return
    request = ga4.read(body, now)
    if isinstance(request, ga4.Fault):
        yield request[:3]
        return
    if stream.asks and not request.agreed:
        says = 'This site counts nothing before consent, which is "consent": {"analytics_storage": "GRANTED"}.'
        yield "consent", "VALUE_REQUIRED", says
    for at, each in enumerate(request.events):
        if isinstance(each, ga4.Fault):
            yield each[:3]
            if at >= ga4.EVENTS:  # once for all that are too many
                return
        else:
            yield from _event_messages(each, at, stream, now)


def _event_messages(sent: ga4.Sent, at: int, stream: ga4.Stream, now: float) -> Iterator[tuple[str, str, str]]:
    event = sent.event
    where = f"Event at index: [{at}]"
    if event.name not in stream.names:
        reserved = event.name in _RESERVED or event.name.startswith(_RESERVED_BEGINNINGS)
        why = "a name that Google reserves" if reserved else "a name that this site's settings don't declare"
        yield "events", "NAME_RESERVED" if reserved else "NAME_INVALID", f"{where} has {why}."
    if _day(now - event.age_ms / 1000 + limits.LATE_SECONDS, stream) < _day(now, stream):
        says = f"{where} is of a calendar day that is over at the site."
        yield f"events[{at}].timestamp_micros", "VALUE_OUT_OF_BOUNDS", says
    if event.value and not event.currency:
        yield f"events[{at}].params.currency", "VALUE_REQUIRED", f"{where} has a value without a currency."
    if event.name in ("purchase", "refund") and not event.order:
        yield f"events[{at}].params.transaction_id", "VALUE_REQUIRED", f"{where} has no transaction_id."
    if sent.items > limits.most_items(event.name):
        says = f"{where} has more items than the {limits.most_items(event.name)} that are read."
        yield f"events[{at}].params.items", "EXCEEDED_MAX_ENTITIES", says
    if sent.url and origin_of(sent.url) not in stream.origins:
        says = f"{where} has a page_location outside this site's origins."
        yield f"events[{at}].params.page_location", "VALUE_INVALID", says


def _day(at: float, stream: ga4.Stream) -> date:
    return datetime.fromtimestamp(at, ZoneInfo(stream.time_zone)).date()
