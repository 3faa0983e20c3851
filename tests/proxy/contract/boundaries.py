"""Values at the limits of a JSON Schema, and just beyond them.

Enters: a schema, and a body that has every field of it. Leaves: bodies that differ from it in one place each. Whether
one is right is for a validator of JSON Schema to say, which is none of ours.
"""

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

from proxy.contract.shapes import AT, Schema

Path = tuple[str | int, ...]

_ANYTHING: tuple[Any, ...] = ({"zz": 1}, [], "zz", 5, 0.5, True, None)
_STEP = 1.000001


class Case(NamedTuple):
    """One place of a body, what stands there now, and which of the schema's words it tries."""

    path: Path
    word: str
    value: Any

    @property
    def name(self) -> str:
        """For the listing."""
        return f"{place(self.path)} {self.word} {str(self.value)[:12]}:{len(str(self.value))}"

    def put_into(self, sample: Any) -> Any:  # noqa: ANN401 - any JSON
        """The body with it."""
        body = copy.deepcopy({"": sample})
        within: Any = body
        for step in ("", *self.path)[:-1]:
            within = within[step]
        last = ("", *self.path)[-1]
        if self.word == "required":
            del within[last]
        else:
            within[last] = self.value
        return body[""]


def place(path: Path) -> str:
    """`e[].items[].price`."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def cases(schema: Schema, sample: Any, known: dict[str, Schema], path: Path = ()) -> Iterator[Case]:  # noqa: ANN401 - any JSON
    """Every limit below this place, each from both sides."""
    if "$ref" in schema:
        schema = known[schema["$ref"].removeprefix(AT)]
    for kind in schema.get("anyOf", (schema,)):
        if kind is not schema:
            yield from cases(kind, sample, known, path)
            continue
        yield from (Case(path, word, value) for word, value in _values(kind, sample))
        if "properties" in kind and isinstance(sample, dict):
            yield from _of_object(kind, sample, known, path)
        if isinstance(kind.get("items"), dict) and isinstance(sample, list):
            yield from cases(kind["items"], sample[0], known, (*path, 0))
    if schema.get("type") or "anyOf" in schema:
        yield from (Case(path, "type", value) for value in _ANYTHING)


def _of_object(schema: Schema, sample: dict[str, Any], known: dict[str, Schema], path: Path) -> Iterator[Case]:
    yield Case((*path, "zz"), "additionalProperties", 1)
    for name, below in schema["properties"].items():
        if name in sample:
            yield Case((*path, name), "required", None)
            yield from cases(below, sample[name], known, (*path, name))


def _values(schema: Schema, sample: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON
    if "enum" in schema:
        yield from (("enum", each) for each in schema["enum"])
    for word, by in (("minLength", -1), ("maxLength", 1)):
        if word in schema:
            yield from ((word, "x" * length) for length in (schema[word], schema[word] + by))
    for word, by in (("minItems", -1), ("maxItems", 1)):
        if word in schema and isinstance(sample, list):
            yield from ((word, sample[-1:] * length) for length in (schema[word], schema[word] + by))
    whole = schema.get("type") == "integer"
    for word, by in (("minimum", -1), ("maximum", 1)):
        if word in schema:
            limit = schema[word]
            beyond = limit + by if whole or not limit else limit * _STEP
            yield from ((word, value) for value in (limit, beyond))
