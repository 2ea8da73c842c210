"""``python -m bench.media``: the media plane against Janus and stock aiortc on the same job."""

import asyncio
import gc
import json
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import click

from bench.media.client import listen_on
from bench.media.host import LOOPBACK, address
from bench.media.janus import Janus, installed
from bench.media.material import Material
from bench.media.ours import Ours
from bench.media.processes import pin_load
from bench.media.rounds import Book, Contest, Make, hold, median, table
from bench.media.stock import Stock
from bench.media.window import Plan

OTHERS = ("janus", "stock")
STOCK_SHARE = 0.6  # stock differs by more than any spread: it needs less time to show it


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for."""

    quick: bool
    rooms: int
    seconds: float
    rounds: int
    against: tuple[str, ...]
    engine: str
    host: str


def contests(wish: Wish) -> list[Contest]:
    """Janus at many rooms; stock aiortc, which cannot carry two, at one."""
    warm_up = 1.5 if wish.quick else 4.0

    def ours() -> Ours:
        return Ours(wish.host, wish.engine)

    at_many: list[Make] = [ours]
    if "janus" in wish.against:
        at_many.append(lambda: Janus(wish.host))
    title = f"{wish.rooms} rooms of 3, everyone recorded, each server on one core"
    found = [Contest(title, at_many, Plan(wish.rooms, wish.seconds, warm_up))]
    if "stock" in wish.against:
        title = "1 room of 3; stock aiortc does not record and has both cores"
        servers: list[Make] = [ours, lambda: Stock(wish.host)]
        found.append(Contest(title, servers, Plan(1, wish.seconds * STOCK_SHARE, warm_up)))
    return found


def summary(books: list[Book], rooms_per_core: int | None) -> dict[str, object]:
    """The numbers of the run; None where nothing was measured."""
    ours = books[0].results["ours"]
    ratios = dict.fromkeys(OTHERS) | {
        name: median(book.ratios(name)) for book in books for name in OTHERS if name in book.results
    }
    return {
        "rooms": ours[0].rooms,
        "seats": ours[0].seats,
        "engine": ours[0].engine,
        "cpu_s_per_room_minute": median([one.cpu for one in ours]),
        "cpu_vs_janus": ratios["janus"],
        "cpu_vs_stock": ratios["stock"],
        "p50_ms": median([one.counted.p50_ms for one in ours]),
        "p99_ms": median([one.counted.p99_ms for one in ours]),
        "loss_pct": median([one.counted.loss_pct for one in ours], 4),
        "rooms_per_core": rooms_per_core,
        "rss_mb_per_room": median([one.rss_per_room for one in ours], 2),
    }


async def run(wish: Wish) -> dict[str, object]:
    """All contests, their tables printed."""
    material = Material()
    books = []
    for contest in contests(wish):
        book = await hold(contest, material, wish.rounds)
        click.echo(table(book) + "\n")
        books.append(book)
    return summary(books, None)


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="One short round, at most 45 seconds.")
@click.option("--rooms", type=click.IntRange(1, 200), default=8, show_default=True)
@click.option("--seconds", type=float, help="Length of a window (default 60; quick 5).")
@click.option("--rounds", type=click.IntRange(1, 50), help="Rounds (default 3; quick 1).")
@click.option("--against", default="", help="janus,stock (default: what is there).")
@click.option("--engine", default="", help="native, fast or hook (default: the best there is).")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Where numbers go.")
def main(**asked: object) -> None:
    """Measure; exit 1 with a sentence when the numbers would not mean anything."""
    begin = time.monotonic()
    wish = _wish(asked)
    pin_load()
    listen_on(wish.host)
    warnings.simplefilter("ignore", ResourceWarning)
    gc.freeze()
    try:
        numbers = asyncio.run(run(wish))
    except RuntimeError as error:
        sys.exit(f"bench.media: {error}")
    if asked["json_file"]:
        Path(str(asked["json_file"])).write_text(json.dumps(numbers, indent=1) + "\n", "utf-8")
    click.echo(json.dumps(numbers))
    click.echo(f"{time.monotonic() - begin:.0f} s", err=True)


def _wish(asked: dict[str, object]) -> Wish:
    quick = bool(asked["quick"])
    there = "janus,stock" if installed() and address() != LOOPBACK else "stock"
    against = tuple(name for name in str(asked["against"] or there).split(",") if name)
    if wrong := set(against) - set(OTHERS):
        raise click.UsageError(f"--against knows janus and stock, not {', '.join(sorted(wrong))}")
    return Wish(
        quick=quick,
        rooms=int(str(asked["rooms"])),
        seconds=float(str(asked["seconds"] or (5 if quick else 60))),
        rounds=int(str(asked["rounds"] or (1 if quick else 3))),
        against=against,
        engine=str(asked["engine"]),
        host=address(),
    )


if __name__ == "__main__":
    main()
