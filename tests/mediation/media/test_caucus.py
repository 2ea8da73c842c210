"""Two of three talk apart: the third hears nothing, and not a byte of it is kept."""

import av
import pytest

from odr.mediation.media import rtp
from odr.mediation.media.engine import NAMES
from odr.mediation.media.ground import Ground
from odr.recordings import manifest
from odr.recordings.webm import OPUS_PRE_SKIP_NS

META = {"session": "s1", "recording": True, "seats": [{"seat": s, "label": s} for s in "amr"]}


@pytest.fixture(params=NAMES)
def engine(request):
    return request.param


async def entered(house, kit):
    await house.ok("open", meta=META)
    people = {seat: kit.Client() for seat in "amr"}
    for seat, client in people.items():
        await client.enter(house, seat, 1)
    for client in people.values():
        await kit.until(lambda client=client: all(client.got.get(i, 0) > 10 for i in range(4)))
    return people


def sizes(folder):
    return {path.name: path.stat().st_size for path in folder.glob("*.webm")}


def growth(client, before):
    """What has come on each slot since."""
    return {slot: client.got[slot] - count for slot, count in before.items()}


async def hushed(kit, waiting, inside):
    """What had left for who waits before the door closed arrives first; then a stretch of talk brings nothing."""
    for _ in range(10):
        heard, silent = dict(inside.got), dict(waiting.got)
        await kit.until(lambda heard=heard: growth(inside, heard)[0] > 20)
        if not any(growth(waiting, silent).values()):
            return silent
    raise AssertionError("it never became silent")


def test_a_caucus_is_heard_by_those_in_it_alone_and_leaves_no_byte(  # noqa: PLR0915 -- one story
    lived, kit, settings
):
    folder = settings.recordings_dir / "r1"

    async def story(house):
        people = await entered(house, kit)
        mediator, inside, waiting = people["m"], people["a"], people["r"]
        begun = await house.ok("caucus", seats=["a", "m"])
        before = sizes(folder)
        silent = await hushed(kit, waiting, inside)
        apart, aside = dict(inside.got), dict(mediator.got)
        # slots stand in the order of arrival: for a they are m and r, for m a and r, for r a and m
        await kit.until(lambda: growth(inside, apart)[0] > 60 and growth(mediator, aside)[0] > 60)
        assert set(growth(waiting, silent).values()) == {0}
        assert growth(inside, apart)[2] == growth(mediator, aside)[2] == 0
        assert not (await house.command("snapshot", seat="a"))["ok"]
        await house.ok("resume")
        late = kit.Client()
        await late.enter(house, "a", 2)  # who comes back comes back into the caucus
        aside = dict(mediator.got)
        await kit.until(lambda: growth(mediator, aside)[0] > 20 and late.got.get(0, 0) > 20)
        assert set(growth(waiting, silent).values()) == {0}
        assert sizes(folder) == before
        ended = await house.ok("caucus", seats=[])
        await kit.until(lambda: min(growth(waiting, silent).values()) > 20)
        await house.ok("close")
        for client in (*people.values(), late):
            await client.leave()
        return begun["t_ms"], ended["t_ms"]

    begun, ended = lived(story)
    assert [one for one in manifest.verify(folder) if not one.ok] == []
    found = manifest.summary(folder)
    (gap,) = [gap for gap in found.gaps if gap.why == "caucus"]
    assert abs(gap.from_ms - begun) < 100
    assert abs(gap.to_ms - ended) < 100
    with av.open(str(folder / "r.1.webm")) as film:
        times = [
            1000 * float(packet.pts * packet.time_base) for packet in film.demux() if packet.pts
        ]
    start = next(one.t0_ms for one in found.files if one.file == "r.1.webm")
    assert not [at for at in times if begun + 200 < at + start < ended - 200]


class Tap:
    """The numbers of all media that reaches a client, by SSRC, as decrypted."""

    def __init__(self, client):
        self.numbers = {}
        self._lines = [one.receiver for one in client.pc.getTransceivers()[2:]]
        self._lines[0]._set_rtcp_ssrc(7)
        transport = self._lines[0].transport
        self._handle, transport._handle_rtp_data = transport._handle_rtp_data, self._heard

    async def _heard(self, data, arrival_time_ms):
        packet = rtp.parse(data)
        if packet is not None:
            self.numbers.setdefault(packet.ssrc, []).append(packet.seq)
        await self._handle(data, arrival_time_ms)

    def count(self):
        return sum(map(len, self.numbers.values()))

    async def ask(self, ahead):
        """Ask on every line for the next numbers, as if they had been lost."""
        for ssrc, numbers in self.numbers.items():
            wanted = [(numbers[-1] + step) & 0xFFFF for step in range(1, ahead)]
            await self._lines[0]._send_rtcp_nack(ssrc, wanted)


def test_what_was_said_apart_cannot_be_had_by_asking_for_lost_packets(lived, kit):
    async def story(house):
        people = await entered(house, kit)
        inside, waiting = people["a"], people["r"]
        tap = Tap(waiting)
        await kit.until(lambda: len(tap.numbers) == 4)
        await house.ok("caucus", seats=["a", "m"])
        await hushed(kit, waiting, inside)
        before = {ssrc: numbers[-1] for ssrc, numbers in tap.numbers.items()}
        count = tap.count()
        for goal in (20, 40, 60):
            apart = dict(inside.got)
            await kit.until(lambda apart=apart, goal=goal: growth(inside, apart)[0] > goal)
            await tap.ask(250)
        assert tap.count() == count
        again = {ssrc: len(numbers) for ssrc, numbers in tap.numbers.items()}
        await house.ok("caucus", seats=[])
        await kit.until(lambda: all(len(tap.numbers[ssrc]) > had for ssrc, had in again.items()))
        steps = [(tap.numbers[ssrc][had] - before[ssrc]) & 0xFFFF for ssrc, had in again.items()]
        for client in people.values():
            await client.leave()
        return steps

    assert lived(story) == [1] * 4  # there is no number under which it could be asked for


