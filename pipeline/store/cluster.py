"""One statement of `schema/`, as a cluster of ClickHouse servers wants it.

Enters: a statement for a single server, and the cluster's name. Leaves: the statements that do the same on all of it.
A table `t` becomes `t_local` on every server, replicated within its shard, and `t`, which is all shards' `t_local` seen
as one: that is what everything else reads and writes. Pure; what isn't understood is refused, since a cluster of which
half was changed is worse than one that wasn't.

What the cluster's settings must say: `internal_replication` for each shard, and on each server the macros `shard` and
`replica`.
"""

import re
from collections.abc import Callable, Mapping

VISITOR = "if(visitor != 0, visitor, intHash64(batch))"
"""All rows of a visitor on one shard, so that a visit is there in one piece; those without a number by batch."""

SHARDED_BY: Mapping[str, str] = {
    "events": VISITOR,
    # a retry must cut a shipment as the first sending did, or no shard would know its part again: never by `rand()`
    "quarantine": "intHash64(batch)",
    "tally": "intHash64(batch)",
    "notes": "intHash64(batch)",
    "drafts": "cityHash64(toString(site))",
    "daily": "cityHash64(toString(site))",
    "weekly": "cityHash64(toString(site))",
    "waiting": "cityHash64(toString(site))",
    "contributions": "cityHash64(toString(site))",
    # a few rows, where one order and one place are worth more than room: on the first shard, read from everywhere
    "closings": "0",
    "receipts": "0",
    "releases": "0",
    "migrations": "0",
}
"""By what a table's rows are spread. A table that isn't here is refused: somebody has to decide."""

INSERT_SETTINGS: dict[str, str | int] = {
    "distributed_foreground_insert": 1,  # the answer comes when the shards have it, not when it is queued for them
    "insert_deduplicate": 1,
    "load_balancing": "in_order",
}
QUERY_SETTINGS: dict[str, str | int] = {
    "distributed_product_mode": "global",  # an IN or JOIN below another table of all shards is else refused
    "load_balancing": "in_order",  # what was written a moment ago is on the replica that it was written to
}
CHANGE_SETTINGS: dict[str, str | int] = {
    "alter_sync": 2,  # what is said to be dropped is gone from every replica
    "mutations_sync": 2,
}

_WINDOW = "replicated_deduplication_window"
_WINDOW_SECONDS = 48 * 3600
"""As long as rows may wait in a spool and be sent again. An hour, which it is by default, is a short outage."""
_NAME = r"(?P<name>\w+)"
_CLUSTER = re.compile(r"\w[\w.-]*|\{\w+\}")
_UNTOUCHED = re.compile(r"(SELECT|WITH|INSERT)\b.*", re.DOTALL)
_TEXT_OR_COMMENT = re.compile(r"('(?:[^'\\]|\\.)*'|`[^`]*`)|--[^\n]*|/\*.*?\*/", re.DOTALL)
_COLUMN_ACTION = re.compile(r"\s*(ADD|MODIFY|DROP|RENAME|COMMENT) COLUMN\b.*", re.DOTALL)
_LOCAL_ACTION = re.compile(
    r"\s*(MODIFY TTL|MATERIALIZE TTL|DROP PARTITION|DROP DETACHED PARTITION|DELETE WHERE)\b.*", re.DOTALL
)
_SETTING_ACTION = re.compile(r"MODIFY SETTING\b(?P<settings>.*)", re.DOTALL)
_SETTING = re.compile(r"\s*(?P<name>\w+)\s*=\s*(?P<value>'[^']*'|[\w.]+)\s*")


def for_cluster(statement: str, cluster: str) -> list[str]:
    """What to run, in order, each for the whole cluster. A query or an insert is returned as it is.

    Args:
        statement: one, as in `schema/`.
        cluster: its name in the servers' settings, or a macro for it, `{cluster}`.

    Raises:
        ValueError: the statement, or its table, is of a kind that nobody has thought about yet; its first line.
    """
    if not _CLUSTER.fullmatch(cluster):
        raise ValueError(f"{cluster!r} can't be a cluster's name")
    bare = _TEXT_OR_COMMENT.sub(lambda found: found[1] or " ", statement).strip()
    if ";" not in _TEXT_OR_COMMENT.sub("", bare):  # of two in one text the second would go unseen
        if _UNTOUCHED.fullmatch(bare):
            return [statement]
        for shape, rewrite in _SHAPES:
            if found := shape.fullmatch(bare):
                return rewrite(found, cluster)
    raise ValueError(f"not known for a cluster: {_first_line(bare)}")


def local(table: str) -> str:
    """The table that holds a server's own share; for what must be asked of each server, such as `system.parts`.

    Raises:
        ValueError: nobody has said by what the table's rows are spread.
    """
    if table not in SHARDED_BY:
        raise ValueError(f"not known for a cluster: the table {table}; say in SHARDED_BY by what its rows are spread")
    return f"{table}_local"


