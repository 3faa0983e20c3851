"""Lines of the product changed for the worse, in groups that share one run since they show in different places.

Each leak is a mistake that somebody could make on a tired afternoon. What has to be caught: which canary, and where. A
leak whose line is gone fails its test: look for the line that would leak today.
"""

from dataclasses import dataclass, field

from tests.promises.canaries import (
    AGENT,
    CARD,
    CLICKS,
    EMAIL,
    IBAN,
    IPV4,
    IPV6,
    JSON_TOKEN,
    NAME,
    NATIONAL_NUMBER,
    ORDER,
    PHONE,
    TOKEN,
    UNIQUE_ID,
)


@dataclass(frozen=True, slots=True)
class Leak:
    """One mistake, and where it must show."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    """File, what stands in it, what stands there instead."""
    shows: tuple[tuple[str, str], ...]
    """Beginning of a place, and the canary (with a spelling, if only that one will do) that must be found there."""
    files: dict[str, str] = field(default_factory=dict)
    """Files that are laid beside the product's own."""


def _in_rows(*canaries: str) -> tuple[tuple[str, str], ...]:
    places = ("running: data/spool/", "table sporlos.events")
    return tuple((place, canary) for place in places for canary in canaries)


_FORGET, _READING, _SCRUB = "proxy/privacy/forget.py", "proxy/privacy/reading.py", "proxy/privacy/scrub.py"
_APP, _ROUTES, _COLLECTOR = "proxy/app.py", "proxy/routes.py", "proxy/collector.py"
_ASKED = "        answer = await asyncio.to_thread("
_ARRIVE = "    headers = request.headers\n    return Arrival("

