import asyncio

import numpy as np
import pytest

from odr.simulation.picture import Look, Picture, PictureTrack, ToneTrack, pitch_of

LOOK = Look("陈国强", (100, 150), 440)


def test_the_clock_in_the_picture_runs():
    picture = Picture(LOOK)
    first, second = (picture.frame(moment).to_ndarray() for moment in (1.0, 2.0))
    assert first.shape == (360, 320)
    assert np.array_equal(first, picture.frame(1.0).to_ndarray())
    assert not np.array_equal(first[120:172], second[120:172])


def test_two_people_look_different():
    one, other = Picture(LOOK).frame(0), Picture(Look("林福根", (150, 110), 620)).frame(0)
    assert not np.array_equal(one.to_ndarray(), other.to_ndarray())


@pytest.mark.parametrize("pitch", [440, 620, 880, 1240])
def test_a_tone_is_recognised_by_its_pitch(pitch):
    async def listen():
        track = ToneTrack(Look("x", (128, 128), pitch))
        return [(await track.recv()).to_ndarray()[0] for _ in range(10)]

    sound = np.concatenate(asyncio.run(listen()))
    assert abs(pitch_of(sound) - pitch) <= 5


def test_silence_has_no_pitch():
    assert pitch_of(np.zeros(9600, dtype=np.int16)) == 0


def test_frames_carry_the_time_of_the_robots_clock():
    async def look():
        track = PictureTrack(LOOK)
        return [(await track.recv()).time for _ in range(3)]

    assert asyncio.run(look()) == pytest.approx([0.0, 0.1, 0.2])
