"""How many rooms a core carries before somebody notices; it does not know how a server is driven."""

from dataclasses import dataclass

import click

from bench.media.material import Material
from bench.media.window import LoadWasTheLimit, Plan, Result, Server, Session, check

STEP = 8
MOST_ROOMS = 160
LOSS_PCT, P99_MS = 0.1, 20.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """The last number of rooms that was carried, and why the search ended there."""

    rooms: int | None
    why: str


def carried(result: Result) -> bool:
    """Less than a thousandth lost and 99 of 100 packets within 20 ms."""
    counted = result.counted
    p99 = counted.p99_ms
    return counted.loss_pct < LOSS_PCT and p99 is not None and p99 <= P99_MS


async def search(server: Server, material: Material, seconds: float, first: int) -> Capacity:
    """Fill a server with more and more rooms until it no longer carries them."""
    session = Session(server, material)
    best: int | None = None
    try:
        await session.start()
        while session.rooms < MOST_ROOMS:
            await session.fill(STEP if session.rooms else first)
            result = await session.measure(Plan(session.rooms, seconds))
            _tell(result)
            try:
                check(result, tolerant=True)
            except LoadWasTheLimit as limit:
                return Capacity(best, f"at least this: {limit}")
            if not carried(result):
                return Capacity(best, f"{result.rooms} rooms were too many")
            best = result.rooms
    finally:
        await session.stop()
    return Capacity(best, "at least this: the search ends here")


def _tell(result: Result) -> None:
    counted = result.counted
    click.echo(
        f"  {result.rooms:3} rooms: core {result.core_pct:3.0f} %, load {result.load_pct:3.0f} %, "
        f"p50 {counted.p50_ms} ms, p99 {counted.p99_ms} ms, loss {counted.loss_pct:.3f} %, "
        f"{result.rss_per_room:.1f} MB/room",
        err=True,
    )
