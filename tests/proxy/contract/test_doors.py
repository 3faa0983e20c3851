"""The contract against the routes, and what lies in the repository against the contract."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import schemathesis
from jsonschema import Draft202012Validator

from pipeline.outcome import Outcome
from proxy import reply
from proxy.beacon import script
from proxy.contract.doors import doors
from proxy.contract.openapi import openapi
from proxy.contract.reference import document, kind, summary
from proxy.contract.shapes import schemas
from proxy.contract.written import ROOT, written
from proxy.decode import ga4, native, plausible, server
from proxy.routes import Routes
from proxy.settings import load
from tests.proxy.doorway import opened

WRITTEN = written()


async def test_every_route_stands_in_the_contract(tmp_path: Path) -> None:
    """Path and method; none is missing and none too many."""
    version = script.load().version
    promised = {(door.path.replace("{version}", version), door.method) for door in doors()}
    async for worker in opened(tmp_path):
        table = Routes(worker.collector, load(tmp_path / "sporlos.toml"))._table
        files = {(path, method) for path in ("/r/{product}.json", "/r.json") for method in ("GET", "HEAD")}
        assert promised == {(path, method) for path, methods in table.items() for method in methods} | files


def test_every_told_refusal_is_promised_somewhere() -> None:
    """Each word with a status is among the words of an answer with that status."""
    said: set[tuple[int, str]] = set()
    for door in doors():
        for status, answer in door.answers.items():
            words = answer.schema.get("properties", {}).get("refused", {}).get("enum", [])
            said |= {(status, word) for word in words}
    assert said == {(status, str(word)) for word, status in reply.STATUS.items()}


def test_the_document_is_openapi() -> None:
    """By schemathesis' reading of the standard; each shape is a JSON Schema."""
    schemathesis.openapi.from_dict(openapi()).validate()
    for schema in schemas().values():
        Draft202012Validator.check_schema(schema)


READ = {
    "GoodPage": native._good_page,
    "AnyPage": native._any_page,
    "AnyEvent": native._any_event,
    "Product": native._product,
    "PlausibleEvent": plausible._body,
    "GoogleBody": ga4._body,
    "GoogleEvent": ga4._event,
    "ServerEvent": server._event,
}


@pytest.mark.parametrize(("name", "decode"), READ.items(), ids=READ)
def test_what_is_published_is_what_reads(name: str, decode: Any) -> None:  # noqa: ANN401 - a bound method of C
    """The struct of each dialect's decoder has just the published fields, which are needed where it needs them."""
    fields = msgspec.structs.fields(decode.__self__.type)
    published = schemas()[name]
    assert decode.__self__.type.__name__ == name
    assert [field.encode_name for field in fields] == [*published["properties"]]
    assert {field.encode_name for field in fields if field.required} == set(published["required"])


def test_every_field_has_a_meaning() -> None:
    """But for those of schema.org and of our attributes, which are told of where shops are told how to write them."""
    silent = {
        (name, field)
        for name, schema in schemas().items()
        for field, below in schema["properties"].items()
        if name != "Product" and "description" not in below
    }
    assert silent == {("GoodEvent", "item_list_name"), ("GoodEvent", "p")}, "its looser twin has them"


def test_every_word_has_its_line() -> None:
    """All outcomes stand in docs/api.md, each with a meaning."""
    lines = WRITTEN["docs/api.md"].splitlines()
    for word in Outcome:
        [line] = [line for line in lines if line.startswith(f"| `{word}` |")]
        assert line.count("|") == 4
        assert line.split("|")[3].strip()


def test_a_row_of_a_table_is_one_line() -> None:
    """However long the text in the code is that it is made of."""
    made = [*document().splitlines(), *summary().splitlines()]
    rows = [line for line in made if line.startswith("|")]
    assert len(rows) > 100
    assert [row for row in rows if not row.endswith(" |")] == []


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_is_up_to_date(name: str) -> None:
    """After a change of a struct or a route: run script/contract."""
    there = (ROOT / name).read_text(encoding="utf-8")
    assert there == WRITTEN[name], "run script/contract"
    assert name != "README.md" or "<!-- contract" in there


KINDS = {
    "a text of at most 200 characters": {"type": "string", "maxLength": 200},
    "a text of 1 to 60 characters": {"type": "string", "maxLength": 60, "minLength": 1},
    "a whole number from 0 to 65,535": {"type": "integer", "minimum": 0, "maximum": 65_535},
    "a list of at most 50: `GoodEvent`": {
        "type": "array", "maxItems": 50, "items": {"$ref": "#/components/schemas/GoodEvent"},
    },
    "a text, or a whole number": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
    "`count`, `off`": {"enum": ["", "count", "off"]},
    "true or false": {"type": "boolean"},
    "anything": {},
}  # fmt: skip


@pytest.mark.parametrize(("words", "schema"), KINDS.items(), ids=KINDS)
def test_a_schema_is_told_in_words(words: str, schema: dict[str, Any]) -> None:
    """For who reads it and is no program."""
    assert kind(schema) == words
