"""Times of every stream become milliseconds of one film."""

from odr.recordings.timeline import SeatClock

SECOND = 1 << 32


def test_a_stream_begins_where_it_arrives_and_runs_by_its_own_clock():
    seat = SeatClock()
    assert seat.at("audio", 4_294_967_000, 500) == 500
    assert seat.at("audio", 47_704, 9999) == 1500  # a second later, over the wrap


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
    assert abs(seat.at("audio", 3600 * 48_000, 0) - 3_600_040) <= 2
