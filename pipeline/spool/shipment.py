"""What is on its way to one table. Enters: what the spool has sealed. Leaves: bodies and tokens that a retry repeats.

A line that is left out (a duplicate, say) is made empty where it stands, so that the others keep their numbers.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from pipeline.spool.contents import Contents, lines_of

EVENTS = "events"
TALLY = "tally"
NOTES = "notes"
QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a shipment that are sent together: `first` to before `end`."""

    first: int
    end: int

    def halves(self) -> tuple["Piece", "Piece"]:
        """The two that it is split into."""
        middle = (self.first + self.end) // 2
        return Piece(self.first, middle), Piece(middle, self.end)


@dataclass(frozen=True, slots=True)
class Shipment:
    """Lines on their way to one table."""

    number: int
    table: str
    columns: tuple[str, ...]
    body: bytes
    """With its empty lines; `body_of` leaves them out."""
    first_batch: int
    last_batch: int
    sealed_before: bool
    """It had been sealed before this `take`."""
    whole: Piece
    pieces: tuple[Piece, ...] = ()
    """What of it is still to be delivered."""
    unsettled: Contents | None = None
    """What it holds, as long as it isn't written down which of its lines go. Until then nothing of it is sent."""
    refused: int = 0
    """Lines that the store would not take."""
    gaps: bool = False
    """Some of its lines are empty."""

    @property
    def token(self) -> str:
        """The same for the same rows, different for any others."""
        return f"{self.table}-{self.first_batch:x}-{self.last_batch:x}"

    @property
    def going(self) -> int:
        """Lines that aren't empty."""
        return sum(1 for line in self.lines() if line) if self.gaps else self.whole.end

    def token_of(self, piece: Piece) -> str:
        """The shipment's own for the whole of it, which is how nearly all of them go."""
        return self.token if piece == self.whole else f"{self.token}-{piece.first:x}-{piece.end:x}"

    def body_of(self, piece: Piece) -> bytes:
        """What is sent of a piece."""
        if piece == self.whole and not self.gaps:  # as nearly always: no copy of 16 MiB
            return self.body
        return joined(line for line in self.lines()[piece.first : piece.end] if line)

    def without(self, lines: Collection[int]) -> "Shipment":
        """The same with these lines empty."""
        kept = (b"" if number in lines else line for number, line in enumerate(self.lines()))
        return replace(self, body=joined(kept), gaps=True) if lines else self

    def lines(self) -> list[bytes]:
        """Without their ends; an empty one is a line that doesn't go."""
        return lines_of(self.body)


def joined(lines: Iterable[bytes]) -> bytes:
    """The body that these lines make."""
    return b"".join(line + b"\n" for line in lines)
