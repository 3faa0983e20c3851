"""What the embedded engine may take, for the memory that it is given.

Enters: a number of mebibytes. Leaves: options of the engine, settings of each connection, and a configuration file: the
only way to say how it merges. Pure; `deploy/clickhouse/` says the same to a server.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_MEBIBYTE = 1024 * 1024
_ROOMY_MEBIBYTES = 1024
"""From here on the engine's own numbers are right; below they are meant for machines that are sixty times as large."""


@dataclass(frozen=True, slots=True)
class Engine:
    """How an engine is set up."""

    options: Mapping[str, int]
    """Of all queries, merges and caches together."""
    settings: Mapping[str, int]
    """Of a query."""
    merges: Mapping[str, int]
    """Of every table."""

    @property
    def configuration(self) -> str:
        """The text of a configuration file with what can't be said otherwise."""
        merges = "".join(f"<{name}>{value}</{name}>" for name, value in self.merges.items())
        return f"<clickhouse><merge_tree>{merges}</merge_tree></clickhouse>\n"


def sized(memory_mebibytes: int) -> Engine:
    """An engine that keeps to `memory_mebibytes`; at least 256.

    The process takes more than that: about 230 MB for Python, its libraries and the engine's code, most of it shared
    or given back where memory is short.
    """
    memory = memory_mebibytes * _MEBIBYTE
    options = {
        # what it takes otherwise is nine tenths of the machine
        "max_server_memory_usage": memory,
        # these count towards that number, and each may be larger than a small machine if nobody says so
        "mark_cache_size": memory // 16,
        "primary_index_cache_size": memory // 16,
        "query_condition_cache_size": memory // 32,
        "compiled_expression_cache_size": memory // 32,
    }
    settings = {
        # a quarter stays for inserting and merging while somebody asks
        "max_memory_usage": memory * 3 // 4,
        "max_threads": 2,
        # visits are found by sorting all rows of two days: what doesn't fit is sorted on the disk, in the data folder
        "max_bytes_before_external_sort": memory // 16,
        "max_bytes_before_external_group_by": memory // 8,
        "max_bytes_ratio_before_external_sort": 0,
        "max_bytes_ratio_before_external_group_by": 0,
        "min_external_sort_block_bytes": _MEBIBYTE,
    }
    if memory_mebibytes >= _ROOMY_MEBIBYTES:
        return Engine(options, settings, {})
    # a column in work is a buffer of a mebibyte or a block of 65,409 rows, and `events` has more than forty of them
    small = {"max_threads": 1, "max_block_size": 8192, "max_read_buffer_size": 128 * 1024}
    merges = {
        "max_compress_block_size": 64 * 1024,
        "merge_max_block_size_bytes": _MEBIBYTE,
        "max_parts_to_merge_at_once": 10,
    }
    return Engine(options, settings | small, merges)