def spoken(folder, name):
    """The times of the film's frames in milliseconds of the room."""
    start = next(one.t0_ms for one in manifest.summary(folder).files if one.file == name)
    with av.open(str(folder / name)) as film:
        packets = [one for one in film.demux() if one.pts is not None]
        return [start + 1000 * float(one.pts * one.time_base) + delay(one) for one in packets]


def delay(packet):
    """What a reader takes off the time of sound: the first samples of Opus are not played (RFC 7845 §4.2)."""
    return OPUS_PRE_SKIP_NS / 1e6 if packet.stream.type == "audio" else 0.0


def test_a_caucus_to_which_all_agree_is_in_the_film_without_who_waits(lived, kit, settings):
    folder = settings.recordings_dir / "r1"

    async def story(house):
        people = await entered(house, kit)
        inside, waiting = people["a"], people["r"]
        await house.ok("caucus", seats=["a", "m"])
        silent = await hushed(kit, waiting, inside)
        begun = await house.ok("caucus", seats=["a", "m"], recorded=True)
        apart = dict(inside.got)
        await kit.until(lambda: growth(inside, apart)[0] > 60)
        stopped = await house.ok("caucus", seats=["a", "m"], recorded=False)
        quiet, apart = sizes(folder), dict(inside.got)
        await kit.until(lambda: growth(inside, apart)[0] > 60)
        assert sizes(folder) == quiet
        again = await house.ok("caucus", seats=["a", "m"], recorded=True)
        apart = dict(inside.got)
        await kit.until(lambda: growth(inside, apart)[0] > 60)
        assert set(growth(waiting, silent).values()) == {0}
        ended = await house.ok("caucus", seats=[])
        await kit.until(lambda: min(growth(waiting, silent).values()) > 60)
        await house.ok("close")
        for client in people.values():
            await client.leave()
        return [one["t_ms"] for one in (begun, stopped, again, ended)]

    begun, stopped, again, ended = lived(story)
    assert [one for one in manifest.verify(folder) if not one.ok] == []
    gaps = manifest.summary(folder).gaps
    times = {seat: spoken(folder, f"{seat}.1.webm") for seat in "amr"}
    for seat in "am":
        for start, end in ((begun, stopped), (again, ended)):
            assert len([at for at in times[seat] if start < at < end]) > 50
        assert not [at for at in times[seat] if stopped + 200 < at < again - 200]
    assert not [at for at in times["r"] if begun < at < gaps[-1].to_ms]
    assert max(times["r"]) > ended + 500
    assert {gap.why for gap in gaps} == {"caucus"}


def test_a_node_that_takes_over_a_recorded_caucus_keeps_who_waits_out_of_it(lived, kit, settings):
    async def story(house):
        await house.ok("open", meta=META | {"caucus": ["a", "m"], "caucus_recorded": True})
        people = {seat: kit.Client() for seat in "amr"}
        for seat, client in people.items():
            await client.enter(house, seat, 1)
        await kit.until(lambda: people["a"].got.get(2, 0) + people["a"].got.get(0, 0) > 60)
        await house.ok("close")
        for client in people.values():
            await client.leave()

    lived(story)
    found = manifest.summary(settings.recordings_dir / "r1")
    assert {one.file for one in found.files} == {"a.1.webm", "m.1.webm"}


@pytest.mark.parametrize(
    "wrong", [{}, {"seats": "a"}, {"seats": [1]}, {"seats": [], "recorded": 1}]
)
def test_a_caucus_that_cannot_be_read_is_refused_and_changes_nothing(lived, kit, wrong):
    async def story(house):
        await house.ok("open", meta=META)
        answer = await house.command("caucus", **wrong)
        return answer, (await house.ok("status"))["seq"]

    answer, seq = lived(story)
    assert (answer["ok"], answer["error"]) == (False, "media.bad-command")
    assert seq == 0


def test_a_room_that_is_opened_again_during_a_caucus_stays_apart_and_unrecorded(
    lived, kit, settings
):
    async def story(house):
        await house.ok("open", meta=META | {"caucus": ["a", "m"]})
        people = {seat: kit.Client() for seat in "amr"}
        for seat, client in people.items():
            await client.enter(house, seat, 1)
        await kit.until(lambda: people["a"].got.get(0, 0) > 40 and people["m"].got.get(0, 0) > 40)
        assert people["r"].got == {}
        status = await house.ok("status")
        for client in people.values():
            await client.leave()
        return status

    assert lived(story)["bytes_on_disk"] == 0
    assert list((settings.recordings_dir / "r1").glob("*.webm")) == []


def test_on_a_full_disk_all_come_together_and_are_told_that_nothing_is_recorded(
    lived, kit, settings, monkeypatch
):
    full = []
    monkeypatch.setattr(Ground, "full", lambda _ground: bool(full))

    async def story(house):
        people = await entered(house, kit)
        await house.ok("caucus", seats=["a", "m"])
        full.append("yes")
        silent = dict(people["r"].got)
        await house.ok("caucus", seats=[])
        await kit.until(lambda: min(growth(people["r"], silent).values()) > 20)
        await kit.until(lambda: "disk-low" in house.types())
        before = sizes(settings.recordings_dir / "r1")
        assert (await house.command("resume"))["error"] == "media.disk-low"
        await kit.until(lambda: min(growth(people["r"], silent).values()) > 60)
        assert sizes(settings.recordings_dir / "r1") == before
        for client in people.values():
            await client.leave()

    lived(story)
