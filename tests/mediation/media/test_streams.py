"""Copies stay one unbroken stream; pictures survive disorder; nobody's packet raises."""

import random
import struct

from odr.mediation.media import rtp
from odr.mediation.media.frames import Assembler, vp8_payload
from odr.mediation.media.h264 import AccessUnit, size_of
from odr.mediation.media.lines import Outbound, Sending
from odr.mediation.media.streams import Inbound

KEY = b"\x10" + b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 64, 48) + b"data"
DELTA = b"\x10\x01\x00\x00data"


def packet(seq, ts, payload=KEY, *, ssrc=1, marker=True):
    return rtp.Packet(96, marker, seq & 0xFFFF, ts & 0xFFFFFFFF, ssrc, payload)


def test_a_copy_goes_on_without_a_break_when_its_source_changes():
    line = Outbound(Sending("video", 99, {"vp8": 100}))
    first, second = Inbound("video", 96, "vp8"), Inbound("video", 96, "vp8")
    sent = []
    for seq in (65_534, 65_535, 0):
        first.add(packet(seq, 1000 + seq), 1.0)
        sent.append(rtp.parse(line.copy(packet(seq, 1000 + seq), first, 1.0)))
    for seq in (500, 501):
        second.add(packet(seq, 7, ssrc=2), 2.0)
        sent.append(rtp.parse(line.copy(packet(seq, 7, ssrc=2), second, 2.0)))
    assert [one.seq for one in sent] == [65_534, 65_535, 0, 1, 2]
    assert {(one.ssrc, one.pt) for one in sent} == {(99, 100)}
    assert rtp.parse(line.again(2, second)).payload == KEY
    assert line.again(65_535, second) is None


def test_what_was_said_while_nothing_was_copied_is_not_sent_when_it_comes_late():
    line, source = Outbound(Sending("video", 99, {"vp8": 100})), Inbound("video", 96, "vp8")
    line.feed(None, source)
    source.add(packet(10, 1), 1.0)
    assert line.copy(packet(10, 1), source, 1.0)
    line.feed(None, None)
    source.add(packet(20, 1), 1.0)
    line.feed(None, source)
    sent = [line.copy(packet(seq, 1), source, 1.0) for seq in (19, 21, 15, 22, 20)]
    assert [one and rtp.parse(one).seq for one in sent] == [None, 11, None, 12, None]


def test_packets_are_sent_again_after_any_number_of_packets():
    line, source = Outbound(Sending("audio", 99, {"opus": 100})), Inbound("audio", 96, "opus")
    for seq in range(3 * 0x8000):
        source.add(packet(seq, seq), 1.0)
        line.copy(packet(seq, seq), source, 1.0)
        if seq % 1000 == 999:
            assert rtp.parse(line.again(seq - 200, source)).seq == (seq - 200) & 0xFFFF


def test_nothing_from_before_a_pause_is_sent_again_under_the_numbers_of_after():
    line, source = Outbound(Sending("video", 99, {"vp8": 100})), Inbound("video", 96, "vp8")
    for seq in (10, 11, 12, 13, 14):
        source.add(packet(seq, seq), 1.0)
        line.allowed = seq not in (12, 13)
        line.copy(packet(seq, seq), source, 1.0)
    assert rtp.parse(line.again(12, source)).payload == KEY
    assert line.again(11, source) is None


def test_a_missed_packet_comes_again_as_a_repeat_where_that_was_agreed_on():
    sending = Sending("video", 99, {"vp8": 100}, 77, {"vp8": 101})
    line, source = Outbound(sending), Inbound("video", 96, "vp8")
    for seq in (10, 11):
        source.add(packet(seq, 5), 1.0)
        line.copy(packet(seq, 5), source, 1.0)
    repeats = [rtp.parse(line.again(seq, source)) for seq in (10, 11)]
    assert [(one.pt, one.ssrc, one.ts, one.seq) for one in repeats] == [
        (101, 77, 5, 1),
        (101, 77, 5, 2),
    ]
    assert [rtp.repeated(one, 100, 99) for one in repeats] == [
        rtp.Packet(100, True, seq, 5, 99, KEY) for seq in (10, 11)
    ]
    assert rtp.repeated(repeats[0]._replace(payload=b"\0\1"), 100, 99) is None  # padding


