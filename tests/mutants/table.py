"""Each control of the privacy room, switched off by itself: a line, what it becomes, and who must notice.

Enters: nothing. Leaves: the table that `run.py` works through, and that `PROMISES.md` is held in step with by a test.
"""

from typing import NamedTuple

ADDRESS, FORMS = "test_p1_address.py", "test_p1_forms.py"
NUMBER, ROWS, CAPS, CHOICE = "test_p2_visitor_number.py", "test_p3_rows.py", "test_p3_caps.py", "test_choice.py"
CORPUS, SENSITIVE, PERSONAL, STAIRS = "test_p3_corpus.py", "test_p3_sensitive.py", "test_personal.py", "test_stairs.py"
OVERLAP, RETENTION, GONE = "test_p2_overlap.py", "test_p4_retention.py", "test_p4_gone.py"
ORDERS, WEEK = "test_p4_reidentification.py", "test_p4_week.py"
BOUNDED, NOISE, THRESHOLD = "test_p5_bounded.py", "test_p5_noise.py", "test_p5_threshold.py"
DIFFERENCING, LEDGER, PERSONS = "test_p5_differencing.py", "test_p5_ledger.py", "test_p5_persons.py"
UNSAID = "test_p5_sensitive.py"


class Mutant(NamedTuple):
    """One control off."""

    control: str
    file: str
    line: str
    worse: str
    caught_by: str
    """A file of `tests/promises/`."""


_ROOM = "proxy/privacy/"
_RETENTION, _CLOSING, _AUDIENCES = "pipeline/retain/retention.py", "pipeline/closing/", "pipeline/audiences/"

