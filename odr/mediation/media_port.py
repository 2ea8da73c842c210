"""The door to the media nodes as the room needs it; it does not know sockets or where the nodes are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Order:
    """One command for the node that holds the room: its operation and arguments."""

    op: str
    args: Mapping[str, Any] = field(default_factory=dict)


class Media(Protocol):
    """What the room asks of the media plane."""

    def command(self, room: str, epoch: int, order: Order) -> dict[str, Any]:
        """Do it on the room's node; the result also says ``node`` and ``epoch`` for ``open``.

        Refused when the node says no, Unavailable when no node answers in time.
        """
        ...

    def nodes(self) -> list[str]:
        """The ids of the nodes that are connected now."""
        ...


def mark(kind: str, **body: object) -> Order:
    """An order to write a mark into the film; ids and seats only, nothing of a person."""
    return Order("mark", {"kind": kind, "body": body})
