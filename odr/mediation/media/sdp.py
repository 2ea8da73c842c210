"""The offers of browsers, read strictly and written anew; it does not know connections.

Only what is understood goes on to the WebRTC library: a fixed order of media, SHA-256 fingerprints, Opus,
VP8 and H.264 with their streams of repeats (RFC 4588), no header extensions but loudness, and no
addresses: clients come to us, we go to nobody an offer names.
"""

import re
from dataclasses import dataclass, field

from odr.errors import Refused

LONGEST = 65_536  # Chromium with five slots writes 40 kB
MOST_SLOTS = 6  # an observer is sent all six seats
MOST_LINES = 2000
UPSTREAM = 2  # the first two lines are what the client sends
SHORTEST_ROW = 2
EXTENSION_IDS = range(1, 15)
KINDS = ("audio", "video")
MEDIA = re.compile(r"m=(audio|video) [0-9]{1,5} UDP/TLS/RTP/SAVPF ([0-9 ]{1,400})")
MID = re.compile(r"[A-Za-z0-9_.-]{1,16}")
ICE_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
ICE_PWD = re.compile(r"[A-Za-z0-9+/]{22,256}")
FINGERPRINT = re.compile(r"((?i:sha-(?:256|384|512))) ((?:[0-9A-Fa-f]{2}:){31,63}[0-9A-Fa-f]{2})")
SHA256_TEXT = 95
PAYLOAD_TYPE = re.compile(r"[0-9]{1,3}")
RTPMAP = re.compile(r"([0-9]{1,3}) ([A-Za-z0-9-]{1,20})/([0-9]{1,6})(?:/([0-9]))?")
EXTMAP = re.compile(r"([0-9]{1,2})(?:/[a-z]+)? (\S{1,200})(?: .*)?")
APT = re.compile(r"apt=([0-9]{1,3})(?:;.*)?")
PROFILE = re.compile(r"profile-level-id=(42(?:e0|E0|00)[0-9A-Fa-f]{2})")
LOUDNESS = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
SETUPS = {"actpass", "active", "passive"}
DIRECTIONS = {"sendonly", "recvonly", "inactive", "sendrecv"}
DYNAMIC = range(96, 128)
FEEDBACK = ("nack", "nack pli", "goog-remb")
REPEAT = "rtx/90000"