MUTANTS = (
    # P1: the address
    Mutant("IPv4 cut to /24", f"{_ROOM}address.py", '{packed[2]}.0/24"', '{packed[2]}.{packed[3]}/24"', ADDRESS),
    Mutant("IPv6 cut to /48", f"{_ROOM}address.py", "return _ipv6_network(packed[:6])", "return str(address)", ADDRESS),
    Mutant("tunnels unwrapped", f"{_ROOM}address.py", "else unwrap(client)", "else client", ADDRESS),
    Mutant("only trusted proxies are believed", f"{_ROOM}address.py", "and is_in(client, trusted)", "", ADDRESS),
    Mutant("walked from the right", f"{_ROOM}address.py", "islice(_hops(forwarded), _MOST_HOPS)",
           "iter([*_hops(forwarded)][::-1])", FORMS),
    Mutant("country and region of the network", f"{_ROOM}forget.py", "reading.place(truncated(arrival.address))",
           "reading.place(str(arrival.address))", ADDRESS),
    Mutant("the file of places is asked about the network", "proxy/places.py", 'network.partition("/")[0]',
           'network.partition("/")[0][:-1] + "117"', ADDRESS),
    Mutant("rate counted by a keyed hash", f"{_ROOM}rate.py", 'int.from_bytes(digest, "big")', "int(address)", ADDRESS),
    # P2: the visitor number
    Mutant("a salt a day", f"{_ROOM}salts.py", "now >= head.ends", "now >= head.ends + 1e9", NUMBER),
    Mutant("the site in the number", f"{_ROOM}identity.py", "site.encode(), user_agent", 'b"", user_agent', NUMBER),
    Mutant("keyed by the salt", f"{_ROOM}identity.py", "key=salt, ", "", NUMBER),
    Mutant("purposes kept apart", f"{_ROOM}identity.py", "person=purpose", 'person=b""', NUMBER),
    Mutant("lengths in the input", f"{_ROOM}identity.py", "lengths + name", "name", NUMBER),
    Mutant("order numbers hashed", f"{_ROOM}forget.py", "identity.order_key(salt, shop, raw.order)",
           "int.from_bytes(raw.order.encode()[:8])", NUMBER),
    Mutant("event ids hashed", f"{_ROOM}forget.py", 'identity.event_id(salt, shop, f"{own_id} {raw.name} {apart}")',
           "int.from_bytes(raw.id.encode()[:8])", NUMBER),
    Mutant("no number against an objection", f"{_ROOM}modes.py", "if objects and", "if False and", NUMBER),
    Mutant("no number in count", f"{_ROOM}forget.py", "mode is Mode.MEASURE and", "", NUMBER),
    Mutant("nothing off the device in count", f"{_ROOM}forget.py", "coarse.viewport(page.viewport) if visitor else 0",
           "coarse.viewport(page.viewport)", ROWS),
    Mutant("no number with the clock set back", f"{_ROOM}forget.py", "if day.salt is None or address is None:",
           "if address is None:", NUMBER),
    Mutant("an open visit keeps its number", f"{_ROOM}forget.py", "if day.visits.is_open(yesterdays, arrival.now):",
           "if False:", "test_p2_overlap.py"),
    # P3: what a row may say
    Mutant("queries dropped", f"{_ROOM}scrub.py", "parts.path, routes", 'f"{parts.path}/{parts.query}", routes', ROWS),
    Mutant("click ids unread", f"{_ROOM}scrub.py", "paid_by or PAID_BY[name]", "paid_by or value", ROWS),
    Mutant("campaign words cleaned", f"{_ROOM}scrub.py", "kept.setdefault(name, _of_a_query(value))",
           "kept.setdefault(name, value)", ROWS),
    Mutant("of a referrer only the host", f"{_ROOM}source.py", "registrable(host) if host", "referrer if host", ROWS),
    Mutant("paying is no source", f"{_ROOM}source.py", " or came_from in hops", "", ROWS),
    Mutant("numbers in paths", f"{_ROOM}scrub.py", "_NUMBER.fullmatch(cleaned) or ", "", ROWS),
    Mutant("tokens in paths", f"{_ROOM}scrub.py", "ID if _TOKEN.search(cleaned) else cleaned", "cleaned", ROWS),
    Mutant("orders end a path", f"{_ROOM}scrub.py", "segments[: below + 1]", "segments", ROWS),
    Mutant("decoded to a fixpoint", f"{_ROOM}redact.py",
           'unquote(_LEGACY.sub(_letter, text), errors="replace") if "%" in text else text', "text", ROWS),
    Mutant("one spelling (NFKC)", f"{_ROOM}redact.py", 'unicodedata.normalize("NFKC", plain)', "plain", CORPUS),
    Mutant("e-mail addresses found", f"{_ROOM}detect.py",
           "    text = _without(text, _spelled_emails(text))\n    if not", "    if False and not", ROWS),
    Mutant("codes found", f"{_ROOM}detect.py", "text = _without(text, _codes(text))", "", CORPUS),
    Mutant("IBANs found", f"{_ROOM}detect.py", "text = _without(text, _ibans(text))", "", CORPUS),
    Mutant("national numbers found", f"{_ROOM}numbers.py", "_is_national(window, prose=prose) or ", "", ROWS),
    Mutant("cards found", f"{_ROOM}numbers.py", "return _is_card(window, prose=prose) or", "return", CORPUS),
    Mutant("telephones found", f"{_ROOM}numbers.py", "return prose and _is_bare_phone(window)", "return False", CORPUS),
    Mutant("search terms cleaned", f"{_ROOM}reading.py", "clean(typed, 100).lower()", "typed.lower()", ROWS),
    Mutant("products' names cleaned", f"{_ROOM}reading.py", "clean(name, 100)", "name", ROWS),
    Mutant("properties declared", f"{_ROOM}forget.py", "for name, value in sent if name in allowed}",
           "for name, value in sent}", ROWS),
    Mutant("properties cleaned", f"{_ROOM}reading.py", '"props", clean(value, 100)', '"props", value', ROWS),
    Mutant("a cap a column", f"{_ROOM}caps.py", "if used >= CAPS[_COLUMNS[column]]:", "if False:", CAPS),
    Mutant("a cap for every column", f"{_ROOM}reading.py", 'self._fit("item_brand", ', "str(", CAPS),
    Mutant("finds are told", f"{_ROOM}reading.py", "if REMOVED in value:", "if False:", CAPS),
    Mutant("sensitive products collapse", f"{_ROOM}reading.py", "(name, item_list, *levels)", "()", SENSITIVE),
    Mutant("sensitive pages are cut", f"{_ROOM}reading.py", "if self.shop.sensitive.is_in(segment):", "if False:",
           SENSITIVE),
    Mutant("families of browsers only", f"{_ROOM}coarse.py", "_BROWSERS.get(browser_family, OTHER)",
           "user_agent", ROWS),
    Mutant("a region is of its country", f"{_ROOM}coarse.py", "within and within[1] == country", "within", ROWS),
    Mutant("of a place two short codes", f"{_ROOM}reading.py", "*coarse.area(area.country, area.region)",
           "area.country, area.region", ROWS),
    Mutant("languages of a list only", f"{_ROOM}coarse.py", "code if code in _LANGUAGES else OTHER",
           "accept_language", ROWS),
    Mutant("a visit over midnight is marked", f"{_ROOM}forget.py", "salt is not None and salt is day.previous", "False",
           OVERLAP),
    # what is left of a day
    Mutant("ten minutes early", _RETENTION, "_EARLY_MINUTES = 10", "_EARLY_MINUTES = 0", RETENTION),
    Mutant("merged parts leave", _RETENTION, '"old_parts_lifetime": 0', '"old_parts_lifetime": 480', RETENTION),
    Mutant("longer is told", _RETENTION, "<= PROMISED_HOURS", "<= 72", RETENTION),
    Mutant("set-aside parts dropped", "pipeline/retain/held.sql", "FROM system.detached_parts\nWHERE ",
           "FROM system.detached_parts\nWHERE 0 AND ", RETENTION),
    Mutant("days are dropped", "pipeline/upkeep.py", "self._retention.round(self._clock())", "[]",
           GONE),
    Mutant("five orders a cell", "pipeline/schema/views/4_judged_day.sql", "kind = 'behaviour' AND (bought",
           "kind = 'nothing' AND (bought", ORDERS),
    Mutant("no money by behaviour", f"{_CLOSING}daily.sql",
           "if(of_behaviour OR steps OR of_hours, CAST(map(), 'Map(LowCardinality(String), Int64)'), revenue)",
           "revenue", ORDERS),
    Mutant("no orders by behaviour a week", f"{_CLOSING}waiting.sql",
           "if(kind = 'behaviour' OR pair = 'bought together', bought, 0)", "bought", ORDERS),
    Mutant("ten visitors a cell", f"{_CLOSING}weekly.sql", "HAVING sum(visitors) >= {k_pairs:UInt16}",
           "HAVING sum(visitors) >= 1", WEEK),
    Mutant("gatherings count their largest cell", f"{_CLOSING}weekly.sql", "max(visitors) AS most FROM gathered",
           "sum(visitors) AS most FROM gathered", WEEK),
    # P5: what leaves the shop
    Mutant("four cells a table", f"{_AUDIENCES}contribute.sql", "WHERE place <= transform(",
           "WHERE 1 OR place <= transform(", BOUNDED),
    Mutant("money capped", f"{_AUDIENCES}contribute.sql", "{unit:Int64}), {cap:Int64}), 1)",
           "{unit:Int64}), 1000000), 1)", BOUNDED),
    Mutant("only who has a number", f"{_AUDIENCES}contribute.sql", "WHERE visit != 0 AND NOT has", "WHERE NOT has",
           BOUNDED),
    Mutant("sensitive events left aside", f"{_AUDIENCES}contribute.sql", "NOT has(item_id, '(sensitive)') AND", "",
           BOUNDED),
    Mutant("campaigns for what is sensitive left aside", f"{_AUDIENCES}contribute.sql",
           "concat(entry_path, came_from, came_medium, came_campaign)", "''", BOUNDED),
    Mutant("robots that are counted left aside", f"{_AUDIENCES}contribute.sql", "visitor != 0 AND marked != '')",
           "visitor != 0 AND 0)", BOUNDED),
    Mutant("an order binds nobody", f"{_AUDIENCES}contribute.sql", "apart = 1,", "apart = 0,", BOUNDED),
    Mutant("sensitive products in no catalogue", f"{_AUDIENCES}catalogue.py", "any(map(is_sensitive, _told_by(row)))",
           "False", UNSAID),
    Mutant("marks reach the catalogue", "proxy/serving.py", "Marked(site.sensitive_groups, site.sensitive).is_in",
           "lambda _: False", UNSAID),
    Mutant("sensitive categories in no brief", f"{_AUDIENCES}exports/brief.py",
           " if not shop.is_sensitive(line.category)", "", UNSAID),
    Mutant("noise as wide as it must be", f"{_AUDIENCES}noise.py", "    return sought", "    return sought / 2", NOISE),
    Mutant("public keys all get noise", f"{_AUDIENCES}noise.py", "keys = sorted(set(public))", "keys = sorted(sums)",
           NOISE),
    Mutant("a threshold where keys aren't public", f"{_AUDIENCES}noise.py",
           "_cutting(scale(table, most), threshold(table, most))", "_cutting(scale(table, most), most)", THRESHOLD),
    Mutant("OpenDP's threshold exceeded", f"{_AUDIENCES}noise.py", "return 1 + bisect_left(", "return bisect_left(",
           THRESHOLD),
    Mutant("a week costs 2.0", f"{_AUDIENCES}tables.py", '("product", "device"), 0.8)', '("product", "device"), 1.8)',
           DIFFERENCING),
    Mutant("exports are given nothing else", f"{_AUDIENCES}exports/campaigns.py",
           "from pipeline.audiences.released import",
           "import sqlite3\nfrom pipeline.audiences.released import", LEDGER),
    Mutant("exact sums are the release's", "pipeline/schema/grants.sql", "ON sporlos.contributions TO sporlos_ship;",
           "ON sporlos.contributions TO sporlos_ship, sporlos_read;", LEDGER),
    Mutant("fifty or nothing", f"{_AUDIENCES}released.py", "number is not None and number >= K_RELEASE",
           "number is not None", PERSONS),
    Mutant("columns of a closed list", f"{_AUDIENCES}persons.py", "else _unlisted(at) for at, name in",
           "else (name, looks_like) for at, name in", PERSONS),
    Mutant("ids of the catalogue", f"{_AUDIENCES}persons.py",
           "_one_of({product.own_id for product in shop.catalogue}, Why.UNDECLARED)", "looks_like", PERSONS),
    Mutant("words looked through", f"{_AUDIENCES}persons.py", "None if cell in listed else looks_like(cell)", "None",
           PERSONS),
    # the visitor's choice, and robots
    Mutant("consent refused is obeyed", "proxy/admit.py", "if mode is Mode.OFF:", "if False:", CHOICE),
    Mutant("an opt-out is obeyed", "proxy/admit.py", "if arrival.opted_out:", "if False:", CHOICE),
    Mutant("no country, nothing before consent", "proxy/site.py", 'profile: Profile = "STRICT"',
           'profile: Profile = "NO"', CHOICE),
    Mutant("robots by name", "proxy/admit.py", "if watch.is_robot(arrival.user_agent):", "if False:", CHOICE),
    Mutant("driven browsers", "proxy/admit.py", "if page.automated:", "if False:", CHOICE),
    Mutant("prefetches", "proxy/admit.py", "if arrival.purpose:", "if False:", CHOICE),
    Mutant("missing headers", "proxy/admit.py", "return Outcome.MISSING_HEADERS if arrival.bare else None",
           "return None", CHOICE),
    Mutant("faster than a person", "proxy/app.py", "if not self.pace.allows(", "if not (lambda *_: True)(", CHOICE),
    # what is personal stays in memory
    Mutant("personal values can't be written", "proxy/arrival.py", "def __reduce_ex__", "def __reduce_hex__",
           PERSONAL),
    Mutant("personal values don't show themselves", "proxy/arrival.py", 'return f"<{type(self).__name__}>"',
           "return str([getattr(self, name) for name in self.__slots__])", PERSONAL),
    Mutant("the room talks to nobody", f"{_ROOM}forget.py", "from typing import Any, NamedTuple",
           "import logging  # noqa\nfrom typing import Any, NamedTuple", STAIRS),
)  # fmt: skip
