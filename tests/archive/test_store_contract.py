"""What every backend of the court's store must do; a new one is added to ``BACKENDS``."""

import errno
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from odr.archive.folder import FolderStore
from odr.archive.store import CourtStore, Parcel, Receipt, receipt_from_json
from odr.errors import NotFound, Refused, Tampered, Unavailable

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(days=3650)
CONTENTS = {"bagit.txt": b"BagIt", "data/films/a.mp4": b"\x00" * 5000, "data/b/c.pdf": b"%PDF"}
BACKENDS = {"folder": (), "s3": pytest.mark.s3}  # each has a fixture named <backend>_store


@pytest.fixture(params=[pytest.param(name, marks=marks) for name, marks in BACKENDS.items()])
def store(request: pytest.FixtureRequest) -> CourtStore:
    made: CourtStore = request.getfixturevalue(f"{request.param}_store")
    return made


@pytest.fixture
def folder_store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "court")


def parcel(folder: Path, contents: dict[str, bytes] = CONTENTS, name: str = "case-1") -> Parcel:
    for file, content in contents.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Parcel(name, folder, UNTIL, NOW)


def test_what_is_put_is_read_back(store: CourtStore, tmp_path: Path) -> None:
    receipt = store.put_once(parcel(tmp_path / "bag"))
    assert set(receipt.files) == set(CONTENTS)
    assert receipt.size == sum(map(len, CONTENTS.values()))
    assert receipt.retain_until == UNTIL
    assert store.names() == ["case-1"]
    for file, content in CONTENTS.items():
        with store.open("case-1", file) as kept:
            assert kept.read() == content
    assert store.receipt("case-1") == receipt
    assert receipt_from_json(receipt.to_json()) == receipt


def test_the_same_again_is_the_same_receipt(store: CourtStore, tmp_path: Path) -> None:
    first = store.put_once(parcel(tmp_path / "bag"))
    later = Parcel("case-1", tmp_path / "bag", UNTIL + timedelta(days=9), NOW + timedelta(days=1))
    assert store.put_once(later) == first


@pytest.mark.parametrize(
    "other",
    [{"data/b/c.pdf": b"%PDF-2"}, {"data/extra": b""}, {"data/films/a.mp4": b"\x01" * 5000}],
)
def test_another_content_is_refused(
    store: CourtStore, tmp_path: Path, other: dict[str, bytes]
) -> None:
    first = store.put_once(parcel(tmp_path / "bag"))
    with pytest.raises(Tampered, match=next(iter(other))):
        store.put_once(parcel(tmp_path / "other", CONTENTS | other))
    assert store.receipt("case-1") == first
    with store.open("case-1", "data/b/c.pdf") as kept:
        assert kept.read() == b"%PDF"


def test_nothing_is_deleted_before_its_time(store: CourtStore, tmp_path: Path) -> None:
    store.put_once(parcel(tmp_path / "bag"))
    with pytest.raises(Refused):
        store.delete("case-1", UNTIL - timedelta(seconds=1))
    assert store.names() == ["case-1"]


def test_a_folder_goes_when_its_time_is_over(folder_store: FolderStore, tmp_path: Path) -> None:
    folder_store.put_once(parcel(tmp_path / "bag"))
    folder_store.delete("case-1", UNTIL)
    assert folder_store.names() == []
    assert folder_store.receipt("case-1") is None


def test_a_probe_leaves_nothing_among_the_parcels(store: CourtStore) -> None:
    result = store.probe(NOW)
    assert (result.at, len(result.attacks) > 1) == (NOW, True)
    assert store.names() == []


def test_strangers_are_not_found(store: CourtStore, tmp_path: Path) -> None:
    assert store.receipt("case-9") is None
    assert store.names() == []
    store.put_once(parcel(tmp_path / "bag"))
    for name, file in (("case-9", "bagit.txt"), ("case-1", "nothing")):
        with pytest.raises(NotFound):
            store.open(name, file)
    with pytest.raises(NotFound):
        store.delete("case-9", NOW)


@pytest.mark.parametrize("name", ["../out", "a/b", "", ".hidden", "x" * 200])
def test_a_name_cannot_leave_the_store(store: CourtStore, tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused):
        store.put_once(parcel(tmp_path / "bag", name=name))
    with pytest.raises(Refused):
        store.open("case-1", f"../{name}")


def test_a_link_is_not_taken_along(store: CourtStore, tmp_path: Path) -> None:
    bag = parcel(tmp_path / "bag")
    (bag.folder / "data" / "link").symlink_to("/etc/hostname")
    with pytest.raises(Tampered, match="data/link"):
        store.put_once(bag)
    assert store.names() == []


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_folder_that_is_away(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "not-mounted" / "court")
    with pytest.raises(Unavailable) as refusal:
        store.put_once(parcel(tmp_path / "bag"))
    assert refusal.value.key == "archive.store-away"
    assert not refusal.value.permanent


@contextmanager
def small_disk(limit: int) -> Iterator[None]:
    """The system refuses files above ``limit`` bytes, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_folder_keeps_nothing_half_written(tmp_path: Path) -> None:
    store, bag = FolderStore(tmp_path / "court"), parcel(tmp_path / "bag")
    with small_disk(4096), pytest.raises(Unavailable) as refusal:
        store.put_once(bag)
    assert refusal.value.key == "archive.store-full", errno.EFBIG
    assert everything(tmp_path / "court") == []
    assert set(store.put_once(bag).files) == set(CONTENTS)


def test_kept_files_are_read_only(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "court")
    store.put_once(parcel(tmp_path / "bag"))
    modes = {path.stat().st_mode & 0o777 for path in everything(tmp_path / "court")}
    assert modes == {0o444}


PUT = """
import sys
from datetime import datetime
from pathlib import Path
from odr.archive.folder import FolderStore
from odr.archive.store import Parcel
court, bag, until, now = sys.argv[1:]
FolderStore(Path(court)).put_once(
    Parcel("case-1", Path(bag), datetime.fromisoformat(until), datetime.fromisoformat(now)))
"""


def test_a_killed_copy_is_taken_up_again(tmp_path: Path) -> None:
    many = {f"data/{number}": bytes([number % 250]) * 20_000 for number in range(400)}
    bag, court = parcel(tmp_path / "bag", many), tmp_path / "court"
    words = [str(court), str(bag.folder), UNTIL.isoformat(), NOW.isoformat()]
    child = subprocess.Popen([sys.executable, "-c", PUT, *words])
    deadline = time.monotonic() + 20
    while len(everything(court)) < 20 and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    child.kill()
    child.wait()
    receipt: Receipt = FolderStore(court).put_once(bag)
    assert len(receipt.files) == len(many)
    assert everything(court / ".incoming") == []
