"""A seat in the room as a robot takes it: the Socket.IO conversation and the camera; it knows no page.

``state`` is always the newest that the room has told this seat; ``until`` waits for what a person
would see on her screen.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import socketio

from odr import clock
from odr.errors import Refused, Unavailable
from odr.simulation.peer import Loop, Peer
from odr.simulation.picture import Look
from odr.simulation.visitor import Visitor

NAMESPACE = "/room"
State = dict[str, Any]


@dataclass(frozen=True)
class Seating:
    """Who sits down where: her browser, the sitting's id, how she looks, the loop of all cameras."""

    visitor: Visitor
    sitting: str
    look: Look
    loop: Loop
    others: int = 3


class Room:
    """One live place in one sitting."""

    def __init__(self, seating: Seating) -> None:
        """Nothing is opened before ``enter``."""
        self.seating = seating
        self.seat = ""
        self.peer = Peer(seating.look, seating.others)
        self.state: State = {}
        self.recording: State = {}
        self.slots: list[str | None] = []
        self.reattached = 0
        self._changed = threading.Condition()
        self._socket = self._new_socket()

    def enter(self) -> None:
        """Get a ticket with the page's token and walk in; the camera stays off until ``attach``."""
        ticket = self.seating.visitor.call(f"/api/sittings/{self.seating.sitting}/ticket")
        self.seat = str(ticket["seat"])
        self._socket.connect(
            self.seating.visitor.url,
            headers={
                "Cookie": self.seating.visitor.cookies(),
                "Origin": self.seating.visitor.url,
            },
            auth={"ticket": ticket["ticket"]},
            namespaces=[NAMESPACE],
            transports=["websocket"],
            wait_timeout=10,
        )
        if not self.state:
            self.sync()

    def sync(self) -> None:
        """Ask for the whole state."""
        answer = self._call("act", {"type": "sync", "last_version": 0})
        self._take_state(answer.get("state", answer))

    def attach(self) -> None:
        """Switch the camera on: offer, answer, connected."""
        loop = self.seating.loop
        answer = self._call("attach", {"sdp": loop.run(self.peer.offer())})
        loop.run(self.peer.answer(str(answer["sdp"])))
        self._take_slots(answer.get("slots", []))

    def act(self, type_: str, /, **fields: Any) -> State:  # noqa: ANN401 -- JSON values
        """Press a button in the room; Refused carries the room's sentence."""
        return self._call("act", {"type": type_, **fields})

    def until(self, what: str, true: Callable[[State], object], seconds: float = 20) -> State:
        """Wait until the state shows something; Unavailable says who waited for what."""
        deadline = clock.monotonic() + seconds
        with self._changed:
            while not self._holds(true):
                left = deadline - clock.monotonic()
                if left <= 0:
                    raise Unavailable(
                        "simulation.waited-in-vain", who=self.seating.look.name, what=what
                    )
                self._changed.wait(min(left, 0.5))
            return self.state

    def until_connected(self, seconds: float = 20) -> None:
        """Wait until the picture really travels."""
        self.until("camera connected", lambda _: self.peer.state == "connected", seconds)

    def leave(self) -> None:
        """Hang up and close the page."""
        self.seating.loop.run(self.peer.close())
        if self._socket.connected:
            self._socket.disconnect()

    def drop(self) -> None:
        """Lose the connection without a word, as in a tunnel; ``enter`` comes back."""
        self.leave()
        self._socket = self._new_socket()

    def _holds(self, true: Callable[[State], object]) -> bool:
        try:
            return bool(true(self.state))
        except (KeyError, TypeError, IndexError, StopIteration):
            return False  # the state does not show it yet

    def _call(self, event: str, body: State) -> State:
        answer: State = self._socket.call(event, body, namespace=NAMESPACE, timeout=25) or {}
        if not answer.get("ok", False):
            words = str(answer.get("error", answer))
            raise Refused("simulation.room-refused", what=body.get("type", event), words=words)
        return answer

    def _new_socket(self) -> socketio.Client:
        client = socketio.Client(reconnection=False, logger=False, engineio_logger=False)
        client.on("state", self._take_state, namespace=NAMESPACE)
        client.on("slots", self._take_slots, namespace=NAMESPACE)
        client.on("recording", self._take_recording, namespace=NAMESPACE)
        client.on("reattach", self._reattach, namespace=NAMESPACE)
        return client

    def _take_state(self, state: State) -> None:
        with self._changed:
            if state.get("version", 0) >= self.state.get("version", 0):
                self.state = state
            self._changed.notify_all()

    def _take_slots(self, slots: Any) -> None:  # noqa: ANN401 -- JSON values
        with self._changed:
            found = slots.get("slots", []) if isinstance(slots, dict) else slots
            self.slots = list(found)
            self._changed.notify_all()

    def _take_recording(self, recording: State) -> None:
        with self._changed:
            self.recording = recording
            self._changed.notify_all()

    def _reattach(self, _body: Any = None) -> None:  # noqa: ANN401 -- JSON values
        self.reattached += 1
        threading.Thread(target=self.attach, daemon=True).start()
