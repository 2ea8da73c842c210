"""Times of every stream become milliseconds of one film."""

from itertools import pairwise

from odr.recordings.timeline import SeatClock

SECOND = 1 << 32


def test_a_stream_begins_where_it_arrives_and_runs_by_its_own_clock():
    seat = SeatClock()
    assert seat.at("audio", 4_294_967_000, 500) == 500
    assert seat.at("audio", 47_704, 1700) == 1500  # a second later, over the wrap


def test_sound_and_picture_of_a_seat_are_tied_by_its_reports():
    seat = SeatClock()
    assert seat.at("audio", 0, 1000) == 1000
    assert seat.at("video", 0, 1150) == 1150  # the same moment, but it travelled longer
    seat.report("audio", 100 * SECOND, 0, 1000)
    seat.report("video", 100 * SECOND, 0, 1150)
    assert abs(seat.at("audio", 48_000, 2000) - seat.at("video", 90_000, 2150)) <= 2


def test_a_clock_that_runs_wrong_is_followed_slowly():
    seat = SeatClock()
    seat.at("audio", 0, 0)
    for second in range(3600):  # the sender's clock loses 40 ms in an hour
        arrival = second * 1000 * (1 + 40 / 3_600_000)
        seat.report("audio", second * SECOND, second * 48_000, arrival)
    assert abs(seat.at("audio", 3600 * 48_000, 3_600_040) - 3_600_040) <= 2


SKEW_MS, MINUTES = 150.0, 60
AUDIO_HZ, VIDEO_HZ = 48_000 * (1 + 100e-6), 90_000 * (1 - 80e-6)


def _hour(minutes=MINUTES):
    """An hour of a phone whose two sampling clocks run wrong and whose picture travels longer.

    Yields (seconds, place of the sound, place of the picture) of the same moment, each second.
    """
    seat = SeatClock()
    for second in range(minutes * 60):
        jitter = (second * 37) % 40
        audio, video = int(second * AUDIO_HZ) & 0xFFFFFFFF, int(second * VIDEO_HZ) & 0xFFFFFFFF
        heard = seat.at("audio", audio, second * 1000 + 20 + jitter)
        seen = seat.at("video", video, second * 1000 + 20 + SKEW_MS + jitter)
        if second % 5 == 2:
            ntp = (1_000_000 + second) * SECOND
            seat.report("audio", ntp, audio, second * 1000 + 20 + jitter)
            seat.report("video", ntp, video, second * 1000 + 20 + SKEW_MS + jitter)
        yield second, heard, seen


def test_skew_between_sound_and_picture_is_gone_after_the_first_reports():
    offsets = [abs(heard - seen) for second, heard, seen in _hour(2) if second > 2]
    assert max(offsets) <= 20


def test_an_hour_of_wrong_clocks_leaves_sound_and_picture_together():
    *_, (second, heard, seen) = _hour()
    assert abs(heard - seen) <= 40
    assert abs(heard - second * 1000) <= 60


def test_no_track_runs_backwards():
    for track in (1, 2):
        times = [row[track] for row in _hour(10)]
        moved = [after - before for before, after in pairwise(times)]
        assert min(moved) > 0


def test_sound_before_the_first_report_lies_where_it_arrived():
    seat = SeatClock()
    assert [seat.at("audio", turn * 960, 700 + turn * 20) for turn in range(3)] == [700, 720, 740]
    seat.report("video", 5 * SECOND, 0, 800)  # of a stream that has not begun: nothing changes
    seat.report("audio", 5 * SECOND, 960, 800)
    assert seat.at("audio", 3 * 960, 760) == 760


def test_the_sound_stays_and_the_picture_moves_whoever_reports_first():
    seat = SeatClock()
    seat.at("audio", 0, 1000)
    seat.at("video", 0, 1150)
    seat.report("video", 9 * SECOND, 0, 1150)
    seat.report("audio", 9 * SECOND, 0, 1000)
    assert seat.at("audio", 48_000, 2000) == 2000
    seat.report("video", 10 * SECOND, 90_000, 2150)
    assert abs(seat.at("video", 90_000, 2150) - 2000) <= 5


def test_a_sender_that_sets_its_clock_moves_nothing():
    seat = SeatClock()
    for second in range(20):
        seat.at("audio", second * 48_000, second * 1000)
        seat.at("video", second * 90_000, second * 1000)
        ntp = (second + (8 * 3600 if second > 9 else 0)) * SECOND
        seat.report("audio", ntp, second * 48_000, second * 1000)
        seat.report("video", ntp, second * 90_000, second * 1000)
    assert abs(seat.at("audio", 20 * 48_000, 20_000) - 20_000) <= 2
    assert abs(seat.at("video", 20 * 90_000, 20_000) - 20_000) <= 2


def test_a_stream_begun_anew_is_placed_where_it_arrives():
    seat = SeatClock()
    seat.at("audio", 0, 0)
    seat.report("audio", 5 * SECOND, 0, 0)
    assert seat.at("audio", 2_000_000_000, 4000) == 4000
    assert seat.at("audio", 2_000_000_960, 4020) == 4020
