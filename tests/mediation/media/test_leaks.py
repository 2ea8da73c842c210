"""People come and go: afterwards the node is as it was before they came."""

import asyncio
import gc
from contextlib import suppress
from pathlib import Path

import pytest

from odr.mediation.media.peer import Peer

TURNS = 6


@pytest.fixture(params=["native", "fast", "hook"])
def engine(request):
    return request.param


def standing():
    """What is there now: tasks that are not done, peers that anybody still holds, open files but for films."""
    gc.collect()
    peers = len(held())
    files = [name for name in opened() if not name.endswith(".webm")]
    return len(asyncio.all_tasks()), peers, len(files)


def held():
    """The peers that anybody still holds, without looking for circles first."""
    return [one for one in gc.get_objects() if isinstance(one, Peer)]


def opened():
    """The files that are open, by name."""
    names = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one by which we look
            names.append(str(link.readlink()))
    return names


def films_open():
    return [name for name in opened() if name.endswith(".webm")]


def back_at(before):
    """Whether nothing is left of what came after that."""
    return lambda: all(now <= then for now, then in zip(standing(), before, strict=True))


async def come_and_go(house, kit, turn, how):
    client = kit.Client()
    await client.enter(house, "a", turn)
    if how == "told":
        await house.ok("detach", seat="a")
    await client.leave()
    await kit.until(lambda: house.types().count("seat-lost") >= turn)


@pytest.mark.parametrize("how", ["told", "gone"])
def test_who_came_and_went_leaves_nothing_behind(lived, kit, how):
    async def story(house):
        await house.ok("open", meta=kit.META)
        await come_and_go(house, kit, 1, how)
        await kit.until(lambda: standing()[1] == 0)
        before = standing()
        for turn in range(2, TURNS + 2):
            await come_and_go(house, kit, turn, how)
        await kit.until(back_at(before))
        await kit.until(lambda: len(films_open()) <= 1)
        return before, standing()

    before, after = lived(story)
    assert all(now <= then for now, then in zip(after, before, strict=True))


def test_a_seat_that_is_taken_over_many_times_is_one_seat(lived, kit):
    async def story(house):
        await house.ok("open", meta=kit.META)
        clients = []
        for turn in range(1, TURNS):
            clients.append(kit.Client())
            await clients[-1].enter(house, "a", turn)
        await kit.until(lambda: standing()[1] == 1)
        status = await house.ok("status")
        await asyncio.gather(*(client.leave() for client in clients))
        await kit.until(lambda: standing()[1] == 0)
        return status["seats"]

    seats = lived(story)
    assert {seat: one["epoch"] for seat, one in seats.items()} == {"a": TURNS - 1}


def test_a_room_that_is_closed_is_gone(lived, kit):
    async def story(house):
        before = standing()
        await house.ok("open", meta=kit.META)
        client = kit.Client()
        await client.enter(house, "a", 1)
        await house.ok("close")
        await client.leave()
        await kit.until(back_at(before))
        assert films_open() == []

    lived(story)


def test_who_has_left_is_let_go_at_once_and_not_when_somebody_tidies_up(lived, kit):
    """A node looks for circles rarely, and a peer holds a thousand packets."""

    async def story(house):
        await house.ok("open", meta=kit.META)
        gc.collect()
        gc.disable()
        try:
            await come_and_go(house, kit, 1, "told")
            await kit.until(lambda: not held())
            return held()
        finally:
            gc.enable()

    assert lived(story) == []
