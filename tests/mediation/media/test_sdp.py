"""Offers: those of browsers pass, everything else is refused with a sentence."""

import random

import pytest

from odr.errors import Refused
from odr.mediation.media.sdp import read_offer

PRINT = ":".join(["AB"] * 32)


def offer(slots=1, extra=""):
    mids = range(2 + 2 * slots)
    rows = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    rows.append("a=group:BUNDLE " + " ".join(map(str, mids)))
    for mid in mids:
        kind = "video" if mid % 2 else "audio"
        types = "96 97 103 45" if kind == "video" else "111 63 9"
        rows += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {types}", "c=IN IP4 0.0.0.0"]
        rows += ["a=ice-ufrag:abcd", "a=ice-pwd:" + "p" * 24, f"a=fingerprint:sha-256 {PRINT}"]
        rows += ["a=setup:actpass", f"a=mid:{mid}", "a=rtcp-mux", "a=rtcp-rsize"]
        rows.append("a=sendonly" if mid < 2 else "a=recvonly")
        rows.append("a=candidate:1 1 udp 2122260223 10.0.0.7 50000 typ host generation 0")
        rows.append("a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level")
        rows.append("a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid")
        if kind == "audio":
            rows += ["a=rtpmap:111 opus/48000/2", "a=rtpmap:63 red/48000/2", "a=rtpmap:9 G722/8000"]
        else:
            rows += ["a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"]
            rows += ["a=rtpmap:103 H264/90000", "a=rtpmap:45 AV1/90000"]
            rows.append("a=fmtp:103 packetization-mode=1;profile-level-id=42e01f")
            rows += ["a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 transport-cc"]
    return "\r\n".join(rows) + "\r\n" + extra


def test_only_what_is_understood_goes_on():
    found = read_offer(offer(slots=5))
    assert found.slots == 5
    assert found.lines[1].codecs == {96: "vp8"}
    assert found.lines[3].codecs == {96: "vp8", 103: "h264"}
    text = found.text()
    assert found.lines[3].repeats == {96: 97}
    assert text.count("a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n") == 6
    for gone in ("AV1", "candidate", "sdes:mid", "red/", "transport-cc", "10.0.0.7"):
        assert gone not in text
    assert text.count("ssrc-audio-level") == 1
    assert read_offer(text).fingerprint == PRINT


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("a=rtcp-fb:96 nack\r\n", ""),
        ("apt=96", "apt=103"),
        ("apt=96", "apt=x"),
        ("rtx/90000", "rtx/48000"),
    ],
)
def test_a_stream_of_repeats_is_taken_only_where_somebody_may_ask_for_it(said, instead):
    found = read_offer(offer().replace(said, instead))
    assert [line.repeats for line in found.lines] == [{}] * 4
    assert "rtx" not in found.text()


def test_a_device_with_h264_only_is_taken():
    sdp = offer().replace("VP8/90000", "VP9/90000")
    assert read_offer(sdp).lines[1].codecs == {103: "h264"}


GOOD = offer()
HOSTILE = [
    None,
    7,
    b"v=0",
    "",
    "v=0",
    "v=1\r\n" + GOOD[5:],
    GOOD + "a=x:" + "y" * 70_000,
    GOOD.replace("sha-256", "md5"),
    GOOD.replace("sha-256", "sha-1"),
    GOOD.replace(f"a=fingerprint:sha-256 {PRINT}\r\n", ""),
    GOOD.replace(PRINT, PRINT[:-3]),
    GOOD.replace(PRINT, PRINT.replace("AB", "CD", 1), 1),
    GOOD.replace("a=ice-pwd:" + "p" * 24, "a=ice-pwd:short"),
    GOOD.replace("a=ice-ufrag:abcd\r\n", ""),
    GOOD.replace("a=rtcp-mux\r\n", "", 1),
    GOOD.replace("a=mid:1\r\n", "a=mid:0\r\n"),
    GOOD.replace("BUNDLE 0 1 2 3", "BUNDLE 0 1"),
    GOOD.replace("m=video", "m=application", 1),
    GOOD.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP", 1),
    GOOD.replace("a=recvonly", "a=sendrecv", 1),
    GOOD.replace("opus/48000/2", "PCMU/8000"),
    GOOD.replace("VP8/90000", "AV1/90000").replace("H264/90000", "H265/90000"),
    GOOD.replace("a=setup:actpass", "a=setup:holdconn"),
    GOOD.replace("s=-", "s=\u4e2d"),
    GOOD.replace("s=-", "s=\x00"),
    offer(slots=7),
    offer(slots=40),
    GOOD + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
]


@pytest.mark.parametrize("sdp", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_offers_are_refused(sdp):
    with pytest.raises(Refused) as refused:
        read_offer(sdp)
    assert refused.value.key == "media.bad-offer"


def test_mutated_offers_raise_nothing_but_refused():
    chance = random.Random(7)
    read = refused = 0
    for _ in range(1500):
        rows = GOOD.split("\r\n")
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(rows))
            row = rows[at]
            rows[at] = chance.choice(
                ["", row[::-1], row * 2, row[: len(row) // 2], row.replace("1", "99999999999")]
            )
        try:
            read_offer("\r\n".join(rows)).text()
            read += 1
        except Refused:
            refused += 1
    assert read + refused == 1500
    assert min(read, refused) > 0
