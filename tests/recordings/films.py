"""WebM files as the recorder writes them: Opus and VP8, a colour and a tone for each seat."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from odr.recordings.reader import RATE

FPS = 24


def webm(
    path: Path, seconds: float, *, hertz: float = 440.0, luma: int = 120, picture: bool = True
) -> Path:
    with av.open(str(path), "w", format="webm") as container:
        video = container.add_stream("libvpx", rate=FPS, options={"deadline": "realtime"})
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        audio = container.add_stream("libopus", rate=RATE, layout="mono")
        for number in range(int(seconds * FPS) if picture else 0):
            plane = np.full((360, 320), 128, np.uint8)
            plane[:240] = luma
            plane[(number * 3) % 200 : (number * 3) % 200 + 20, 100:140] = 235
            frame = av.VideoFrame.from_ndarray(plane, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
        moments = np.arange(int(seconds * RATE))
        tone = (8000 * np.sin(2 * np.pi * hertz * moments / RATE)).astype(np.int16)
        for start in range(0, len(tone) - 960, 960):
            sound = av.AudioFrame.from_ndarray(
                tone[start : start + 960].reshape(1, -1), format="s16", layout="mono"
            )
            sound.sample_rate, sound.pts = RATE, start
            container.mux(audio.encode(sound))
        if picture:
            container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return path


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]


def sound(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", RATE)
        parts = [
            part.to_ndarray().reshape(-1)
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        ]
    return np.concatenate(parts)


def loudness(samples: np.ndarray, hertz: float) -> float:
    """How strongly one tone sounds, 0 to 1."""
    moments = np.arange(len(samples))
    wave = np.exp(-2j * np.pi * hertz * moments / RATE)
    return float(abs(np.mean(samples * wave)) / 32768 * 2)
