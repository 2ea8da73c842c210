"""A film gathers frames and gives them out in whole clusters."""

import pytest

from odr import chain
from odr.recordings import webm
from odr.recordings.film import Film

PICTURE = webm.Picture()


def test_nothing_gathered_is_nothing_to_write(tmp_path):
    assert Film(tmp_path, "a.1.webm").collect() is None


def test_pieces_follow_each_other_in_the_file(tmp_path):
    film = Film(tmp_path, "a.1.webm")
    pieces = []
    for t_ms in (5000, 6000):
        film.sound(t_ms, b"sound")
        film.picture(t_ms + 10, b"picture", PICTURE, key=True)
        pieces.append(film.write(film.collect()))
    film.close()
    whole = (tmp_path / "a.1.webm").read_bytes()
    first, second = pieces
    assert (first.offset, second.offset + second.size) == (0, len(whole))
    assert second.sha256 == chain.digest(whole[second.offset :])
    assert (first.t0_ms, first.t1_ms, first.audio, first.video) == (5000, 5010, True, True)


def test_after_an_error_the_same_place_is_written_again(tmp_path):
    film = Film(tmp_path, "a.1.webm")
    film.sound(0, b"sound")
    film.write(film.collect())
    with (tmp_path / "a.1.webm").open("ab") as torn:
        torn.write(b"half a cluster")
    film.sound(20, b"sound")
    film.write(film.collect())
    film.close()
    path = tmp_path / "a.1.webm"
    assert webm.intact_size(path) == path.stat().st_size


def test_an_existing_film_is_never_written_over(tmp_path):
    (tmp_path / "a.1.webm").touch()
    film = Film(tmp_path, "a.1.webm")
    film.sound(0, b"sound")
    with pytest.raises(FileExistsError):
        film.write(film.collect())


def test_sound_that_came_late_is_put_where_it_belongs(tmp_path):
    film = Film(tmp_path, "a.1.webm")
    for t_ms in (0, 40, 20, 60):
        film.sound(t_ms, bytes([t_ms]))
    data = film.collect().data
    places = [data.index(b"\x81\x00" + bytes([t_ms, 0x80, t_ms])) for t_ms in (0, 20, 40, 60)]
    assert places == sorted(places)


def test_no_track_runs_backwards_whatever_the_clock_says(tmp_path):
    film = Film(tmp_path, "a.1.webm")
    film.sound(1000, b"s")
    film.picture(1150, b"p", PICTURE, key=True)
    film.write(film.collect())
    film.sound(990, b"s")
    film.picture(1040, b"p", PICTURE, key=False)
    later = film.collect()
    film.close()
    assert (later.t0_ms, later.t1_ms) == (1001, 1151)
