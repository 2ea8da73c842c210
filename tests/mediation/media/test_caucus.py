"""Two of three talk apart: the third hears nothing, and not a byte of it is kept."""

import av
import pytest

from odr.mediation.media.engine import NAMES
from odr.mediation.media.ground import Ground
from odr.recordings import manifest

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