def test_loss_is_counted_over_a_second_however_often_it_is_reported():
    line, seen = Outbound(Sending("audio", 99, {"opus": 111})), set()
    for tenth in range(60):
        highest, lost = 100 + 5 * tenth, tenth // 2  # one of ten is lost
        half = 128 if tenth % 2 else 0  # of the two packets since the last report
        line.heard(rtp.Report(99, half, lost, highest, 0, 0, 0), tenth / 10)
        seen.add(round(line.loss, 2))
    assert all(0.08 < one < 0.12 for one in seen - {0.0})
    assert line.loss > 0
    for now in (9.0, 10.0):  # held back: nothing more has been sent
        line.heard(rtp.Report(99, 0, 29, 395, 0, 0, 0), now)
    assert line.loss == 0.0


def test_only_what_is_missed_may_come_as_a_repeat():
    stream = Inbound("video", 96, "vp8")
    assert not stream.misses(9)
    for seq in (65_534, 1):
        stream.add(packet(seq, 0), 1.0)
    assert [seq for seq in (65_534, 65_535, 0, 1, 2, 500) if stream.misses(seq)] == [65_535, 0]


def test_lost_packets_are_asked_for_and_counted():
    stream = Inbound("video", 96, "vp8")
    for seq in (10, 11, 14):
        stream.add(packet(seq, 0), 1.0)
    assert stream.wanted(1.0) == []  # it may only be late
    assert stream.wanted(1.01) == [12, 13]
    assert stream.wanted(1.01) == []
    assert stream.wanted(1.05, rtt_s=0.3) == [12, 13]
    assert stream.wanted(1.2, rtt_s=0.3) == []
    assert stream.add(packet(12, 0), 1.02)
    assert not stream.add(packet(12, 0), 1.02)
    assert stream.wanted(1.5, rtt_s=0.3) == [13]
    assert stream.report(1.3).lost == 1


def test_pictures_wait_for_what_comes_late_and_for_a_key_frame_after_a_loss():
    pictures = Assembler("vp8")
    assert pictures.push(packet(1, 0, DELTA), 0.0) == []
    assert [f.key for f in pictures.push(packet(2, 1, KEY), 0.0)] == [True]
    assert pictures.push(packet(4, 3, DELTA), 0.1) == []
    assert [f.ts for f in pictures.push(packet(3, 2, DELTA), 0.2)] == [2, 3]
    assert pictures.push(packet(6, 5, DELTA), 0.3) == []
    assert pictures.push(packet(7, 6, DELTA), 0.7) == []
    assert pictures.wants_key
    assert [f.key for f in pictures.push(packet(8, 7, KEY), 0.8)] == [True]
    assert pictures.push(packet(9, 8, b""), 0.8) == []
    assert [f.ts for f in pictures.push(packet(10, 9, DELTA), 0.8)] == [9]


def test_an_h264_picture_is_put_together():
    sps, pps = bytes.fromhex("6742e01f8c8d40501e90"), bytes.fromhex("68ce3c80")
    bundle = b"\x18" + b"".join(struct.pack("!H", len(nal)) + nal for nal in (sps, pps))
    unit = AccessUnit()
    assert unit.add(bundle)
    assert unit.add(b"\x7c\x85abc")
    assert unit.add(b"\x7c\x45def")
    assert unit.key
    assert unit.data().endswith(b"\x65abcdef")
    assert unit.picture().codec == "h264"
    assert size_of(b"\x67\x42\xe0\x1f") == (640, 480)


def test_feedback_is_read_as_it_is_written():
    wanted = [65_534, 65_535, 3, 40]
    (found,) = rtp.parse_rtcp(rtp.nack(1, 2, wanted))
    assert set(found.seqs) == set(wanted)
    assert rtp.parse_rtcp(rtp.key_request(1, 2)) == [rtp.KeyRequest(2)]
    (told,) = rtp.parse_rtcp(rtp.bitrate_cap(1, 2, 700_000))
    assert 0 <= 700_000 - told.bps < 8
    report = rtp.SenderReport(5, 1 << 40, 77)
    assert rtp.parse_rtcp(rtp.sender_report(report, 3, 4))[0] == report
    about = rtp.Report(9, 25, 3, 70_000, 12, 5, 6)
    assert rtp.parse_rtcp(rtp.receiver_report(1, [about])) == [about]


def test_hostile_packets_raise_nothing():
    chance = random.Random(3)
    vp8, h264 = Assembler("vp8"), Assembler("h264")
    kinds = set()
    for turn in range(20_000):
        data = bytearray(chance.randbytes(chance.randint(0, 60)))
        if data:
            data[0] = data[0] & 0x3F | 0x80
        rtp.parse_rtcp(bytes(data))
        found = rtp.parse(bytes(data), level_id=1)
        kinds.add(type(found))
        if found is not None:
            vp8.push(found, turn / 100)
            h264.push(found, turn / 100)
        if len(data) > 0:
            vp8_payload(bytes(data))
    assert len(kinds) == 2  # some were read as packets, some refused
