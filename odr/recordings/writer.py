"""The recording of one room: its films, its manifest, its pauses; it does not know networks or codecs.

``sound`` and ``picture`` come on the event loop; ``keep``, ``mark``, ``pause``, ``resume`` and ``seal``
touch the disk and belong to one worker at a time. A newer writer of the same folder fences an older one
off. Each flush puts the films on the disk (fsync) before the line that vouches for them, and that line
before anybody is told of it: what a power cut takes is what came since the last flush, never more.
"""

import os
import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr import chain, clock
from odr.errors import Refused
from odr.recordings import entries, manifest, webm
from odr.recordings.film import Chunk, Film
from odr.recordings.manifest import Entry, Gap, OpenRecording, Piece, SealedRecording
from odr.settings import private_file

KEY_FILE = "recorder.pem"
FENCE = "epoch"
NOT_RECORDED = "not-recorded"
DISK_FULL = "disk-full"
CAUCUS = "caucus"


def recorder_key(secrets_dir: Path) -> Ed25519PrivateKey:
    """The recorder's signing key; made at the first start."""
    path = secrets_dir / KEY_FILE
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with suppress(FileExistsError):  # another node of the same start was faster
            private_file(path, made)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused("recordings.broken", item=KEY_FILE)
    return key


@dataclass(slots=True)
class _Reel:
    """The films of one connection; a new part begins when the coding of the picture changes."""

    seat: str
    seat_epoch: int
    part: int = 0
    film: Film | None = None
    over: list[Film] = field(default_factory=list)


