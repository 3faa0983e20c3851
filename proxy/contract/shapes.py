"""The dialects' structs as JSON Schema. Enters: the structs themselves. Leaves: schemas by the structs' names.

What validates a request is what is published. Where a dialect reads event by event, the struct leaves a gap where the
events are; what the dialect's code does there stands in `_joined`, and the tests hold it against the code.
"""

import ast
import inspect
import textwrap
from typing import Any

import msgspec

from proxy.decode import ga4, limits, native, plausible, server
from proxy.decode.product import Product

Schema = dict[str, Any]

AT = "#/components/schemas/"
_PUBLISHED = (
    native.GoodPage,
    native.GoodEvent,
    limits.GoodItem,
    native.AnyPage,
    native.AnyEvent,
    Product,
    plausible.PlausibleEvent,
    ga4.GoogleBody,
    ga4.GoogleEvent,
    ga4.GoogleParams,
    limits.Item,
    server.ServerEvent,
    server.Visitor,
)
_TWINS: dict[type, type] = {
    native.AnyPage: native.GoodPage,
    native.AnyEvent: native.GoodEvent,
    limits.Item: limits.GoodItem,
    Product: limits.GoodItem,
}
"""The looser of two structs → the stricter one, in which their common fields are explained."""

_WITHIN = {"minimum": -native.MOST_VALUE, "maximum": native.MOST_VALUE}


def schemas() -> dict[str, Schema]:
    """Name → schema, each field with its meaning where it has one."""
    _, found = msgspec.json.schema_components(_PUBLISHED, ref_template=AT + "{name}")
    told = {shape.__name__: _explained(found[shape.__name__], shape) for shape in _PUBLISHED}
    return _joined(told)


def ref(shape: type) -> Schema:
    """A pointer to a published struct."""
    return {"$ref": AT + shape.__name__}


def server_body() -> Schema:
    """Of `POST /v1/events`: events, or a single one."""
    event = ref(server.ServerEvent)
    return {"anyOf": [{"type": "array", "items": event, "maxItems": server.EVENTS}, event]}


def native_body() -> Schema:
    """Of `POST /e`: as it should be, or as the script finds it on the page."""
    return {"anyOf": [ref(native.GoodPage), ref(native.AnyPage)]}


def _joined(found: dict[str, Schema]) -> dict[str, Schema]:
    """The same, with what the dialects check beyond their structs."""
    fields = {name: schema["properties"] for name, schema in found.items()}
    fields["AnyPage"]["e"] |= {"items": ref(native.AnyEvent), "maxItems": limits.EVENTS}
    list_of_items, nothing = fields["AnyEvent"]["items"]["anyOf"]
    fields["AnyEvent"]["items"]["anyOf"] = [list_of_items | {"items": ref(Product)}, nothing]
    for name in ("v", "value"):
        fields["AnyEvent"][name]["anyOf"] = [
            kind | (_WITHIN if kind["type"] in ("integer", "number") else {})
            for kind in fields["AnyEvent"][name]["anyOf"]
        ]
    event = ref(ga4.GoogleEvent)
    several = {"type": "array", "items": event, "minItems": 1, "maxItems": ga4.EVENTS}
    fields["GoogleBody"]["events"]["anyOf"] = [several, event]
    _, nothing = fields["GoogleEvent"]["params"]["anyOf"]
    fields["GoogleEvent"]["params"]["anyOf"] = [ref(ga4.GoogleParams), nothing]
    address = {"type": "string", "maxLength": limits.URL_CHARACTERS}
    fields["GoogleParams"]["page_location"]["anyOf"] = [address, {"type": "null"}]
    for name in ("u", "url"):
        fields["PlausibleEvent"][name] |= address
    found["PlausibleEvent"]["allOf"] = [
        {"anyOf": [{"required": [short]}, {"required": [long]}]} for short, long in (("n", "name"), ("u", "url"))
    ]
    for name in ("d", "domain"):
        text, nothing = fields["PlausibleEvent"][name]["anyOf"]
        fields["PlausibleEvent"][name]["anyOf"] = [text | {"maxLength": plausible.DOMAINS_CHARACTERS}, nothing]
    return found


def _explained(schema: Schema, shape: type) -> Schema:
    meanings = (meanings_of(_TWINS[shape]) if shape in _TWINS else {}) | meanings_of(shape)
    for field in msgspec.structs.fields(shape):
        if field.name in meanings:
            schema["properties"][field.encode_name]["description"] = meanings[field.name]
    return schema


def meanings_of(shape: type) -> dict[str, str]:
    """Field → the line below it in the source, of the struct and of what it inherits."""
    found: dict[str, str] = {}
    for one in reversed(shape.__mro__):
        if one.__module__.startswith("proxy."):
            found |= _lines_below(one)
    return found


def _lines_below(shape: type) -> dict[str, str]:
    [body] = ast.parse(textwrap.dedent(inspect.getsource(shape))).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - what a struct's source is
    found: dict[str, str] = {}
    for line, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(line, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[ast.unparse(line.target)] = " ".join(str(below.value.value).split())
    return found
