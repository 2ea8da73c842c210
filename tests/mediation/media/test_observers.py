"""Who only watches: hears and sees everybody, is heard and seen by nobody, is not recorded, takes no seat."""

import asyncio

import pytest

from odr.recordings import manifest


@pytest.fixture(params=["native", "fast", "hook"])
def engine(request):
    return request.param


def test_an_observer_sees_both_and_nobody_sees_her(lived, kit, settings):
    async def story(house):
        await house.ok("open", meta=kit.META)
        a, b, watcher = kit.Client(), kit.Client(), kit.Client()
        await a.enter(house, "a", 1)
        await b.enter(house, "b", 1)
        answer = await watcher.enter(house, "o1", 1, role="observer")
        assert sorted(filter(None, answer["slots"])) == ["a", "b"]
        await kit.until(lambda: all(watcher.got.get(line, 0) > 5 for line in range(4)))
        await kit.until(lambda: a.got.get(1, 0) > 5 and b.got.get(1, 0) > 5)
        assert a.got.keys() | b.got.keys() == {0, 1}  # each is sent the other one alone
        status = await house.ok("status")
        assert status["seats"]["o1"]["connected"]
        await house.ok("close")
        await asyncio.gather(*(one.leave() for one in (a, b, watcher)))

    lived(story)
    folder = settings.recordings_dir / "r1"
    assert [one for one in manifest.verify(folder) if not one.ok] == []
    assert {one.seat for one in manifest.summary(folder).files} == {"a", "b"}


def test_observers_take_no_seat_away_and_are_limited_themselves(lived, kit):
    async def story(house):
        await house.ok("open", meta=kit.META)
        clients = []

        async def tried(seat, **more):
            client = kit.Client(slots=1, video=False)
            clients.append(client)
            return await house.command(
                "attach", seat=seat, seat_epoch=1, sdp=await client.offer(), **more
            )

        for number in range(10):
            assert (await tried(f"o{number}", role="observer"))["ok"]
        refused = await tried("o10", role="observer")
        assert refused["error"] == "media.room-full"
        for seat in "abcdef":
            assert (await tried(seat))["ok"]
        assert (await tried("g"))["error"] == "media.room-full"
        again = await house.command("attach", seat="a", seat_epoch=2, sdp=await clients[0].offer())
        assert again["ok"]  # who has a seat keeps it when she comes again
        await asyncio.gather(*(client.leave() for client in clients))

    lived(story)


def test_an_observer_is_sent_all_six_seats(lived, kit):
    async def story(house):
        await house.ok("open", meta=kit.META)
        clients = [kit.Client(slots=1, video=False) for _ in "abcdef"]
        for seat, client in zip("abcdef", clients, strict=True):
            await client.enter(house, seat, 1)
        watcher = kit.Client(slots=6, video=False)
        answer = await watcher.enter(house, "o1", 1, role="observer")
        assert sorted(filter(None, answer["slots"])) == list("abcdef")
        await kit.until(lambda: all(watcher.got.get(2 * slot, 0) > 5 for slot in range(6)), 20)
        await asyncio.gather(*(one.leave() for one in (*clients, watcher)))

    lived(story)
