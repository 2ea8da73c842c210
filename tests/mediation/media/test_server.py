"""A node with real clients: everybody sees everybody, everything is on disk, nothing goes unsaid."""

import asyncio
import base64

import av
import pytest

from odr.mediation.media.engine import NAMES
from odr.recordings import manifest


@pytest.fixture(params=NAMES)
def engine(request):
    return request.param


def _decoded(path):
    """Frames by kind that a film gives."""
    found = {"audio": 0, "video": 0}
    with av.open(str(path)) as film:
        kinds = {stream.type for stream in film.streams}
        for packet in film.demux():
            for _ in packet.decode():
                found[packet.stream.type] += 1
    assert kinds == {"audio", "video"}
    return found


def test_two_clients_meet_are_recorded_and_everything_verifies(  # noqa: PLR0915 -- one story
    lived, kit, settings
):
    async def story(house):
        opened = await house.ok("open", meta=kit.META)
        assert opened["recovered"] is False
        one, two = kit.Client(), kit.Client()
        assert (await one.enter(house, "a", 1))["slots"] == [None, None]
        assert (await two.enter(house, "b", 1))["slots"] == ["a", None]
        await kit.until(lambda: min(one.got.get(i, 0) for i in (0, 1)) > 20)
        await kit.until(lambda: min(two.got.get(i, 0) for i in (0, 1)) > 20)
        assert one.frames[1].width == 320
        told = {}
        for event in (e["body"] for e in house.events if e["type"] == "slots"):
            told.update(event)
        assert told == {"a": ["b", None], "b": ["a", None]}
        mark = await house.ok("mark", kind="step", body={"step": "rights"})
        still = await house.ok("snapshot", seat="a")
        assert base64.b64decode(still["jpeg_b64"])[:3] == b"\xff\xd8\xff"
        again = kit.Client()
        await again.enter(house, "a", 2)
        await kit.until(lambda: again.got.get(1, 0) > 5)
        before = dict(two.got)
        await kit.until(lambda: all(two.got[i] > before[i] + 10 for i in (0, 1)))
        stale = await house.command("attach", seat="a", seat_epoch=2, sdp="")
        assert stale["error"] == "media.stale-seat"
        status = await house.ok("status")
        assert status["seats"]["a"]["connected"]
        assert status["seats"]["a"]["epoch"] == 2
        await kit.until(lambda: "recording" in house.types())
        closed = await house.ok("close")
        for client in (one, two, again):
            await client.leave()
        return mark, still, closed

    mark, still, closed = lived(story)
    folder = settings.recordings_dir / "r1"
    wrong = [one for one in manifest.verify(folder) if not one.ok]
    assert wrong == []
    found = manifest.summary(folder)
    assert found.sealed
    assert found.head == closed["head"]
    assert mark["hash"] in {one.h for one in found.marks}
    assert (folder / still["file"]).read_bytes()[:2] == b"\xff\xd8"
    assert {one.file for one in found.files} == {"a.1.webm", "a.2.webm", "b.1.webm"}
    for film in found.files:
        frames = _decoded(folder / film.file)
        seconds = (film.t1_ms - film.t0_ms) / 1000
        assert frames["audio"] > seconds * 40
        assert frames["video"] > seconds * 10  # a busy machine encodes fewer than thirty


def test_sound_alone_is_recorded_and_a_pause_is_a_declared_gap(lived, kit, settings):
    async def story(house):
        await house.ok("open", meta=kit.META)
        await house.ok("pause")
        one = kit.Client(video=False)
        await one.enter(house, "a", 1)
        folder = settings.recordings_dir / "r1"
        assert not list(folder.glob("*.webm"))
        await house.ok("resume")
        await kit.until(lambda: list(folder.glob("*.webm")))
        same = await house.command("mark", cmd_id="once", kind="tap", body={"item": 1})
        assert await house.command("mark", cmd_id="once", kind="tap", body={"item": 1}) == same
        old = await house.command("mark", epoch=0, kind="tap", body={})
        assert old["error"] == "media.stale-epoch"
        await house.ok("close")
        await one.leave()

    lived(story)
    found = manifest.summary(settings.recordings_dir / "r1")
    assert [gap.why for gap in found.gaps] == ["paused"]
    assert [mark.name for mark in found.marks] == ["paused", "tap"]
    assert [film.audio for film in found.files] == [True]
    assert [film.video for film in found.files] == [False]


def test_recording_goes_on_while_the_web_is_away(lived, kit, settings):
    async def story(house):
        await house.ok("open", meta=kit.META)
        one = kit.Client()
        await one.enter(house, "a", 1)
        film = settings.recordings_dir / "r1" / "a.1.webm"
        await kit.until(film.exists)
        await house.stop()
        size = film.stat().st_size
        await kit.until(lambda: film.stat().st_size > size)
        await house.start()
        await kit.until(lambda: len(house.registered) == 2)
        assert house.registered[1]["rooms"][0]["room"] == "r1"
        await house.ok("close")
        await kit.until(lambda: house.events[-1]["type"] == "seat-lost")
        seqs = [event["seq"] for event in house.events]
        assert seqs == sorted(seqs)
        await one.leave()

    lived(story)


def test_a_bad_offer_is_refused_and_a_silent_one_is_given_up(lived, kit, monkeypatch):
    monkeypatch.setattr("odr.mediation.media.room.CONNECT_SECONDS", 0.5)

    async def story(house):
        await house.ok("open", meta=kit.META)
        bad = await house.command("attach", seat="a", seat_epoch=1, sdp="v=0\r\nm=nonsense")
        assert bad["error"] == "media.bad-offer"
        client = kit.Client()
        sdp = await client.offer()
        await house.ok("attach", seat="a", seat_epoch=1, sdp=sdp)
        await kit.until(lambda: "seat-lost" in house.types())
        assert house.events[-1]["body"]["why"] == "connect-timeout"
        await client.leave()
        await asyncio.sleep(0)

    lived(story)


def test_a_phone_that_knows_only_h264_is_seen_and_recorded(lived, kit, settings):
    async def story(house):
        await house.ok("open", meta=kit.META)
        one, two = kit.Client(only="H264"), kit.Client(only="H264")
        await one.enter(house, "a", 1)
        await two.enter(house, "b", 1)
        await kit.until(lambda: min(one.got.get(i, 0) for i in (0, 1)) > 20, 20)
        await kit.until(lambda: min(two.got.get(i, 0) for i in (0, 1)) > 20, 20)
        still = await house.ok("snapshot", seat="a")
        await house.ok("close")
        for client in (one, two):
            await client.leave()
        return still

    still = lived(story)
    folder = settings.recordings_dir / "r1"
    assert [one for one in manifest.verify(folder) if not one.ok] == []
    assert (folder / still["file"]).read_bytes()[:2] == b"\xff\xd8"
    frames: dict[tuple[str, str], int] = {}
    for film in manifest.summary(
        folder
    ).files:  # sound that came before the picture may have a part of its own
        for kind, count in _decoded(folder / film.file).items():
            frames[film.seat, kind] = frames.get((film.seat, kind), 0) + count
        with av.open(str(folder / film.file)) as opened:
            coded = {one.codec_context.name for one in opened.streams.video}
        assert coded == {"h264"} or not film.video
    assert set(frames) == {(seat, kind) for seat in "ab" for kind in ("audio", "video")}
    assert min(frames.values()) > 15
