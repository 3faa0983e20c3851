"""The contract to be read. Leaves: docs/api.md, and the short table of the README, as Markdown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.event import EVENT_NAMES
from pipeline.outcome import Outcome
from proxy import reply
from proxy.contract.doors import GOOGLE, NATIVE, PIXEL, PLAUSIBLE, RECOMMENDED, SCRIPT, SERVER, Door, doors
from proxy.contract.shapes import AT, Schema, schemas

_SCALARS = {"string", "integer", "number", "boolean", "null"}
_MEANINGS = {
    Outcome.STORED: "It is in a file that has been synced to the disk.",
    Outcome.DUPLICATE: "The same was stored before.",
    Outcome.MALFORMED: "It can't be read.",
    Outcome.TOO_LARGE: "A limit is exceeded, of the body or of how many events it may hold.",
    Outcome.UNKNOWN_SITE: "No site of the settings has this id, or this measurement id with this secret.",
    Outcome.UNKNOWN_SENDER: "No token, or none of this collector's.",
    Outcome.WRONG_ORIGIN: "The page, or the header `Origin`, is on none of the site's origins.",
    Outcome.UNKNOWN_EVENT: "The name is not a known one, and the site's settings don't declare it.",
    Outcome.ROBOT: "The user agent is a robot's.",
    Outcome.AUTOMATION: "The browser says that a program drives it.",
    Outcome.PREFETCH: "The browser fetched the page in advance.",
    Outcome.REFERRER_SPAM: "The referrer is a known spammer's.",
    Outcome.MISSING_HEADERS: "A header is missing that every browser sends.",
    Outcome.RATE_ANOMALY: "More than a person does.",
    Outcome.RATE_LIMITED: "More than one address may send.",
    Outcome.OPTED_OUT: "The visitor has asked not to be counted.",
    Outcome.NOT_CONSENTED: "The visitor hasn't agreed, and the site counts nothing before that.",
    Outcome.QUARANTINED: "The store refuses the row; it is set aside.",
    Outcome.EXPIRED: "Its day is over, or its time was before it could be stored.",
    Outcome.SPOOL_FULL: "The disk or the spool is full.",
}
_CHAPTERS = {
    NATIVE: (
        """What isn't as told here is put right where that can be done, as shops' data layers have it: a price as a
text, a number as a brand, schema.org's names for a product. Where it can't, the event is refused as `malformed` and the
rest is kept. Of more than 50 events the others are refused as `too_large`. A refusal is told only where nothing was
taken. Fields that nobody knows are dropped. `v`, `o` and `q` go before the same by GA4's names.""",
        ("GoodPage", "GoodEvent", "GoodItem"),
    ),
    PLAUSIBLE: (
        """Plausible's trackers and plug-ins work unchanged; of two names of a field the short one goes first. A field
that can't be read costs no more than itself, but for the name, the address and the revenue.""",
        ("PlausibleEvent",),
    ),
    PIXEL: ("", ()),
    SERVER: (
        """`Authorization: Bearer …`, with a token that `sporlos token new NAME --events` prints. A field that is none
of these is refused, and so is an amount without a currency; of an item, other keys are dropped. Each event has its own
result; with a visitor it is `accepted` where the result would tell what he is.""",
        ("ServerEvent", "Visitor", "Item"),
    ),
    GOOGLE: (
        """The settings map a measurement id to a site and hold the SHA-256 of its secret. `client_id`, `user_id`,
`user_properties` and what else Google's protocol says of a person are read by nobody. No event has a
visitor number.""",
        ("GoogleBody", "GoogleEvent", "GoogleParams"),
    ),
    RECOMMENDED: (
        """JSON: `{"product": id, "viewed_together": […], "bought_together": […], "popular": […]}`, up to 12 each,
the best first, made of counts of at least ten visitors. Each is `{"id": …}`, with the catalogue's `name`, `link` and
`image` where the site has one. Fill free places with `popular`; where a product has no file, `/r.json` has them, too.
A browser lets pages of the site's `origins` read it. Without a catalogue an id is what some browser called a product:
write it into a page as text.""",
        (),
    ),
}
_LOOSE_TOO = ("item_list_name", "p")
"""Fields of `GoodEvent` that its looser twin reads."""


def document() -> str:
    """docs/api.md."""
    shapes = schemas()
    lines = [
        "# What the collector takes, and what it answers",
        "",
        "Made by `script/contract` of the code's own structs and routes; `openapi.json` says the same to programs.",
        "Paths are those of a script at `/s.js`. Needed fields are **bold**. An address or a header of more than 8,190",
        "bytes is answered with 400 before anybody has looked for a route, any other path with 404, method with 405.",
        "",
        *_routes(doors()),
    ]
    for chapter, (says, names) in _CHAPTERS.items():
        lines += ["", f"## {chapter}", *(["", *says.splitlines()] if says else [])]
        for door in (door for door in doors() if door.chapter == chapter and door.method not in ("OPTIONS", "HEAD")):
            lines += ["", f"`{door.method} {door.path}` {_size(door)}", "", *_answers(door)]
        for name in names:
            lines += ["", f"### {name}", "", *_fields(shapes, name)]
    known = ", ".join(f"`{name}`" for name in sorted(EVENT_NAMES))
    lines += ["", "## Event names", "", f"{known}; and what a site's settings declare."]
    return "\n".join([*lines, "", *_outcomes(), ""])