_PATH = Leak(
    "path kept",
    ((_SCRUB, "[_segment(segment) for segment in segments[: below + 1]]", "segments[: below + 1]"),),
    (*_in_rows(EMAIL, IPV6[0]), ("panel pages", EMAIL), ("page /api/dashboard", EMAIL)),
)
_WHOLE_AGENT = Leak(
    "whole user agent",
    ((_FORGET, "agent.browser", "arrival.user_agent"),),
    (*_in_rows(AGENT), ("panel browsers", AGENT)),
)
_LIBRARIES = Leak(
    "libraries' logs",
    (("proxy/logs.py", "logger.disabled = True", "logger.addHandler(logging.StreamHandler())"),),
    (("stopped: stderr", EMAIL),),
)
_HEADERS_PRINTED = Leak(
    "headers printed",
    ((_APP, _ARRIVE, f"    print(request.headers)\n{_ARRIVE}"),),
    (("stopped: stdout", AGENT), ("stopped: stdout", IPV4[9])),
)
_HEALTH = Leak(
    "health says who asks",
    ((_COLLECTOR, 'web.Response(text="ok\\n")', "web.Response(text=str(_request.headers))"),),
    (("collector /healthz", IPV4[0]),),
)
_METRICS = Leak(
    "metrics say who asks",
    ((_COLLECTOR, "generate_latest(registry)", "generate_latest(registry) + str(_request.headers).encode()"),),
    (("collector /metrics", IPV6[0]),),
)
_WHOLE_ADDRESS = Leak(
    "whole address",
    ((_FORGET, "        network,\n", "        str(arrival.address),\n"),),
    _in_rows(IPV6[7], IPV4[40]),
)
_UNDECLARED = Leak(
    "undeclared property",
    ((_FORGET, "for name, value in sent if name in allowed", "for name, value in sent"),),
    _in_rows(NAME),
)
_CLICK = Leak(
    "click's number",
    ((_SCRUB, "paid_by = paid_by or PAID_BY[name]", "paid_by = value"),),
    _in_rows(CLICKS["gclid"], CLICKS["mc_eid"]),
)
_EVENT_NAME = Leak(
    "event's name echoed",
    (("proxy/ledger.py", 'name if name in door.names else ""', "name"),),
    (("running: data/spool/", EMAIL), ("table sporlos.tally", EMAIL)),
)
_STATUS = Leak(
    "status says who asks",
    (
        (
            _COLLECTOR,
            "orjson.dumps(msgspec.to_builtins(found))",
            'orjson.dumps(msgspec.to_builtins(found) | {"asker": str(_request.headers)})',
        ),
    ),
    (("collector /status", AGENT),),
)
_OFFICE_METRICS = Leak(
    "the office's metrics say who asks",
    (
        (
            "dashboards/web/app.py",
            "generate_latest(request.app[gate.OFFICE].registry)",
            "generate_latest(request.app[gate.OFFICE].registry) + str(request.headers).encode()",
        ),
    ),
    (("back office /metrics", IPV4[0]),),
)
_SEARCH_TERM = Leak(
    "search term as typed",
    ((_READING, "clean(typed, 100).lower()", "typed"),),
    _in_rows(EMAIL, NATIONAL_NUMBER, PHONE, CARD, IBAN, UNIQUE_ID, TOKEN, JSON_TOKEN),
)
_HASHED = Leak(
    "address hashed without a salt",
    (
        (
            _FORGET,
            "        language,\n",
            '        __import__("hashlib").md5(str(arrival.address).encode()).hexdigest(),\n',
        ),
    ),
    _in_rows(f"{IPV4[7]} (as it is, md5 in hex)"),
)
_BELOW_ORDERS = Leak(
    "pages of orders",
    ((_SCRUB, "for segment in segments[: below + 1]", "for segment in segments"),),
    (*_in_rows(ORDER), ("panel pages", ORDER)),
)
_PANEL = Leak(
    "panels say who asks",
    (
        (
            "dashboards/web/answers.py",
            "return reply(shaped(answer))",
            'return reply(shaped(answer) | {"asker": str(request.headers)})',
        ),
    ),
    (("panel live", IPV4[0]),),
)
_OPT_OUT = Leak(
    "those who opt out are logged",
    (
        (
            "proxy/optout.py",
            "    if _is_foreign(headers):",
            '    __import__("sys").stderr.write(f"{headers}\\n")\n    if _is_foreign(headers):',
        ),
    ),
    (("stopped: stderr", AGENT),),
)
_TUNNEL = Leak(
    "address inside a tunnel",
    (("proxy/privacy/address.py", "return address.sixtofour", "return address"),),
    _in_rows(f"{IPV4[5]} (packed, in groups"),
)
_ORDER_HASHED = Leak(
    "order's number hashed without a salt",
    (
        (
            _FORGET,
            "identity.order_key(salt, shop, raw.order)",
            'int.from_bytes(__import__("hashlib").blake2b(raw.order.encode(), digest_size=8).digest(), "big")',
        ),
    ),
    _in_rows(f"{ORDER} (as it is, blake2b of 64 bits as a number)"),
)
_NATIONAL = Leak(
    "national numbers not looked for",
    (("proxy/privacy/numbers.py", "return is_national_number(window.digits)", "return False"),),
    _in_rows(f"{NATIONAL_NUMBER} (as it is, plain)"),
)
_PAGE = Leak(
    "pages hold who asks",
    (("dashboards/web/pages.py", ".render(values)", '.render(values) + f"<!-- {request.headers} -->"'),),
    (("page /", IPV4[0]), ("page /login", AGENT)),
)
_ANSWER = Leak(
    "answers quote the request",
    ((_ROUTES, "else reply.not_found()", "else web.Response(status=404, text=request.path)"),),
    (("answers", EMAIL),),
)
_QUOTING = Leak(
    "a server's fault is quoted to it",
    (
        (
            "proxy/decode/server.py",
            "Fault(Outcome.MALFORMED, _sentence(str(error)))",
            "Fault(Outcome.MALFORMED, str(error))",
        ),
    ),
    (("answers", EMAIL),),
)
_UNREADABLE = Leak(
    "unreadable bodies printed",
    (
        (
            "proxy/decode/native.py",
            "        return (), (Outcome.MALFORMED,)",
            "        print(body)\n        return (), (Outcome.MALFORMED,)",
        ),
    ),
    (("stopped: stdout", NAME),),
)
_SHARED_MEMORY = Leak(
    "requests in a file without a name",
    (
        (_APP, "_BODY_SECONDS = 10.0", '_BODY_SECONDS = 10.0\n_SEEN = __import__("os").memfd_create("seen")'),
        (_APP, _ARRIVE, f'    __import__("os").write(_SEEN, str(request.headers).encode())\n{_ARRIVE}'),
    ),
    (("open memfd:seen", AGENT),),
)
_FILE = Leak(
    "requests in a file of their own",
    (
        (
            _ROUTES,
            "    decoded = ((), (body,))",
            '    open("bodies", "ab").write(str(body).encode())\n        decoded = ((), (body,))',
        ),
    ),
    (("running: here/bodies", EMAIL),),
)
_QUERY_LOG = Leak(
    "queries logged by the store",
    (
        (
            "pipeline/store/connection.py",
            '"config-file": str(configuration)',
            '"config-file": f"{__file__}.xml"',
        ),
        (
            "dashboards/web/answers.py",
            _ASKED,
            "        office.store.query(f\"SELECT '{request.headers.get('User-Agent')}'\")\n" + _ASKED,
        ),
    ),
    (("table system.query_log", AGENT),),
    {
        "pipeline/store/connection.py.xml": "<clickhouse><query_log><database>system</database><table>query_log</table>"
        "<flush_interval_milliseconds>100</flush_interval_milliseconds></query_log></clickhouse>"
    },
)
_PASSWORD = Leak(
    "passwords as they are",
    (("dashboards/accounts.py", "made = _derive(password)", "made = password"),),
    (("stopped: data/backoffice.sqlite", EMAIL),),
)
CORE = Leak(
    "memory written when a process crashes",
    (("proxy/worker.py", "    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))", "    return"),),
    (("stopped: here/", AGENT),),
)

GROUPS = (
    (_PATH, _WHOLE_AGENT, _LIBRARIES, _HEADERS_PRINTED, _HEALTH, _METRICS),
    (_WHOLE_ADDRESS, _UNDECLARED, _CLICK, _STATUS, _OFFICE_METRICS, _QUOTING),
    (_SEARCH_TERM, _HASHED, _BELOW_ORDERS, _PANEL, _OPT_OUT),
    (_TUNNEL, _ORDER_HASHED, _NATIONAL, _PAGE, _UNREADABLE),
    (_SHARED_MEMORY, _FILE, _QUERY_LOG, _PASSWORD, _EVENT_NAME, _ANSWER),
)
"""No leak of a group shows a canary where another one of it has to show the same; each was run alone to see that."""
