"""One server under one load for one window: what it used and what came out; it knows no other server."""

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol

from bench.media.client import Client
from bench.media.control import GOOD_LINE
from bench.media.material import PARTICIPANTS, PICTURES_PER_S, SOUND_PER_S, Material
from bench.media.processes import Process
from bench.media.pump import Counted, Pump, Seat

AT_ONCE = 6
TAIL_SECONDS = 0.5
MOST_LOAD = 70.0
MOST_LATE = 0.01
MOST_LOSS = 1.0
RATE_OFF = 0.01


class Server(Protocol):
    """What the bench asks of a server under test."""

    name: str
    matched: bool  # False: it encodes anew, so copies cannot be followed
    process: Process

    async def start(self) -> None: ...  # noqa: D102
    async def open(self, room: str) -> None: ...  # noqa: D102
    async def join(self, pump: Pump, seat: Seat) -> list[Client]: ...  # noqa: D102
    async def settle(self, pump: Pump) -> list[Client]: ...  # noqa: D102
    def bytes_on_disk(self) -> int: ...  # noqa: D102
    async def stop(self) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Plan:
    """How much for how long."""

    rooms: int
    seconds: float
    warm_up: float = 4.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a window showed. ``cpu`` and ``load_cpu`` are seconds per room-minute."""

    name: str
    rooms: int
    seats: int
    cpu: float
    load_cpu: float
    core_pct: float
    load_pct: float
    rss_mb: float
    base_mb: float
    in_units: float
    recorded: int
    counted: Counted
    engine: str = ""

    @property
    def norm(self) -> float:
        """Server over load generator: the same work measured the speed of the machine."""
        return self.cpu / self.load_cpu

    @property
    def rss_per_room(self) -> float:
        """Memory over what it had without a room."""
        return (self.rss_mb - self.base_mb) / self.rooms


class LoadWasTheLimit(RuntimeError):
    """The window measured the load generator."""


class Session:
    """A server with its rooms full of people."""

    def __init__(self, server: Server, material: Material) -> None:
        self.server = server
        self.pump = Pump(material, getattr(server, "rate", GOOD_LINE))
        self.clients: list[Client] = []
        self.base_mb = 0.0
        self.rooms = 0

    async def start(self) -> None:
        """Start the server and the load thread, nobody in it."""
        await self.server.start()
        self.base_mb = self.server.process.rss_mb()
        self.pump.start()

    async def fill(self, rooms: int) -> None:
        """Open this many more rooms with three people each."""
        names = [f"room-{n}" for n in range(self.rooms, self.rooms + rooms)]
        self.rooms += rooms
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(seat: Seat) -> None:
            async with turn:
                self.clients += await self.server.join(self.pump, seat)

        for name in names:
            await self.server.open(name)
        await asyncio.gather(*(one(Seat(name, n)) for name in names for n in range(PARTICIPANTS)))
        self.clients += await self.server.settle(self.pump)

    async def measure(self, plan: Plan) -> Result:
        """Warm up, then one window."""
        process, pump = self.server.process, self.pump
        await asyncio.sleep(plan.warm_up)
        disk = self.server.bytes_on_disk()
        pump.window(is_open=True)
        begin, cpu, own = time.monotonic(), process.cpu(), time.process_time()
        await asyncio.sleep(plan.seconds)
        took = time.monotonic() - begin
        cpu, own = process.cpu() - cpu, time.process_time() - own
        pump.window(is_open=False)
        rss = process.rss_mb()
        await asyncio.sleep(TAIL_SECONDS)
        counted = pump.counted(matched=self.server.matched)
        room_minutes = self.rooms * took / 60
        return Result(
            name=self.server.name,
            rooms=self.rooms,
            seats=self.rooms * PARTICIPANTS,
            cpu=cpu / room_minutes,
            load_cpu=own / room_minutes,
            core_pct=100 * cpu / took,
            load_pct=100 * own / took,
            rss_mb=rss,
            base_mb=self.base_mb,
            in_units=counted.units / took,
            recorded=self.server.bytes_on_disk() - disk,
            counted=counted,
            engine=str(getattr(self.server, "engine", "")),
        )

    async def stop(self) -> None:
        """Everybody goes and the server ends."""
        self.pump.stop()
        await asyncio.gather(*(client.close() for client in self.clients), return_exceptions=True)
        await self.server.stop()


def check(result: Result, *, matched: bool = True, tolerant: bool = False) -> None:
    """LoadWasTheLimit or RuntimeError, with a sentence that says what to do, when it must not count.

    ``tolerant`` lets loss pass: a search for the limit wants to see it.
    """
    _check_load(result)
    counted, name = result.counted, result.name
    if counted.missing and not tolerant:
        raise RuntimeError(
            f"{name}: {len(counted.missing)} streams are missing (first: {counted.missing[0]}): "
            "the server does not forward everything; look at its words before you trust numbers."
        )
    if matched and not tolerant and counted.loss_pct > MOST_LOSS:
        raise RuntimeError(
            f"{name}: {counted.loss_pct:.2f} % of the copies were lost: this server cannot carry "
            f"{result.rooms} rooms on one core; take fewer (--rooms)."
        )
    if result.recorded == 0 and matched:
        raise RuntimeError(f"{name}: nothing was recorded in the window; the comparison is void.")


def _check_load(result: Result) -> None:
    counted, name = result.counted, result.name
    if result.load_pct > MOST_LOAD:
        raise LoadWasTheLimit(
            f"{name}: the load generator used {result.load_pct:.0f} % of its core (at most "
            f"{MOST_LOAD:.0f} may be): take fewer rooms (--rooms) or a machine that is idle."
        )
    if counted.late_share > MOST_LATE:
        raise LoadWasTheLimit(
            f"{name}: {100 * counted.late_share:.1f} % of what was sent left more than 5 ms late: "
            "something else uses the load generator's core; try again when the machine is idle."
        )
    wanted = (SOUND_PER_S + PICTURES_PER_S) * result.seats
    if abs(result.in_units - wanted) > RATE_OFF * wanted + 1 or counted.not_sent:
        raise LoadWasTheLimit(
            f"{name}: {result.in_units:.0f} units a second were sent instead of {wanted:.0f} "
            f"({counted.not_sent} packets not at all): take fewer rooms or an idle machine."
        )
