"""What a receiver with a good jitter buffer makes of what it is sent; it does not know networks.

The client library waits for a lost packet until its buffer is full; browsers do not. So the packets are
taken where they have been decrypted and put together and decoded here.
"""

import time

import av
from av.error import FFmpegError

from odr.mediation.media import rtp
from odr.mediation.media.frames import Assembler


class Ear:
    """Hears one slot of a client: packets of sound, decoded sound, decoded pictures."""

    def __init__(self, client, slot=0):
        sound, picture = client.pc.getTransceivers()[2 + 2 * slot : 4 + 2 * slot]
        self._types = {
            one.receiver.track.kind: {
                codec.payloadType for codec in one._codecs if codec.name != "rtx"
            }
            for one in (sound, picture)
        }
        self._transport = sound.receiver.transport
        self._handle = self._transport._handle_rtp_data
        self._transport._handle_rtp_data = self._heard
        self._assembler = Assembler("vp8")
        self._opus = av.CodecContext.create("libopus", "r")
        self._vp8 = av.CodecContext.create("vp8", "r")
        self.sound, self.pictures, self.broken = [], 0, 0
        self.numbers = set()

    async def _heard(self, data, arrival_time_ms):
        packet = rtp.parse(data)
        if packet is not None:
            self._take(packet)
        await self._handle(data, arrival_time_ms)

    def _take(self, packet):
        if packet.pt in self._types["audio"]:
            if packet.seq not in self.numbers:
                self.numbers.add(packet.seq)
                self.sound += self._opus.decode(av.Packet(packet.payload))
        elif packet.pt in self._types["video"]:
            for frame in self._assembler.push(packet, time.monotonic()):
                self._show(frame)

    def _show(self, frame):
        try:
            self.pictures += len(self._vp8.decode(av.Packet(frame.data)))
        except FFmpegError:  # before the first key frame
            self.broken += 1
