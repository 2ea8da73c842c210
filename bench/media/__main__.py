"""``python -m bench.media``: the media plane against Janus and stock aiortc on the same job."""

import asyncio
import json
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import click

from bench.media.capacity import search
from bench.media.client import listen_on
from bench.media.host import LOOPBACK, address
from bench.media.janus import Janus, installed
from bench.media.material import Material
from bench.media.ours import Ours
from bench.media.processes import pin_load
from bench.media.rounds import Book, Contest, Make, hold, median, table
from bench.media.soak import Soak, told
from bench.media.stock import Stock
from bench.media.window import Plan

MOST_SEARCH_SECONDS = 15.0  # at each number of rooms
OTHERS = ("janus", "stock")
STOCK_SHARE = 0.6  # stock differs by more than any spread: it needs less time to show it


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for."""

    rooms: int
    seconds: float
    warm_up: float
    rounds: int
    against: tuple[str, ...]
    engine: str
    host: str
    capacity: bool
    soak: float


def contests(wish: Wish) -> list[Contest]:
    """Janus at many rooms; stock aiortc, which cannot carry two, at one."""

    def ours() -> Ours:
        return Ours(wish.host, wish.engine)

    at_many: list[Make] = [ours]
    if "janus" in wish.against:
        at_many.append(lambda: Janus(wish.host))
    title = f"{wish.rooms} rooms of 3, everyone recorded, each server on one core"
    found = [Contest(title, at_many, Plan(wish.rooms, wish.seconds, wish.warm_up))]
    if "stock" in wish.against:
        title = "1 room of 3; stock aiortc does not record and has both cores"
        servers: list[Make] = [ours, lambda: Stock(wish.host)]
        found.append(Contest(title, servers, Plan(1, wish.seconds * STOCK_SHARE, wish.warm_up)))
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
    """All contests, their tables printed; then, if wished, the search for the limit."""
    material = Material()
    if wish.soak:
        return told(await Soak(Ours(wish.host, wish.engine), material).run(wish.soak))
    books = []
    for contest in contests(wish):
        book = await hold(contest, material, wish.rounds)
        click.echo(table(book) + "\n")
        books.append(book)
    if not wish.capacity:
        return summary(books, None)
    seconds = min(wish.seconds, MOST_SEARCH_SECONDS)
    found = await search(Ours(wish.host, wish.engine), material, seconds, wish.rooms)
    click.echo(f"one core carries {found.rooms} rooms ({found.why})\n")
    return summary(books, found.rooms)


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="One short round, at most 45 seconds.")
@click.option("--rooms", type=click.IntRange(1, 200), default=8, show_default=True)
@click.option("--seconds", type=float, help="Length of a window (default 60; quick 5).")
@click.option("--rounds", type=click.IntRange(1, 50), help="Rounds (default 3; quick 1).")
@click.option("--against", help="janus,stock (default: what is here); none for ours alone.")
@click.option("--engine", default="", help="native, fast or hook (default: the best there is).")
@click.option("--capacity", is_flag=True, help="Then search how many rooms one core carries.")
@click.option("--soak", type=float, default=0.0, help="Instead: join and leave so many minutes.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Where numbers go.")
def main(**asked: object) -> None:
    """Measure; exit 1 with a sentence when the numbers would not mean anything."""
    begin = time.monotonic()
    wish = _wish(asked)
    pin_load()
    listen_on(wish.host)
    warnings.simplefilter("ignore", ResourceWarning)
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
    return Wish(
        rooms=int(str(asked["rooms"])),
        seconds=float(str(asked["seconds"] or (5 if quick else 60))),
        warm_up=1.5 if quick else 4.0,
        rounds=int(str(asked["rounds"] or (1 if quick else 3))),
        against=_against(asked["against"]),
        engine=str(asked["engine"]),
        host=address(),
        capacity=bool(asked["capacity"]),
        soak=float(str(asked["soak"])),
    )


def _against(said: object) -> tuple[str, ...]:
    janus = installed() and address() != LOOPBACK
    if said is None:
        return OTHERS if janus else ("stock",)
    names = tuple(name for name in str(said).split(",") if name not in ("", "none"))
    if wrong := set(names) - set(OTHERS):
        raise click.UsageError(f"--against knows janus and stock, not {', '.join(sorted(wrong))}")
    if "janus" in names and not janus:
        raise click.UsageError(
            "janus is not here, or this machine has no address but loopback, which Janus ignores: "
            "run `apt-get install janus`, or leave it out with --against stock."
        )
    return names


if __name__ == "__main__":
    main()
