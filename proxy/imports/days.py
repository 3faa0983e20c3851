"""All files' counts of a day together. Enters: uncleaned counts in any order. Leaves: days, the earliest first.

Two values that are one after cleaning are added up. Visitors of both then count twice, as nobody can know who was in
both; so a value's are at most the day's. Of a search the larger one's are taken: all that is sure, and a search is kept
only if enough people looked for it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from pipeline.imports.cells import MOST, ImportedCell, ImportedDay
from proxy.imports.cell import RawCell
from proxy.imports.cleaning import Cleaning
from proxy.imports.table import MOST_LINES, TOO_MUCH, Unreadable

_TOTAL = ("all", "")


class Gathered:
    """What files tell, by the day.

    Args:
        cells: in any order, all of one tool.

    Attributes:
        untold: days of which no file tells the total.

    Raises:
        Unreadable: two tables count the same, none tells a day's total, or there are more than memory is for.
    """

    def __init__(self, cells: Iterable[RawCell]) -> None:
        self._days: dict[date, list[RawCell]] = defaultdict(list)
        self._told: dict[tuple[date, str, str, str], str] = {}
        for number, cell in enumerate(cells):
            if number >= MOST_LINES:
                raise Unreadable(TOO_MUCH)
            self._add(cell)
        # views without visits, where other days have them, are half a day: it would take a whole one's place
        needed = {"views"} | {measure for _, dim, _, measure in self._told if (dim, measure) == ("all", "visits")}
        self.untold = sorted(
            day for day in self._days if any((day, "all", "", measure) not in self._told for measure in needed)
        )
        if len(self.untold) == len(self._days):
            raise Unreadable("no file tells the views of whole days, without another dimension")

    def _add(self, cell: RawCell) -> None:
        dims = cell.came.tells if cell.dim == "came" else (cell.dim,)
        for dim in dims:
            for measure in cell.counts:
                told_by = self._told.setdefault((cell.day, dim, cell.part, measure), cell.origin)
                if told_by != cell.origin:
                    both = " and ".join(sorted({told_by, cell.origin}))
                    raise Unreadable(f"{both} both tell {measure} by {dim} of {cell.day}: which is it?")
        self._days[cell.day].append(cell)

    def __len__(self) -> int:
        return len(self._days) - len(self.untold)

    def days(
        self, site: str, source: str, currency: str, minor: Callable[[float], int], cleaning: Cleaning
    ) -> Iterator[ImportedDay]:
        """Each day once, cleaned, and forgotten here.

        Args:
            site: the shop's id.
            source: the tool.
            currency: of its money, or empty.
            minor: major units of money to minor ones.
            cleaning: of the shop.
        """
        for day in sorted(set(self._days) - set(self.untold)):
            cells = self._days.pop(day)
            cells.sort(key=lambda cell: (-cell.counts.get("views", 0), -cell.counts.get("visits", 0)))
            yield ImportedDay(site, day, source, tuple(_merged(cells, minor, cleaning)), currency)


def _merged(cells: Iterable[RawCell], minor: Callable[[float], int], cleaning: Cleaning) -> Iterator[ImportedCell]:
    sums: dict[tuple[str, str], dict[str, float]] = {}
    labels: dict[tuple[str, str], str] = {}
    for cell in cells:
        for dim, value, label in cleaning.clean(cell):
            counts = sums.setdefault((dim, value), defaultdict(float))
            labels.setdefault((dim, value), label)
            for measure, number in cell.counts.items():
                if (dim, measure) == ("search", "visitors"):
                    counts[measure] = max(counts[measure], number)
                else:
                    counts[measure] += number
    named = sum(counts["events"] for (dim, _), counts in sums.items() if dim == "event")
    total = sums[_TOTAL]
    total["events"] = named or total["events"]  # of events that the settings don't know nothing is counted
    for (dim, value), counts in sums.items():
        if total["visitors"] and dim != "hour":
            counts["visitors"] = min(counts["visitors"], total["visitors"])
        money = minor(counts.pop("revenue", 0.0))
        whole = {measure: min(round(number), MOST) for measure, number in counts.items()}
        yield ImportedCell(dim=dim, value=value, label=labels[dim, value], revenue=money, **whole)
