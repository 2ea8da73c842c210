"""One receiver's line loses a third: she keeps the sound, the others keep everything, her picture comes back."""

from tests.mediation.media.ears import Ear
from tests.mediation.media.lossy import CLEAR, Weather
from tests.mediation.media.test_lossy import meet, part


def told(house, seat, of):
    """What a seat was told about the picture of another, in order."""
    events = [one["body"] for one in house.events if one["type"] == "pictures"]
    return [body[seat][of] for body in events if of in body.get(seat, {})]


def test_the_weak_receiver_loses_the_picture_only_and_only_for_a_while(lived, kit):
    async def story(house):
        link, one, two, _ = await meet(house, kit, seed=8)
        weak = Ear(one)  # aiortc's own jitter buffer waits seconds for what a browser gives up
        link.down = Weather(loss=0.33)
        await kit.until(lambda: told(house, "a", "b") == ["network"], seconds=15)
        sound, picture, other = len(weak.sound), weak.pictures, two.got[1]
        await kit.until(lambda: len(weak.sound) > sound + 25 and two.got[1] > other + 25)
        assert weak.pictures <= picture + 3  # what was on its way
        link.down = CLEAR
        await kit.until(lambda: told(house, "a", "b") == ["network", ""], seconds=20)
        picture = weak.pictures
        await kit.until(lambda: weak.pictures > picture + 20)
        assert told(house, "b", "a") == []
        await part(link, one, two)

    lived(story)
