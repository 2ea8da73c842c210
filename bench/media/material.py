"""Sound and pictures encoded once and cut into RTP payloads; it does not know sockets or time."""

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

PARTICIPANTS = 3
SOUND_PER_S, PICTURES_PER_S = 50, 24
SECONDS = 2
WIDTH, HEIGHT = 640, 480
VIDEO_BPS = 690_000
LONGEST = 1180
MOST_PARTS = 24  # of one picture, as in load.c
PICTURE_ID = 4  # the descriptor: flags, flags, fifteen bits of picture id


@dataclass(frozen=True, slots=True)
class Voice:
    """What one participant sends, again and again: packets of sound, pictures of several packets."""

    sound: list[bytes]
    pictures: list[list[bytes]]

    @property
    def per_second(self) -> float:
        """RTP packets a second."""
        return (len(self.sound) + sum(len(one) for one in self.pictures)) / SECONDS


class Material:
    """What the participants of every room send, and how to recognise it when it comes back."""

    def __init__(self) -> None:
        self.voices = [Voice(_sound(n), _pictures(n)) for n in range(PARTICIPANTS)]
        self._known: dict[bytes, tuple[int, str, int]] = {}
        for n, voice in enumerate(self.voices):
            for index, data in enumerate(voice.sound):
                self._known[data] = (n, "audio", index * MOST_PARTS)
            for at, picture in enumerate(voice.pictures):
                for part, data in enumerate(picture):
                    self._known[data[PICTURE_ID:]] = (n, "video", at * MOST_PARTS + part)

    @property
    def per_second(self) -> float:
        """RTP packets a second that one room sends."""
        return sum(voice.per_second for voice in self.voices)

    def recognise(self, payload: bytes) -> tuple[int, str, int] | None:
        """Whose, of which kind and which of its packets a payload is."""
        return self._known.get(payload) or self._known.get(payload[PICTURE_ID:])


def _sound(seed: int) -> list[bytes]:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate = 40_000
    noise = np.random.default_rng(seed)
    packets: list[bytes] = []
    for n in range(SOUND_PER_S * SECONDS + 4):
        wave = np.sin(np.arange(n * 960, (n + 1) * 960) * (300 + 60 * seed) * 2 * np.pi / 48_000)
        samples = (wave * 6000 + noise.normal(0, 500, 960)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None, :], "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, n * 960
        frame.time_base = Fraction(1, 48_000)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets[: SOUND_PER_S * SECONDS]


def _pictures(seed: int) -> list[list[bytes]]:
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, PICTURES_PER_S), Fraction(PICTURES_PER_S)
    encoder.bit_rate, encoder.gop_size = VIDEO_BPS, PICTURES_PER_S * SECONDS
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    encoder.options |= {"bufsize": str(VIDEO_BPS // 2), "maxrate": str(VIDEO_BPS)}
    encoder.options |= {"minrate": str(VIDEO_BPS)}
    noise = np.random.default_rng(seed)
    wall = noise.integers(60, 200, (HEIGHT, WIDTH), np.uint8)
    pictures = []
    for n in range(PICTURES_PER_S * SECONDS):
        image = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        image[:HEIGHT] = np.roll(wall // 3 + 60, n * 2, axis=1)
        image[200:280, 200:280] = noise.integers(0, 255, (80, 80), np.uint8)
        frame = av.VideoFrame.from_ndarray(image, "yuv420p")
        frame.pts = n
        pictures += [_cut(bytes(packet)) for packet in encoder.encode(frame)]
    return pictures


def _cut(data: bytes) -> list[bytes]:
    """A VP8 picture in payloads of one size (RFC 7741)."""
    count = -(-len(data) // LONGEST)
    size = -(-len(data) // count)
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return [bytes([0x90 if n == 0 else 0x80, 0x80, 0x80, 0]) + part for n, part in enumerate(parts)]
