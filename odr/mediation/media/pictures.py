"""A still from a coded key frame; it does not know whose it is. Slow: run it outside the event loop."""

import io
from fractions import Fraction
from typing import Any

import av
from av.error import FFmpegError

from odr.errors import Refused
from odr.mediation.media.frames import Frame

QUALITY = 88


def jpeg(frame: Frame) -> bytes:
    """The key frame as JPEG; Refused when it cannot be decoded."""
    decoder: Any = av.CodecContext.create(frame.picture.codec, "r")
    if frame.picture.private:
        decoder.extradata = frame.picture.private
    packet = av.Packet(frame.data)
    packet.pts, packet.time_base = 0, Fraction(1, 1000)
    try:
        images = [*decoder.decode(packet), *decoder.decode(None)]
    except FFmpegError as error:
        raise Refused("media.no-picture") from error
    if not images:
        raise Refused("media.no-picture")
    out = io.BytesIO()
    images[0].to_image().save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