def summary() -> str:
    """What stands in the README."""
    shapes = schemas()
    told = [door for door in doors() if door.chapter != SCRIPT and door.method != "OPTIONS"]
    fields = [(f"`{name}`", *_row(schema)) for name, schema in _of_script(shapes)]
    return "\n".join(
        [
            *_routes(told),
            "",
            "The body of `POST /e`; [docs/api.md](docs/api.md) has every route and field, and the refusals:",
            "",
            *_table(("field", "what may stand there", "meaning"), fields),
        ]
    )


def _of_script(shapes: Mapping[str, Schema]) -> Iterator[tuple[str, Schema]]:
    for name in ("GoodPage", "GoodEvent"):
        for field, schema in _properties(shapes, name):
            if field != "p" and "The same as" not in schema["description"]:
                yield field if name == "GoodPage" else f"e[].{field}", schema


def _properties(shapes: Mapping[str, Schema], name: str) -> Iterator[tuple[str, Schema]]:
    for field, schema in shapes[name]["properties"].items():
        if name == "GoodEvent" and field in _LOOSE_TOO:
            yield field, shapes["AnyEvent"]["properties"][field]
        else:
            yield field, schema


def _fields(shapes: Mapping[str, Schema], name: str) -> list[str]:
    needed = shapes[name].get("required", ())
    rows = [
        (f"**`{field}`**" if field in needed else f"`{field}`", *_row(schema))
        for field, schema in _properties(shapes, name)
    ]
    return _table(("field", "what may stand there", "meaning"), rows)


def _row(schema: Schema) -> tuple[str, str]:
    return kind(schema), schema.get("description", "")


def _routes(told: Sequence[Door]) -> list[str]:
    """A row a route; one that tells its headers alone, too, has both methods in it."""
    alone = {door.path for door in told if door.method == "HEAD"}
    rows = [
        (
            f"`{'GET, HEAD' if door.method == 'GET' and door.path in alone else door.method} {door.path}`",
            door.says,
            ", ".join(map(str, door.answers)),
        )
        for door in told
        if door.method != "HEAD"
    ]
    return _table(("route", "takes", "answers"), rows)


def _size(door: Door) -> str:
    query = "; ".join(f"`{name}`: {kind(schema)}" for name, schema in door.query.items())
    said = [f"At most {door.most:,} bytes of body." if door.most else "", f"In the query {query}." if query else ""]
    return "— " + " ".join(filter(None, said))


def _answers(door: Door) -> list[str]:
    rows = [
        (str(status), answer.says, ", ".join(f"`{name}`: {says}" for name, says in answer.headers.items()))
        for status, answer in door.answers.items()
    ]
    return _table(("answer", "when", "headers"), rows)


def _outcomes() -> list[str]:
    rows = [(f"`{word}`", str(reply.STATUS.get(word, "")), _MEANINGS[word]) for word in Outcome]
    return [
        "## How an event ends",
        "",
        "One word an event, which is also the label of `sporlos_events_total` in `/metrics`, and the panel's row.",
        "Only words with a status are told to browsers: the others are about the visitor.",
        "",
        *_table(("word", "status", "meaning"), rows),
    ]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)]


def kind(schema: Mapping[str, Any]) -> str:
    """What may stand there, in words."""
    kinds = schema.get("anyOf", ())
    if "$ref" in schema:
        said = f"`{schema['$ref'].removeprefix(AT)}`"
    elif "enum" in schema:
        said = ", ".join(f"`{each}`" for each in schema["enum"] if each)
    elif {each.get("type") for each in kinds} == _SCALARS:
        said = "a text, a number, true or false"
    elif kinds:
        said = ", or ".join(kind(each) for each in kinds if each.get("type") != "null")
    else:
        said = _plain(schema)
    return said


def _plain(schema: Mapping[str, Any]) -> str:
    match schema.get("type"):
        case "array":
            most = f" of at most {schema['maxItems']:,}" if "maxItems" in schema else ""
            return f"a list{most}: {kind(schema['items'])}"
        case "object":
            return f"an object; in each field {kind(schema['additionalProperties'])}"
        case "string":
            return f"a text{_length(schema)}"
        case "integer":
            return f"a whole number{_range(schema)}"
        case "number":
            return f"a number{_range(schema)}"
        case kind_of_all:
            return "true or false" if kind_of_all == "boolean" else "anything"


def _length(schema: Mapping[str, Any]) -> str:
    if "maxLength" not in schema:
        return ""
    least = f" {schema['minLength']} to" if "minLength" in schema else " at most"
    return f" of{least} {schema['maxLength']:,} characters"


def _range(schema: Mapping[str, Any]) -> str:
    return f" from {schema['minimum']:,.0f} to {schema['maximum']:,.0f}" if "minimum" in schema else ""