class RoomRecorder:
    """One room on disk, from ``open`` to ``seal`` or to the end of the process."""

    def __init__(self, recording: OpenRecording, epoch: int, *, recovered: bool) -> None:
        """Use ``open``."""
        self.folder = recording.folder
        self.epoch = epoch
        self.recovered = recovered
        self._recording = recording
        self._base = recording.t_ms
        self._since = self._written = time.monotonic()
        self._reels: dict[tuple[str, int], _Reel] = {}
        self._paused: tuple[int, str] | None = None
        self._resumed_ms = 0
        self._owed: list[Piece] = []
        self._stamp: tuple[int, int] | None = None
        self.bytes_on_disk = sum(path.stat().st_size for path in self.folder.glob("*.webm"))

    @classmethod
    def open(
        cls, folder: Path, key: Ed25519PrivateKey, meta: Mapping[str, Any], epoch: int
    ) -> "RoomRecorder":
        """Begin a recording, or go on with one that a crash has left; Refused when sealed or fenced."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        _raise_fence(folder, epoch)
        now_ms = int(clock.now().timestamp() * 1000)
        path = folder / entries.NAME
        if path.exists() and entries.lines(folder)[0]:
            started = int(manifest.read(folder)[0].body.get("started_ms", now_ms))
            reopened = OpenRecording.reopen(folder, key, t_ms=max(0, now_ms - started))
            return cls(reopened, epoch, recovered=True)
        path.unlink(missing_ok=True)  # a crash before the first whole line
        made = OpenRecording.create(folder, key, {**meta, "started_ms": now_ms})
        return cls(made, epoch, recovered=False)

    @property
    def head(self) -> str:
        """The hash of the manifest's last line."""
        return self._recording.head

    @property
    def seq(self) -> int:
        """The number of the manifest's last line."""
        return self._recording.seq

    @property
    def paused(self) -> str:
        """Why nothing is recorded now; empty when it is."""
        return self._paused[1] if self._paused else ""

    @property
    def crash(self) -> Gap:
        """The gap that the last crash left; nothing when there was none."""
        gaps = [gap for gap in manifest.summary(self.folder).gaps if gap.why == "crash"]
        return gaps[-1] if gaps else Gap(0, 0, "")

    @property
    def lag_s(self) -> float:
        """Seconds since something was last written: how much a crash would cost now."""
        return time.monotonic() - self._written

    def now_ms(self) -> int:
        """Milliseconds of the room's one clock."""
        return self._base + int((time.monotonic() - self._since) * 1000)

    def sound(self, seat: str, seat_epoch: int, t_ms: int, data: bytes) -> None:
        """One Opus packet of a connection; what was captured before recording went on is left out."""
        if not self._paused and t_ms >= self._resumed_ms:
            self._film(seat, seat_epoch).sound(t_ms, data)

    def picture(
        self, who: tuple[str, int], t_ms: int, data: bytes, picture: webm.Picture, *, key: bool
    ) -> None:
        """One coded picture of a connection (seat, seat epoch)."""
        if self._paused or t_ms < self._resumed_ms:
            return
        film = self._film(*who)
        if key and not film.takes(picture):
            reel = self._reels[who]
            reel.over.append(film)
            reel.film = None
            film = self._film(*who)
        film.picture(t_ms, data, picture, key=key)

    def _film(self, seat: str, seat_epoch: int) -> Film:
        reel = self._reels.get((seat, seat_epoch))
        if reel is None:
            reel = self._reels[seat, seat_epoch] = _Reel(seat, seat_epoch)
        if reel.film is None:
            while True:
                reel.part += 1
                suffix = f"-{reel.part}" if reel.part > 1 else ""
                name = f"{seat}.{seat_epoch}{suffix}.webm"
                if not (self.folder / name).exists():
                    break
            reel.film = Film(self.folder, name)
        return reel.film

    def collect(self) -> list[Chunk]:
        """What has been gathered of all films; to be given to ``keep``."""
        chunks = []
        for reel in self._reels.values():
            films = [*reel.over, *([reel.film] if reel.film else [])]
            chunks += [chunk for film in films if (chunk := film.collect())]
        return chunks

    def keep(self, chunks: Iterable[Chunk]) -> None:
        """Write and vouch; OSError when the disk does not take it, and the recording is paused."""
        left = list(chunks)
        try:
            self.check_fence()
            while left:
                piece = left[0].film.write(left[0])
                del left[0]
                self._owed.append(piece)
                self.bytes_on_disk += piece.size
            self.check_fence()
            self._vouch()
            self._written = time.monotonic()
        except OSError:
            lost = min((chunk.t0_ms for chunk in left), default=self.now_ms())
            with suppress(OSError):
                self.pause(DISK_FULL, lost)
            raise
        self._let_go()

    def _let_go(self) -> None:
        """Close the files of films that are over; what still comes for one opens it again."""
        reels = list(self._reels.values())
        newest = {reel.seat: reel.seat_epoch for reel in sorted(reels, key=_epoch_of)}
        for reel in reels:
            for film in [one for one in reel.over if not one.pending]:
                film.close()
                reel.over.remove(film)
            if reel.film and reel.seat_epoch < newest[reel.seat] and not reel.film.pending:
                reel.film.close()

    def _vouch(self) -> None:
        """Into the manifest with what is on disk, also what a full disk kept out of it before."""
        self._recording.segments(self._owed)
        self._owed = []

    def mark(self, name: str, body: Mapping[str, Any], t_ms: int | None = None) -> Entry:
        """Something happened, now or at ``t_ms``."""
        self.check_fence()
        self._vouch()
        return self._recording.mark(name, body, self.now_ms() if t_ms is None else t_ms)

    def pause(self, why: str, since: int | None = None) -> None:
        """Nothing is recorded from now (or ``since``) on; said at once: a crash must not hide it."""
        if not self._paused:
            self._paused = (self.now_ms() if since is None else since, why)
            for reel in list(self._reels.values()):
                if reel.film is not None:
                    reel.film.forget()
            self.mark("paused", {"why": why})

    def resume(self) -> tuple[int, int] | None:
        """Recording goes on; the gap (from, to) is declared and returned."""
        if not self._paused:
            return None
        (since, why), now = self._paused, self.now_ms()
        self.check_fence()
        self._vouch()
        self._recording.gap(since, now, why)
        self._paused, self._resumed_ms = None, now
        return since, now

    def picture_file(self, seat: str, t_ms: int, jpeg: bytes) -> tuple[str, str]:
        """Keep a still and put it into the chain; its name in the folder and its SHA-256."""
        folder = self.folder / "snapshots"
        folder.mkdir(mode=0o700, exist_ok=True)
        name = f"{seat}-{t_ms}-{secrets.token_hex(4)}.jpg"
        private_file(folder / name, jpeg)
        file, sha256 = f"snapshots/{name}", chain.digest(jpeg)
        self.mark("snapshot", {"seat": seat, "file": file, "sha256": sha256}, t_ms)
        return file, sha256

    def seal(self) -> SealedRecording:
        """Declare a last gap, close all films and end the manifest."""
        self.keep(self.collect())
        self.resume()
        self.close()
        return self._recording.seal(self.now_ms())

    def close(self) -> None:
        """Close the films; the manifest stays open for another writer, who may have begun already."""
        mine = _fence(self.folder) <= self.epoch
        for reel in self._reels.values():
            if reel.film is not None:
                reel.film.close(mine=mine)
        self._reels.clear()

    def check_fence(self) -> None:
        """Refused when another node has taken the room over; read again only when it was written."""
        stamp = _stamp(self.folder)
        if stamp != self._stamp:
            if _fence(self.folder) > self.epoch:
                raise Refused("recordings.fenced")
            self._stamp = stamp


def _epoch_of(reel: _Reel) -> int:
    return reel.seat_epoch


def _stamp(folder: Path) -> tuple[int, int]:
    try:
        found = (folder / FENCE).stat()
    except FileNotFoundError:
        return (0, 0)
    return (found.st_ino, found.st_mtime_ns)


def _fence(folder: Path) -> int:
    try:
        return int((folder / FENCE).read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return 0


def _raise_fence(folder: Path, epoch: int) -> None:
    if _fence(folder) > epoch:
        raise Refused("recordings.fenced")
    part = folder / f"{FENCE}.{os.getpid()}"
    part.write_text(str(epoch), "ascii")
    part.replace(folder / FENCE)
