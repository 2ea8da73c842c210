import os
import threading
from pathlib import Path
from uuid import UUID

import av
from sqlalchemy import select

from odr.archive import films
from odr.archive.depot import Depot
from odr.db import reading
from odr.mediation.models import Film
from odr.recordings.composite import Made
from tests.archive.conftest import SECONDS, Archive


def depot(archive: Archive) -> Depot:
    return Depot(archive.settings, archive.doors.authority, archive.doors.store, archive.tick)


def test_the_tracks_are_those_of_the_manifest(archive: Archive) -> None:
    tracks, duration_ms = films.tracks_of(archive.settings.recordings_dir / "room-1")
    assert sorted(track.seat for track in tracks) == ["a1", "m"]
    assert duration_ms == SECONDS * 1000


def test_a_film_is_made_once(archive: Archive) -> None:
    shooting = films.shooting_of(depot(archive), UUID(archive.payload["sitting"]), "film:test")
    assert shooting is not None
    assert set(shooting.reel.labels) == {"a1", "m"}
    films.make_composite(depot(archive), shooting)
    films.make_composite(depot(archive), shooting)
    with reading() as session:
        (row,) = session.scalars(select(Film))
        assert films.film_of(session, shooting.sitting_id) is row
        assert abs(row.duration_ms - SECONDS * 1000) <= 1000


def test_films_are_made_behind_everything_else(archive: Archive) -> None:
    nices: list[int] = []

    def work() -> Made:
        nices.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return Made(Path("x"), "", 0, 0)

    films._patiently(depot(archive), "film:test", work)
    assert nices == [19]


def test_each_track_gets_a_copy_in_which_a_player_can_jump(archive: Archive) -> None:
    shooting = films.shooting_of(depot(archive), UUID(archive.payload["sitting"]), "angles:test")
    assert shooting is not None
    films._make_finals(shooting)
    made = sorted(shooting.folder.glob("track-*.webm"))
    assert len(made) == len(shooting.reel.tracks)
    for path in made:
        with av.open(str(path)) as film:
            assert film.duration > 0


def test_a_sitting_without_recording_has_no_film(archive: Archive) -> None:
    (archive.settings.recordings_dir / "room-1" / "manifest.jsonl").unlink()
    sitting = UUID(archive.payload["sitting"])
    assert films.shooting_of(depot(archive), sitting, "film:test") is None
