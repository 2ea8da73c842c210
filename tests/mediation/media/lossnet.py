"""A bad network of the kernel's own making: a TUN here, a TUN in a namespace, and losses between the two.

Run as a program: ``lossnet.py NAMESPACE NUMBER SEED``. It says "ready", then reads lines
``loss jitter_seconds`` from its input. It does not know what the packets carry.
"""

import asyncio
import ctypes
import fcntl
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000


def addresses(number):
    """Ours and the other end's: four addresses of the benchmark network (RFC 2544) for each number."""
    place = number % 16_384 * 4
    return tuple(f"198.18.{place >> 8}.{(place & 255) + host}" for host in (1, 2))


def possible():
    """Whether this machine lets us: root, a TUN device, and network namespaces."""
    if os.geteuid() or not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return False
    name = f"odr-try-{os.getpid()}"
    try:
        made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return made.returncode == 0


def _tun(name, address):
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "addr", "add", f"{address}/30", "dev", name], check=True)
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    return end


def _enter(namespace):
    with Path(f"/var/run/netns/{namespace}").open("rb") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


class Between:
    """Carries packets from one end to the other, less some."""

    def __init__(self, ends, seed):
        self._ends, self._chance = ends, random.Random(seed)
        self.loss = self.jitter = 0.0

    def carry(self, source, target):
        """Everything that waits at one end."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                data = os.read(self._ends[source], 2048)
            except BlockingIOError:
                return
            if self._chance.random() >= self.loss:
                wait = self.jitter * self._chance.random()
                loop.call_later(wait, os.write, self._ends[target], data)


async def carry_on(namespace, number, seed):
    """Until the input ends."""
    ours, theirs = addresses(number)
    here = _tun(namespace, ours)
    _enter(namespace)
    between = Between((here, _tun(namespace, theirs)), seed)
    loop = asyncio.get_running_loop()
    for source, target in ((0, 1), (1, 0)):
        loop.add_reader(between._ends[source], between.carry, source, target)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        between.loss, between.jitter = map(float, line.split())


if __name__ == "__main__":
    asyncio.run(carry_on(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
