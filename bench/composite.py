"""How fast one film is made of three tracks, on one core at nice 19. Run ``python -m bench.composite``.

The tracks are those of the job of ``bench.media``: Opus and VP8 640×480@24 at about 700 kbit/s.
"""

import os
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import click
import numpy as np

from odr.recordings.composite import Reel, compose
from odr.recordings.reader import Track
from odr.settlement.fonts import font_file

SEATS = ("a1", "r1", "m")
WIDTH, HEIGHT, RATE = 640, 480, 24
VIDEO_BPS, LOWEST = 700_000, 19


def track(path: Path, seconds: int, seed: int) -> None:
    """A wall that moves, noise in its middle, and a tone."""
    noise = np.random.default_rng(seed)
    wall = noise.integers(60, 200, (HEIGHT, WIDTH), np.uint8)
    with av.open(str(path), "w", format="webm") as container:
        video = container.add_stream("libvpx", rate=RATE)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.bit_rate, video.options = VIDEO_BPS, {"deadline": "realtime", "cpu-used": "8"}
        audio = container.add_stream("libopus", rate=48_000, layout="mono")
        for n in range(seconds * RATE):
            image = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
            image[:HEIGHT] = np.roll(wall // 3 + 60, n * 2, axis=1)
            image[200:280, 200:280] = noise.integers(0, 255, (80, 80), np.uint8)
            frame = av.VideoFrame.from_ndarray(image, "yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, RATE)
            container.mux(video.encode(frame))
            at = np.arange(n * 2000, (n + 1) * 2000)
            wave = (np.sin(at * (300 + 60 * seed) * 2 * np.pi / 48_000) * 6000).astype(np.int16)
            sound = av.AudioFrame.from_ndarray(wave[None, :], "s16", "mono")
            sound.sample_rate, sound.pts, sound.time_base = 48_000, n * 2000, Fraction(1, 48_000)
            container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def measured(folder: Path, seconds: int) -> tuple[float, float]:
    """Wall and processor seconds of one film; this process stands back and keeps to one core."""
    os.nice(LOWEST)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    tracks = [Track(folder / f"{seat}.webm", seat, 0, seconds * 1000) for seat in SEATS]
    reel = Reel(tracks, {seat: seat for seat in SEATS}, seconds * 1000, font_file("song", folder))
    began, used = time.perf_counter(), time.process_time()
    compose(reel, folder / "film.mp4", progress=lambda _done: None)
    return time.perf_counter() - began, time.process_time() - used


@click.command(help=__doc__)
@click.option("--seconds", default=60, type=click.IntRange(5, 3600), help="Length of the film.")
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(seconds: int, folder: Path | None) -> None:
    """Make the tracks, then measure in a process of its own."""
    if folder is not None:
        wall, cpu = measured(folder, seconds)
        click.echo(
            f"composite: {seconds / wall:.1f} × real time, {seconds / cpu:.1f} × by processor time"
        )
        return
    with tempfile.TemporaryDirectory() as made:
        for seed, seat in enumerate(SEATS):
            track(Path(made) / f"{seat}.webm", seconds, seed)
        command = [sys.executable, "-m", "bench.composite", "--seconds", str(seconds)]
        subprocess.run([*command, "--folder", made], check=True)


if __name__ == "__main__":
    main()
