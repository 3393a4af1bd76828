"""What became of each input of a batch, and of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .batch import Failure
from .reduction import Done, Pictures, Skipped


@dataclass(frozen=True)
class Row:
    """What became of an input."""

    input: str
    outcome: Done | Skipped | Failure
    pictures: Pictures = field(default_factory=Pictures)

    def record(self) -> dict[str, Any]:
        """Return it as an object of JSON."""
        match self.outcome:
            case Done():
                return asdict(self.outcome)
            case Skipped(reason):
                return {"input": self.input, "skipped": reason}
            case Failure(message):
                return {"input": self.input, "failure": message}


def totals(rows: Sequence[Row]) -> dict[str, int]:
    """Count what became of the inputs, and the bytes of those that were done."""
    done = [row.outcome for row in rows if isinstance(row.outcome, Done)]
    return {
        "inputs": len(rows),
        "done": len(done),
        "kept": sum(one.kept is not None for one in done),
        "skipped": sum(isinstance(row.outcome, Skipped) for row in rows),
        "failed": sum(isinstance(row.outcome, Failure) for row in rows),
        "bytes_in": sum(one.bytes_in for one in done),
        "bytes_out": sum(one.bytes_out for one in done),
    }
