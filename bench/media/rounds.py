"""Servers in turns, A B B A, and what that says about them; it does not know how one is driven."""

import asyncio
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import click

from bench.media.material import Material
from bench.media.window import Plan, Result, Server, Session, check

Make = Callable[[], Server]


@dataclass(frozen=True, slots=True)
class Contest:
    """Servers that do the same job at the same number of rooms; ours is the first."""

    title: str
    servers: Sequence[Make]
    plan: Plan


@dataclass(slots=True)
class Book:
    """All results of a contest, per server, in the order of the rounds."""

    contest: Contest
    results: dict[str, list[Result]] = field(default_factory=dict)

    def ratios(self, other: str, *, raw: bool = False) -> list[float]:
        """Ours against another, round by round: normalised, or in bare seconds."""
        pairs = zip(self.results["ours"], self.results.get(other, []), strict=False)
        return [a.cpu / b.cpu if raw else a.norm / b.norm for a, b in pairs]


async def one_window(server: Server, material: Material, plan: Plan) -> Result:
    """Start a server, fill it, measure it, end it."""
    session = Session(server, material)
    try:
        await session.start()
        await session.fill(plan.rooms)
        result = await session.measure(plan)
    except Exception:
        click.echo(server.process.said()[-2000:], err=True)
        raise
    finally:
        await session.stop()
    check(result, matched=server.matched)
    return result


async def hold(contest: Contest, material: Material, rounds: int) -> Book:
    """So many rounds; every second one goes through the servers backwards."""
    book = Book(contest)
    for n in range(rounds):
        for make in contest.servers if n % 2 == 0 else reversed(contest.servers):
            server = make()
            result = await one_window(server, material, contest.plan)
            book.results.setdefault(server.name, []).append(result)
            click.echo(_line(result), err=True)
            await asyncio.sleep(0)
    return book


def _line(result: Result) -> str:
    latency = "" if result.counted.p50_ms is None else f", p99 {result.counted.p99_ms:.2f} ms"
    return f"  {result.name} ({result.rooms} rooms): {result.cpu:.2f} CPU-s/room-min{latency}"


def median(values: Sequence[float | None], digits: int = 3) -> float | None:
    """The middle of what was measured; None when nothing was."""
    known = [value for value in values if value is not None]
    return round(statistics.median(known), digits) if known else None


def spread(values: Sequence[float | None], digits: int = 2) -> str:
    """``median [least-most]``, or a dash."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return "-"
    middle = f"{statistics.median(known):.{digits}f}"
    return middle if len(known) == 1 else f"{middle} [{known[0]:.{digits}f}-{known[-1]:.{digits}f}]"


def table(book: Book) -> str:
    """What a contest showed, for people."""
    head = ("server", "CPU-s/room-min", "norm", "core %", "load %", "p50 ms", "p99 ms", "loss %")
    rows = [(*head, "MB/room")]
    for name, results in book.results.items():
        engine = results[0].engine
        counted = [result.counted for result in results]
        follows = any(one.p50_ms is not None for one in counted)
        rows.append(
            (
                f"{name} ({engine})" if engine else name,
                spread([one.cpu for one in results]),
                spread([one.norm for one in results]),
                spread([one.core_pct for one in results], 0),
                spread([one.load_pct for one in results], 0),
                spread([one.p50_ms for one in counted]),
                spread([one.p99_ms for one in counted]),
                spread([one.loss_pct for one in counted], 3) if follows else "-",
                spread([one.rss_per_room for one in results], 1),
            )
        )
    lines = [book.contest.title, *_columns(rows)]
    for name in book.results:
        if name != "ours":
            norm, raw = spread(book.ratios(name), 3), spread(book.ratios(name, raw=True), 3)
            lines.append(f"ours / {name}: {norm} normalised, {raw} in bare seconds")
    return "\n".join(lines)


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
