"""How the events of one request end, and what is noted of them.

Enters: outcomes, by page, as the request goes its way. Leaves: the tally and the notes that go into the spool with the
rows, in one transaction, and the outcomes as they came about. A word of the sender's is never a label: names that
nobody declared are counted as empty.
"""

from collections import Counter
from collections.abc import Iterable

from pipeline.event import Event
from pipeline.outcome import Counted, Note, Noted, Notes, Outcome, Tally
from proxy.admit import Door
from proxy.privacy.reading import Remarks
from proxy.senders import Saying


class Ledger:
    """One request's."""

    __slots__ = ("notes", "outcomes", "said", "tally")

    def __init__(self) -> None:
        self.tally: Tally = Counter()
        self.notes: Notes = Counter()
        self.outcomes: list[Outcome] = []
        self.said: set[Saying] = set()
        """What a shop's server has reported in this request."""

    def unplaced(self, day: str, outcome: Outcome, events: int = 1, site: str = "") -> None:
        """Count what can't be read, of a site if it is known whose sender it is, or belongs to no site of ours."""
        self.tally[Counted(site, day, "", outcome)] += events
        self.outcomes += [outcome] * events

    def refused(self, door: Door, day: str, names: Iterable[str], outcome: Outcome) -> None:
        """Count events that don't come in."""
        for name in names:
            self.tally[Counted(door.shop.id, day, name if name in door.names else "", outcome)] += 1
            self.outcomes.append(outcome)

    def kept(self, events: Iterable[Event], remarks: Remarks) -> None:
        """Count events that are to be stored, and note what there is to note of them."""
        for event in events:
            self.tally[Counted(event.site, event.day, event.name, Outcome.STORED)] += 1
            self.outcomes.append(Outcome.STORED)
        for where, note in remarks:
            self.notes[Noted(event.site, event.day, where, note)] += 1

    def salt(self, site: str, day: str, drawn: str) -> None:
        """Note when the salt of a day was drawn (local time)."""
        self.notes[Noted(site, day, drawn, Note.SALT)] += 1
