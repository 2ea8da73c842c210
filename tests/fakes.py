"""Stand-ins for the outside world, each keeping what it was asked; no mocks."""

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from odr import chain
from odr.errors import OdrError
from odr.mediation.media_port import Order
from odr.settings import Secret, Settings

JPEG = b"\xff\xd8\xff\xe0" + b"a face" * 20 + b"\xff\xd9"


def settings_in(folder: Path) -> Settings:
    """A house of its own in this folder, on SQLite, with secrets that everybody knows."""
    return Settings(
        data=folder,
        database_url=f"sqlite:///{folder / 'odr.sqlite3'}",
        environment="test",
        store_path=folder / "court-store",
        service_secret=Secret("01" * 32),
        vault_key=Secret("ab" * 32),
        pepper=Secret("cd" * 32),
    )


@dataclass
class FakeMedia:
    """A node that marks everything; ``refuse`` maps an operation to the error it raises."""

    orders: list[tuple[str, int, Order]] = field(default_factory=list)
    refuse: dict[str, OdrError] = field(default_factory=dict)
    head: str = chain.GENESIS
    seq: int = 0

    def nodes(self) -> list[str]:
        return ["fake"]

    def command(self, room: str, epoch: int, order: Order) -> dict[str, Any]:
        if order.op in self.refuse:
            raise self.refuse[order.op]
        self.orders.append((room, epoch, order))
        return getattr(self, f"_{order.op}")(epoch, order)

    def ops(self) -> list[str]:
        return [order.op for _, _, order in self.orders]

    def marks(self) -> list[str]:
        return [order.args["kind"] for _, _, order in self.orders if order.op == "mark"]

    def _mark(self, _epoch: int, order: Order) -> dict[str, Any]:
        self.seq += 1
        self.head = chain.link(self.head, {"seq": self.seq, **order.args})
        return {"hash": self.head, "seq": self.seq, "t_ms": self.seq * 1000}

    def _open(self, epoch: int, _order: Order) -> dict[str, Any]:
        place = {"node": "fake", "epoch": epoch + 1}
        return {"head": self.head, "seq": self.seq, "t_ms": 0, "recovered": False, **place}

    def _snapshot(self, _epoch: int, order: Order) -> dict[str, Any]:
        picture = base64.b64encode(JPEG).decode()
        name = f"snapshots/{order.args['seat']}.jpg"
        return {"file": name, "sha256": chain.digest(JPEG), "t_ms": 4000, "jpeg_b64": picture}

    def _attach(self, _epoch: int, _order: Order) -> dict[str, Any]:
        return {"sdp": "v=0\r\nanswer", "slots": ["m", None, None]}

    def _detach(self, _epoch: int, _order: Order) -> dict[str, Any]:
        return {}

    _pause = _resume = _caucus = _detach

    def _close(self, _epoch: int, _order: Order) -> dict[str, Any]:
        sealed = {"duration_ms": 60_000, "files": []}
        return {"head": self.head, "seq": self.seq, "sealed": sealed}


@dataclass
class FakeSms:
    """A telephone company that keeps what it was given."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    def send(self, phone: str, text: str) -> None:
        self.sent.append((phone, text))
