"""A client as a program of its own: says its offer, reads the answer, sends as much as it is told.

One JSON value a line: after the answer, how many more packets of sound; it says how many there were in
all. It does not know which network it stands in.
"""

import asyncio
import json
import sys

from aiortc import RTCSessionDescription

from tests.mediation.media.conftest import Client, until

SAMPLES = 960  # of sound in a packet


def say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def heard():
    return json.loads(await asyncio.to_thread(sys.stdin.readline) or "0")


async def live():
    client = Client(slots=1)
    tone = client.pc.getTransceivers()[0].sender.track
    say(await client.offer())
    await client.pc.setRemoteDescription(RTCSessionDescription(await heard(), "answer"))
    while more := await heard():
        goal = tone._at + more * SAMPLES
        await until(lambda goal=goal: tone._at >= goal, 20)
        say(tone._at // SAMPLES)
    await client.leave()


if __name__ == "__main__":
    asyncio.run(live())
