"""A full room of six, the last one late: everybody hears all the others, the late one sees at once."""

import asyncio

from odr.recordings import manifest

SEATS = "abcdef"
META = {
    "session": "s1",
    "recording": True,
    "seats": [{"seat": seat, "label": seat} for seat in SEATS],
}
SEEN = "ab"  # these two show a picture; six encoders would be a test of the machine


def enough(client, others, frames):
    return all(client.got.get(2 * slot, 0) > frames for slot in range(others))


def test_six_meet_and_the_last_one_comes_late(lived, kit, settings):
    async def story(house):
        await house.ok("open", meta=META)
        clients = [kit.Client(slots=5, video=seat in SEEN) for seat in SEATS]
        for seat, client in zip(SEATS[:5], clients, strict=False):
            await client.enter(house, seat, 1)
        await kit.until(lambda: all(enough(client, 4, 10) for client in clients[:5]), 20)
        late = clients[5]
        answer = await late.enter(house, "f", 1)
        assert sorted(filter(None, answer["slots"])) == list(SEATS[:5])
        slots = [2 * answer["slots"].index(seat) + 1 for seat in SEEN]
        await kit.until(lambda: all(late.got.get(slot, 0) > 3 for slot in slots))
        await kit.until(lambda: all(enough(client, 5, 10) for client in clients), 20)
        status = await house.ok("status")
        assert all(status["seats"][seat]["connected"] for seat in SEATS)
        await house.ok("close")
        await asyncio.gather(*(client.leave() for client in clients))

    lived(story)
    folder = settings.recordings_dir / "r1"
    assert [one for one in manifest.verify(folder) if not one.ok] == []
    files = manifest.summary(folder).files
    assert {one.seat for one in files if one.audio} == set(SEATS)
    assert {one.seat for one in files if one.video} == set(SEEN)
