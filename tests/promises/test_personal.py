"""Personal values can't be written down by anything that writes things down."""

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict
from ipaddress import ip_address
from pprint import pformat

import msgspec
import orjson
import pytest
import structlog

from proxy.arrival import Arrival, Personal, RawEvent, RawItem, RawPage

MARK = "anna@shop.no"
VALUES = [
    Arrival(address=ip_address("193.212.4.117"), user_agent=MARK, language=MARK, origin=MARK, purpose=MARK, now=0.0),
    RawItem(id=MARK, name=MARK),
    RawEvent(name=MARK, order=MARK, search_term=MARK, props={MARK: MARK}),
    RawPage(site=MARK, url=MARK, referrer=MARK, events=(RawEvent(name=MARK),)),
]
WRITERS: dict[str, Callable[[object], object]] = {
    "pickle": pickle.dumps,
    "the oldest pickle": lambda value: pickle.dumps(value, 0),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "json": json.dumps,
    "orjson": orjson.dumps,
    "msgspec": msgspec.json.encode,
    "msgpack": msgspec.msgpack.encode,
    "to_builtins": msgspec.to_builtins,
    "asdict": asdict,
    "vars": vars,
    "a key of a cache": lambda value: {value: 1},
}
SHOWERS: dict[str, Callable[[object], str]] = {
    "repr": repr,
    "str": str,
    "a format": lambda value: f"{value} {value!r} {[value]}",
    "pprint": pformat,
    "json that is told to make texts": lambda value: json.dumps(value, default=str),
    "a log line": lambda value: logging.LogRecord("x", 40, "x", 1, "%s %r", (value, value), None).getMessage(),
    "a structured log line": lambda value: str(structlog.processors.KeyValueRenderer()(None, "", {"value": value})),
    "an exception": lambda value: "".join(traceback.format_exception_only(ValueError(value))),
}


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
def test_a_personal_value_is_refused(write: Callable[[object], object], value: Personal) -> None:
    """By everything that would serialise, copy or keep it."""
    with pytest.raises(TypeError) as refused:
        write(value)
    assert MARK not in str(refused.value)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("show", SHOWERS.values(), ids=SHOWERS.keys())
def test_a_personal_value_shows_its_kind_only(show: Callable[[object], str], value: Personal) -> None:
    """Wherever it is printed by mistake."""
    shown = show(value)
    assert MARK not in shown
    assert type(value).__name__ in shown


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_personal_value_takes_no_further_attribute(value: Personal) -> None:
    """There is no dictionary in it that something could be hung into."""
    with pytest.raises(AttributeError):
        value.note = "x"  # type: ignore[attr-defined]  # that it is none is the point
