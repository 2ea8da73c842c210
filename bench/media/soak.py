"""People come and go for many minutes: how long a join takes and whether memory grows; it counts no CPU."""

import asyncio
import random
import statistics
import time
from dataclasses import dataclass, field

import click

from bench.media.client import Client
from bench.media.material import PARTICIPANTS, Material
from bench.media.ours import Ours
from bench.media.pump import Pump, Seat
from bench.media.rounds import median

ROOMS = 4
TURN_SECONDS = 0.5
LOOK_SECONDS = 5.0
FIRST_PACKET_SECONDS = 5.0
SETTLED = 0.2  # of the soak: caches fill, the allocator finds its size
CLOSE_EVERY = 40  # turns: a session ends and another begins
HALF_HOUR = 30.0


@dataclass(slots=True)
class Diary:
    """What was seen: moments in minutes, memory in MB, joins in milliseconds."""

    minutes: list[float] = field(default_factory=list)
    rss: list[float] = field(default_factory=list)
    joins: list[float] = field(default_factory=list)
    leaves: int = 0
    rooms: int = 0

    def growth(self) -> float:
        """MB in half an hour: the slope of what came after the first fifth."""
        known = list(zip(self.minutes, self.rss, strict=True))
        known = known[int(len(known) * SETTLED) :]
        if len(known) < 3:
            return 0.0
        slope = statistics.linear_regression([t for t, _ in known], [mb for _, mb in known])
        return slope.slope * HALF_HOUR


class Soak:
    """Some rooms in which seats are left and taken over again."""

    def __init__(self, server: Ours, material: Material) -> None:
        self._server, self._pump = server, Pump(material)
        self._seated: dict[Seat, list[Client]] = {}
        self._names: list[str] = []
        self._dice = random.Random(3)
        self.diary = Diary()

    async def run(self, minutes: float) -> Diary:
        """Live that long."""
        await self._server.start()
        self._pump.start()
        try:
            for _ in range(ROOMS):
                await self._open()
            await self._live(time.monotonic(), minutes)
        finally:
            self._pump.stop()
            for clients in self._seated.values():
                await asyncio.gather(*(one.close() for one in clients), return_exceptions=True)
            await self._server.stop()
        return self.diary

    async def _live(self, begin: float, minutes: float) -> None:
        turn, looked = 0, 0.0
        while (now := time.monotonic()) < begin + minutes * 60:
            turn += 1
            if turn % CLOSE_EVERY == 0:
                await self._close(self._names[0])
                await self._open()
            else:
                seat = self._dice.choice(list(self._seated))
                await self._leave(seat, says_so=self._dice.random() < 0.5)
                await self._join(seat.room, seat.number)
            if now - looked >= LOOK_SECONDS:
                looked = now
                self._look((now - begin) / 60)
            await asyncio.sleep(TURN_SECONDS)

    def _look(self, minute: float) -> None:
        diary = self.diary
        diary.minutes.append(minute)
        diary.rss.append(self._server.process.rss_mb())
        if len(diary.rss) % 12 == 0:
            joins = f"{len(diary.joins)} joins, median {median(diary.joins, 0)} ms"
            click.echo(f"  {minute:5.1f} min: {diary.rss[-1]:.1f} MB, {joins}", err=True)

    async def _open(self) -> None:
        name = f"soak-{self.diary.rooms}"
        self.diary.rooms += 1
        self._names.append(name)
        await self._server.open(name)
        for number in range(PARTICIPANTS):
            await self._join(name, number)

    async def _close(self, name: str) -> None:
        self._names.remove(name)
        for seat in [one for one in self._seated if one.room == name]:
            await self._leave(seat, says_so=True)
        await self._server.close(name)

    async def _join(self, room: str, number: int) -> None:
        seat, begin = Seat(room, number), time.perf_counter()
        alone = not any(one.room == room for one in self._seated)
        self._seated[seat] = await self._server.join(self._pump, seat)
        if alone:
            return
        await asyncio.wait_for(seat.first_packet.wait(), FIRST_PACKET_SECONDS)
        self.diary.joins.append((seat.first_at - begin) * 1000)

    async def _leave(self, seat: Seat, *, says_so: bool) -> None:
        clients = self._seated.pop(seat)
        self._pump.remove(seat)
        if says_so:
            await self._server.leave(seat)
        await asyncio.gather(*(client.close() for client in clients), return_exceptions=True)
        self.diary.leaves += 1


def told(diary: Diary) -> dict[str, object]:
    """The numbers of a soak."""
    worst = sorted(diary.joins)[int(len(diary.joins) * 0.99)] if diary.joins else None
    return {
        "minutes": round(diary.minutes[-1], 1) if diary.minutes else 0,
        "joins": len(diary.joins),
        "leaves": diary.leaves,
        "rooms": diary.rooms,
        "join_p50_ms": median(diary.joins, 1),
        "join_p99_ms": None if worst is None else round(worst, 1),
        "rss_first_mb": round(diary.rss[0], 1) if diary.rss else None,
        "rss_last_mb": round(diary.rss[-1], 1) if diary.rss else None,
        "growth_mb_per_half_hour": round(diary.growth(), 2),
    }