@dataclass(slots=True)
class Line:
    """One media line: its codecs by payload type ("opus", "vp8", "h264"), and the types of repeats."""

    kind: str
    formats: list[int]
    mid: str = ""
    direction: str = "sendrecv"
    codecs: dict[int, str] = field(default_factory=dict)
    repeats: dict[int, int] = field(default_factory=dict)  # type of a codec -> of its repeats
    details: dict[int, str] = field(default_factory=dict)
    feedback: set[tuple[str, str]] = field(default_factory=set)
    loudness: int = 0
    mux: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What a client sends (the first two lines) and can receive (pairs of lines)."""

    lines: list[Line]
    ufrag: str
    pwd: str
    fingerprint: str
    setup: str

    @property
    def slots(self) -> int:
        """How many others it can receive."""
        return len(self.lines) // 2 - 1

    def text(self) -> str:
        """The offer written anew from what was understood."""
        head = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
        head.append("a=group:BUNDLE " + " ".join(line.mid for line in self.lines))
        head.append("a=msid-semantic: WMS *")
        for line in self.lines:
            head += self._media(line)
        return "\r\n".join(head) + "\r\n"

    def _media(self, line: Line) -> list[str]:
        types = " ".join(str(pt) for pt in [*line.codecs, *line.repeats.values()])
        text = [f"m={line.kind} 9 UDP/TLS/RTP/SAVPF {types}", "c=IN IP4 0.0.0.0"]
        text += [f"a=ice-ufrag:{self.ufrag}", f"a=ice-pwd:{self.pwd}"]
        text += [f"a=fingerprint:sha-256 {self.fingerprint}", f"a=setup:{self.setup}"]
        text += [f"a=mid:{line.mid}", f"a={line.direction}", "a=rtcp-mux"]
        if line.loudness:
            text.append(f"a=extmap:{line.loudness} {LOUDNESS}")
        for pt, codec in line.codecs.items():
            text.append(f"a=rtpmap:{pt} {_RTPMAPS[codec]}")
            if codec == "h264":
                mode = "level-asymmetry-allowed=1;packetization-mode=1"
                text.append(f"a=fmtp:{pt} {mode};profile-level-id={_profile(line, pt)}")
            said = {kind for key, kind in line.feedback if key in ("*", str(pt))}
            text += [f"a=rtcp-fb:{pt} {kind}" for kind in FEEDBACK if kind in said]
        for pt, repeat in line.repeats.items():
            text += [f"a=rtpmap:{repeat} {REPEAT}", f"a=fmtp:{repeat} apt={pt}"]
        return text


_RTPMAPS = {"opus": "opus/48000/2", "vp8": "VP8/90000", "h264": "H264/90000"}


def read_offer(sdp: object) -> Offer:
    """The offer if it is one of ours, else Refused("media.bad-offer") with the reason."""
    if not isinstance(sdp, str) or len(sdp.encode("utf-8", "replace")) > LONGEST:
        raise _bad("size")
    rows = sdp.replace("\r\n", "\n").rstrip("\n").split("\n")
    if not rows or rows[0] != "v=0" or len(rows) > MOST_LINES or not sdp.isascii():
        raise _bad("form")
    if any(len(row) < SHORTEST_ROW or row[1] != "=" or not row.isprintable() for row in rows):
        raise _bad("form")
    lines: list[Line] = []
    shared: dict[str, set[str]] = {}
    for row in rows:
        if row.startswith("m="):
            lines.append(_media_line(row))
        elif row.startswith("a="):
            name, _, value = row[2:].partition(":")
            _attribute(name, value, lines[-1] if lines else None, shared)
    return _checked(lines, shared)


def _bad(why: str) -> Refused:
    return Refused("media.bad-offer", why=why)


def _media_line(row: str) -> Line:
    match = MEDIA.fullmatch(row)
    if match is None:
        raise _bad("media")
    return Line(match[1], [int(text) for text in match[2].split()])


def _attribute(name: str, value: str, line: Line | None, shared: dict[str, set[str]]) -> None:
    if name in ("ice-ufrag", "ice-pwd", "fingerprint", "setup", "group"):
        shared.setdefault(name, set()).add(value)
    elif line is None:
        return
    elif name == "mid":
        line.mid = value
    elif name in DIRECTIONS:
        line.direction = name
    elif name == "rtcp-mux":
        line.mux = True
    else:
        _codec_attribute(name, value, line)


def _codec_attribute(name: str, value: str, line: Line) -> None:
    head, _, rest = value.partition(" ")
    if name == "rtpmap" and (match := RTPMAP.fullmatch(value)):
        _remember_codec(match, line)
    elif name == "fmtp" and PAYLOAD_TYPE.fullmatch(head):
        line.details[int(head)] = rest
    elif name == "rtcp-fb":
        line.feedback.add((head, rest))
    elif name == "extmap" and (match := EXTMAP.fullmatch(value)) and match[2] == LOUDNESS:
        line.loudness = int(match[1]) if int(match[1]) in EXTENSION_IDS else 0


def _remember_codec(match: re.Match[str], line: Line) -> None:
    wanted = f"{match[2]}/{match[3]}" + (f"/{match[4]}" if match[4] else "")
    if wanted.lower() == REPEAT:
        line.codecs[int(match[1])] = REPEAT
    for codec, rtpmap in _RTPMAPS.items():
        if rtpmap.lower() == wanted.lower():
            line.codecs[int(match[1])] = codec


def _profile(line: Line, pt: int) -> str:
    match = PROFILE.search(line.details.get(pt, ""))
    return match[1] if match else "42e01f"


def _checked(lines: list[Line], shared: dict[str, set[str]]) -> Offer:
    if not 1 <= len(lines) // 2 <= MOST_SLOTS + 1 or len(lines) % 2:
        raise _bad("count")
    mids = [line.mid for line in lines]
    if len(set(mids)) != len(mids) or not all(MID.fullmatch(mid) for mid in mids):
        raise _bad("mid")
    if shared.get("group") != {"BUNDLE " + " ".join(mids)}:
        raise _bad("bundle")
    for index, line in enumerate(lines):
        _check_line(index, line)
    setup = _only(shared, "setup")
    if setup not in SETUPS:
        raise _bad("setup")
    ufrag, pwd = _only(shared, "ice-ufrag"), _only(shared, "ice-pwd")
    if not ICE_UFRAG.fullmatch(ufrag) or not ICE_PWD.fullmatch(pwd):
        raise _bad("ice")
    return Offer(lines, ufrag, pwd, _fingerprint(shared.get("fingerprint", set())), setup)


def _fingerprint(said: set[str]) -> str:
    """The one SHA-256 fingerprint; longer ones may stand beside it, weaker ones may not."""
    found = set()
    for text in said:
        match = FINGERPRINT.fullmatch(text)
        if match is None:
            raise _bad("fingerprint")
        if match[1].lower() == "sha-256":
            found.add(match[2].upper())
    if len(found) != 1 or len(next(iter(found))) != SHA256_TEXT:
        raise _bad("fingerprint")
    return found.pop()


def _only(shared: dict[str, set[str]], name: str) -> str:
    values = shared.get(name, set())
    if len(values) != 1:
        raise _bad(name)
    return next(iter(values))


def _check_line(index: int, line: Line) -> None:
    allowed = {"sendonly", "inactive"} if index < UPSTREAM else {"recvonly", "inactive"}
    if line.kind != KINDS[index % 2] or not line.mux:
        raise _bad("media")
    if line.direction not in allowed:
        raise _bad("direction")
    said, line.codecs = line.codecs, _usable(line)
    if not line.codecs:
        raise _bad("codec")
    if index < UPSTREAM:  # one codec upstream, the preferred one
        codec = "opus" if line.kind == "audio" else "vp8"
        first = [pt for pt, name in line.codecs.items() if name == codec] or list(line.codecs)
        line.codecs = {first[0]: line.codecs[first[0]]}
    line.repeats = _repeats(line, said)
    if index != 0:
        line.loudness = 0


def _usable(line: Line) -> dict[int, str]:
    """The first payload type of each codec we know, in the order of the offer."""
    kinds = {"audio": ("opus",), "video": ("vp8", "h264")}[line.kind]
    found: dict[str, int] = {}
    for pt in line.formats:
        codec = line.codecs.get(pt, "")
        if codec not in kinds or pt not in DYNAMIC or codec in found:
            continue
        details = line.details.get(pt, "")
        h264 = "packetization-mode=1" in details and PROFILE.search(details)
        if codec != "h264" or h264:
            found[codec] = pt
    return {pt: codec for codec, pt in found.items()}


def _repeats(line: Line, said: dict[int, str]) -> dict[int, int]:
    """The type under which each codec's packets may come again (RFC 4588): only where they are asked for."""
    found: dict[int, int] = {}
    for repeat in line.formats:
        if said.get(repeat) != REPEAT or repeat not in DYNAMIC:
            continue
        match = APT.fullmatch(line.details.get(repeat, ""))
        pt = int(match[1]) if match else -1
        if pt in line.codecs and pt not in found and _asks(line, pt):
            found[pt] = repeat
    return found


def asks_again(line: Line) -> bool:
    """Whether lost packets of a line may be asked for (NACK, RFC 4585 §4.2)."""
    return all(_asks(line, pt) for pt in line.codecs)


def _asks(line: Line, pt: int) -> bool:
    return bool({("*", "nack"), (str(pt), "nack")} & line.feedback)
