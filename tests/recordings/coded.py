"""Coded pictures for tests of the recorder, and what a film gives back."""

from fractions import Fraction

import av
import numpy as np


def coded(count=12, size=(120, 160)):
    """VP8 pictures of which only the first is a key frame."""
    coder = av.CodecContext.create("libvpx", "w")
    (coder.height, coder.width), coder.pix_fmt = size, "yuv420p"
    coder.time_base = Fraction(1, 30)
    coder.options = {"deadline": "realtime", "lag-in-frames": "0", "cpu-used": "8"}
    found = []
    for number in range(count):
        image = np.full((*size, 3), number * 10, np.uint8)
        frame = av.VideoFrame.from_ndarray(image, "rgb24")
        frame.pts = number
        found += [bytes(packet) for packet in coder.encode(frame)]
    return found


def decoded(path):
    counts = {"audio": 0, "video": 0}
    with av.open(str(path)) as film:
        for packet in film.demux():
            if packet.stream.type == "video":
                counts["video"] += len(packet.decode())
            else:
                counts["audio"] += packet.size > 0
    return counts


def sizes(path):
    """Width and height of every picture."""
    with av.open(str(path)) as film:
        return [(frame.width, frame.height) for frame in film.decode(video=0)]
