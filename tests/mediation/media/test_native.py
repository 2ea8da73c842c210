"""The thread in C on two sockets, without encryption: what it copies, under which numbers, what it tells."""

import select
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

import pytest

from odr.mediation.media import rtp
from odr.mediation.media.native import _engine
from odr.mediation.media.native.engine import HEAD, RUN, RUN_HEAD, _number

PORTS = (20_000, 60_000)
WAIT_S = 5
ADDRESS = ("127.0.0.1", 0)


@dataclass
class Bench:
    """A sender, a receiver and the engine between them."""

    core: Any
    sender: socket.socket
    receiver: socket.socket
    line: int

    def send(self, *numbers, ssrc=7):
        for number in numbers:
            packet = rtp.Packet(96, False, 0, 0, ssrc, struct.pack("!I", number))
            self.sender.send(rtp.build(packet, 96, number, number * 90, ssrc))

    def next(self):
        """The next copy: its number, and the number that its payload says."""
        assert select.select([self.receiver], [], [], WAIT_S)[0], "nothing came"
        packet = rtp.parse(self.receiver.recv(2000))
        return packet.seq, struct.unpack("!I", packet.payload)[0] & 0xFFFF

    def told(self):
        """The runs since the last call: first number, and the payloads' numbers."""
        out = _engine.ffi.new("char **")
        size = _engine.lib.engine_drain(self.core, out)
        pile, place, found = bytes(_engine.ffi.buffer(out[0], size)) if size else b"", 0, []
        while place < size:
            record = HEAD.unpack_from(pile, place)
            if record[1] == RUN:
                begin = place + HEAD.size + record[4] * RUN_HEAD.size
                end = place + HEAD.size + record[2]
                says = struct.unpack(f"!{record[4]}I", pile[begin:end])
                found.append((record[10], list(says)))
            place += record[0]
        return found

    def told_until(self, number):
        """All numbers told, once this one is among them."""
        found, end = [], time.monotonic() + WAIT_S
        while number not in found:
            assert time.monotonic() < end, "it was not told"
            found += [one for _, run in self.told() for one in run]
        return found

    def route(self):
        assert _engine.lib.engine_route(self.core, 0, 96, self.line, 100) == 0


@pytest.fixture
def bench():
    lib, ffi = _engine.lib, _engine.ffi
    plain = ffi.callback("int(void *, void *, int *)", lambda _context, _packet, _length: 0)
    functions = ffi.new("srtp_functions *")
    for name in ("protect", "unprotect", "protect_rtcp", "unprotect_rtcp"):
        setattr(functions, name, ffi.cast("void *", plain))
    core = lib.engine_new(_number("127.0.0.1"), *PORTS, functions)
    ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for number, end in enumerate(ends):
        end.bind(ADDRESS)
        end.connect(("127.0.0.1", lib.engine_port(core)))
        assert lib.engine_peer(core, 0) == number
        lib.engine_keys(core, number, ffi.cast("void *", 1), ffi.cast("void *", 1))
        lib.engine_address(core, number, _number("127.0.0.1"), end.getsockname()[1])
    assert lib.engine_stream(core, 0, 96, 90_000) == 0
    made = Bench(core, *ends, lib.engine_line(core, 1, 42))
    made.route()
    lib.engine_start(core, 0)
    yield made
    lib.engine_free(core)
    for end in ends:
        end.close()
    del plain


def test_consecutive_packets_are_told_together_and_a_gap_begins_anew(bench):
    bench.send(65_534, 65_535, 0, 1, 3, 4, 2)
    assert [bench.next()[1] for _ in range(7)] == [65_534, 65_535, 0, 1, 3, 4, 2]
    assert bench.told() == [(65_534, [65_534, 65_535, 0, 1]), (3, [3, 4]), (2, [2])]
    assert bench.told() == []


def test_another_sender_under_the_same_type_is_another_run(bench):
    bench.send(10, 11)
    bench.send(12, ssrc=8)
    assert [bench.next()[0] for _ in range(3)] == [10, 11, 12]
    assert bench.told() == [(10, [10, 11]), (12, [12])]


def test_what_came_while_nothing_was_routed_is_told_but_never_copied_however_late(bench):
    bench.send(1, 2)
    assert [bench.next() for _ in range(2)] == [(1, 1), (2, 2)]
    _engine.lib.engine_unroute(bench.core, bench.line)
    bench.send(3, 4, 6)
    assert bench.told_until(6) == [1, 2, 3, 4, 6]
    bench.route()
    bench.send(5, 7, 2, 8)
    assert [bench.next() for _ in range(2)] == [(3, 7), (4, 8)]
    assert bench.told_until(8) == [5, 7, 2, 8]


def test_numbers_run_over_and_the_first_that_counts_goes_along(bench):
    state = _engine.ffi.new("line_state *")
    for start in range(0, 3 * 0x8000, 64):
        numbers = range(start, start + 64)
        bench.send(*(number & 0xFFFF for number in numbers))
        assert [bench.next()[0] for _ in numbers] == [number & 0xFFFF for number in numbers]
        _engine.lib.engine_line_state(bench.core, bench.line, state)
        assert (numbers[-1] - state.first_seq) & 0xFFFF <= 0x4000
        bench.told()
    assert state.packets == 3 * 0x8000