def _create_table(found: re.Match[str], cluster: str) -> list[str]:
    name, here = found["name"], local(found["name"])
    given = f", {found['arguments'].strip()}" if found["arguments"] else ""
    path = f"/clickhouse/tables/{{shard}}/{{database}}/{here}"
    settings = _replicated(found["settings"] or "")
    if not any(setting.startswith(f"{_WINDOW} ") for setting in settings):
        # a plain table takes one block twice, a replicated one only if told to: two slices of a day that count alike
        # would become one
        settings.append(f"{_WINDOW} = 0")
    share = f"""
        CREATE TABLE IF NOT EXISTS {here} ON CLUSTER '{cluster}' ({found["columns"]})
        ENGINE = Replicated{found["engine"]}('{path}', '{{replica}}'{given})
        {found["rest"].strip()}
        SETTINGS {", ".join(settings)}"""
    whole = f"""
        CREATE TABLE IF NOT EXISTS {name} ON CLUSTER '{cluster}' AS {here}
        ENGINE = Distributed('{cluster}', currentDatabase(), {here}, {SHARDED_BY[name]})"""
    return [share, whole]


def _alter(found: re.Match[str], cluster: str) -> list[str]:
    name, here, actions = found["name"], local(found["name"]), found["actions"].strip()
    each = _outer_split(_TEXT_OR_COMMENT.sub("''", actions))
    if all(_COLUMN_ACTION.fullmatch(action) for action in each):
        # the whole never names a column that a share hasn't got, neither before nor after
        order = (name, here) if actions.startswith("DROP") else (here, name)
        return [f"ALTER TABLE {table} ON CLUSTER '{cluster}' {actions}" for table in order]
    if changed := _SETTING_ACTION.fullmatch(actions):
        actions = f"MODIFY SETTING {', '.join(_replicated(changed['settings']))}"
    elif not all(_LOCAL_ACTION.fullmatch(action) for action in each):
        raise ValueError(f"not known for a cluster: {_first_line(found[0])}")
    return [f"ALTER TABLE {here} ON CLUSTER '{cluster}' {actions}"]


def _on_cluster(found: re.Match[str], cluster: str) -> list[str]:
    """For what is the same everywhere: a view, a database."""
    return [f"{found['before']} ON CLUSTER '{cluster}'{found['after']}"]


def _on_shares(found: re.Match[str], cluster: str) -> list[str]:
    """For what is done to rows: each server does it to its own."""
    return [f"{found['before']} {local(found['name'])} ON CLUSTER '{cluster}'{found['after']}"]


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], list[str]]], ...] = (
    (
        re.compile(
            rf"CREATE TABLE IF NOT EXISTS {_NAME}\s*\((?P<columns>.*)\)\s*"
            r"ENGINE = (?P<engine>(?:Replacing|Summing|Aggregating)?MergeTree)(?:\((?P<arguments>[^()]*)\))?(?=\s)"
            r"(?P<rest>(?:(?!\bSETTINGS\b).)*)(?:\bSETTINGS\b(?P<settings>.*))?",
            re.DOTALL,
        ),
        _create_table,
    ),
    (re.compile(rf"ALTER TABLE {_NAME}\s+(?P<actions>.*)", re.DOTALL), _alter),
    (
        re.compile(r"(?P<before>CREATE (?:OR REPLACE )?VIEW (?:IF NOT EXISTS )?\w+)(?P<after>\s.+)", re.DOTALL),
        _on_cluster,
    ),
    (re.compile(r"(?P<before>DROP VIEW (?:IF EXISTS )?\w+)(?P<after>)"), _on_cluster),
    (re.compile(r"(?P<before>CREATE DATABASE (?:IF NOT EXISTS )?\w+)(?P<after>)"), _on_cluster),
    (re.compile(rf"(?P<before>DELETE FROM) {_NAME}(?P<after>\s+WHERE\b.*)", re.DOTALL), _on_shares),
    (re.compile(rf"(?P<before>TRUNCATE TABLE) {_NAME}(?P<after>)"), _on_shares),
)


def _replicated(settings: str) -> list[str]:
    """Settings of a plain table as a replicated one has them."""
    named: list[str] = []
    for setting in filter(str.strip, settings.split(",")):
        found = _SETTING.fullmatch(setting)
        if not found:
            raise ValueError(f"not known for a cluster: the setting {setting.strip()}")
        if found["name"] == f"non_{_WINDOW}":
            named += [f"{_WINDOW} = {found['value']}", f"{_WINDOW}_seconds = {_WINDOW_SECONDS}"]
        else:
            named.append(f"{found['name']} = {found['value']}")
    return named


def _outer_split(text: str) -> list[str]:
    """Cut at the commas that stand in no bracket."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else "an empty statement"
