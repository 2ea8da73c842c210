"""How fast a case goes to the court: bagged, checked, stored, read back; ``ODR_STORE=s3`` measures that bucket."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from odr.archive.bag import Contents, Item, write_bag
from odr.archive.bagcheck import check_bag
from odr.archive.files import digest_of
from odr.archive.store import CourtStore, Parcel, Receipt
from odr.bootstrap import open_store
from odr.settings import Settings
from odr.settlement.authority import Authority

TRACKS, TRACK_MB = 3, 70
HOUR = (
    TRACKS * 1_600_000 / 8
)  # bytes a second: three tracks of 1.5 Mbit/s picture and 0.1 Mbit/s sound
T = TypeVar("T")


def deposit_rows(folder: Path, authority: Authority) -> list[str]:
    """One line per stage: MB/s, and how many times faster than the hour was lived."""
    films = [_film(folder / f"{number}.webm") for number in range(TRACKS)]
    env = {**os.environ, "ODR_DATA": str(folder / "data")}
    store = open_store(Settings.from_env(env))
    now = datetime.now(UTC)
    bag, name = folder / "bag", f"bench-{uuid4().hex[:12]}"
    items = [Item(f"data/recordings/{film.name}", film) for film in films]
    stages: list[tuple[str, float]] = []
    _timed("bag", stages, lambda: write_bag(bag, Contents(items, {}), authority, now))
    _timed("check the bag", stages, lambda: check_bag(bag))
    parcel = Parcel(name, bag, now + timedelta(minutes=1), now)
    receipt = _timed("store and read back", stages, lambda: store.put_once(parcel))
    _timed("read back again", stages, lambda: _read(store, name, receipt))
    stages.append(("all of it", sum(seconds for _, seconds in stages)))
    size = sum(film.stat().st_size for film in films)
    return [
        f"{stage:22} {size / seconds / 1e6:6.0f} MB/s  {size / HOUR / seconds:5.0f} × real time"
        for stage, seconds in stages
    ]


def _timed(name: str, stages: list[tuple[str, float]], work: Callable[[], T]) -> T:
    begin = time.perf_counter()
    result = work()
    stages.append((name, time.perf_counter() - begin))
    return result


def _film(path: Path) -> Path:
    with path.open("wb") as file:
        for _ in range(TRACK_MB):
            file.write(os.urandom(1 << 20))
    return path


def _read(store: CourtStore, name: str, receipt: Receipt) -> None:
    for file, kept in receipt.files.items():
        with store.open(name, file) as content:
            if digest_of(content) != (kept.size, kept.sha256):
                raise SystemExit(f"{file} is not what was stored")
