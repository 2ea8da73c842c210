from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from odr import jobs
from odr.db import reading, transaction
from odr.errors import Refused, Unavailable
from odr.jobs import Job, Order
from tests.people import NOW

ORDER = Order("film", "film:1", {"sitting": "1"}, NOW)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def add(order: Order = ORDER) -> None:
    with transaction() as session:
        jobs.add(session, order)


def fail() -> None:
    raise Refused("common.internal")


def the_job() -> Job:
    with reading() as session:
        job = session.scalars(select(Job)).one()
        session.expunge_all()
        return job


def test_a_job_is_done_once(database):
    done = []
    add()
    handlers = {"film": lambda payload: done.append(payload["sitting"])}
    assert jobs.run_one(handlers, worker="w", clock=Clock()) is True
    assert jobs.run_one(handlers, worker="w", clock=Clock()) is False
    assert done == ["1"]
    assert the_job().status == "done"


def test_the_same_key_twice_is_one_job(database):
    add()
    add()
    assert the_job().attempts == 0


def test_a_job_is_not_begun_before_its_time(database):
    add(Order("film", "film:1", {}, NOW + timedelta(seconds=1)))
    assert jobs.run_one({"film": lambda _: None}, worker="w", clock=Clock()) is False


def test_a_job_goes_with_its_cause_when_that_is_rolled_back(database):
    def cause() -> None:
        with transaction() as session:
            jobs.add(session, ORDER)
            fail()

    with pytest.raises(Refused):
        cause()
    with reading() as session:
        assert jobs.pending(session) == 0


def test_a_failed_job_is_tried_again_later_and_keeps_its_error(database):
    clock, add_up = Clock(), []

    def fails_once(_payload):
        add_up.append(1)
        if len(add_up) == 1:
            raise ValueError("the disk hiccups")

    add()
    jobs.run_one({"film": fails_once}, worker="w", clock=clock)
    job = the_job()
    assert (job.status, "hiccups" in job.error) == ("waiting", True)
    assert job.run_at > NOW
    clock.now = job.run_at
    assert jobs.run_one({"film": fails_once}, worker="w", clock=clock) is True
    assert the_job().status == "done"


def test_a_hopeless_job_waits_for_a_person_who_may_retry_it(database):
    def refuses(_payload):
        raise Unavailable("common.internal", permanent=True)

    add()
    jobs.run_one({"film": refuses}, worker="w", clock=Clock())
    with transaction() as session:
        (dead,) = jobs.dead(session)
        jobs.retry(session, dead.id, NOW)
    assert the_job().status == "waiting"


def test_a_job_that_fails_too_often_is_dead(database):
    def fails(_payload):
        raise ValueError

    add()
    clock = Clock()
    for _ in range(jobs.MOST_ATTEMPTS):
        assert the_job().status == "waiting"
        jobs.run_one({"film": fails}, worker="w", clock=clock)
        clock.now = the_job().run_at
    assert the_job().status == "dead"


def test_what_is_away_for_days_is_waited_for(database):
    def away(_payload):
        raise Unavailable("archive.store-away", place="court")

    add()
    clock = Clock()
    while clock.now < NOW + timedelta(days=2):
        jobs.run_one({"film": away}, worker="w", clock=clock)
        assert the_job().status == "waiting"
        clock.now = the_job().run_at
    done = []
    jobs.run_one({"film": done.append}, worker="w", clock=clock)
    assert (the_job().status, len(done)) == ("done", 1)


def test_the_job_of_a_killed_worker_is_taken_over_and_the_dead_one_settles_nothing(database):
    add()
    with transaction() as session:
        claimed = jobs.claim(session, worker="killed", now=NOW)
        job_id = claimed.id
        assert jobs.claim(session, worker="other", now=NOW) is None
    late = NOW + jobs.LEASE + timedelta(seconds=1)
    with transaction() as session:
        assert jobs.claim(session, worker="other", now=late).id == job_id
    assert jobs.renew(job_id, worker="killed", now=late) is False
    assert jobs.renew(job_id, worker="other", now=late) is True
    assert the_job().attempts == 2


def test_a_cron_row_is_armed_again(database):
    add(Order("fixity", "cron:fixity", {}, NOW, every=timedelta(hours=1)))
    jobs.run_one({"fixity": lambda _: None}, worker="w", clock=Clock())
    job = the_job()
    assert (job.status, job.run_at) == ("waiting", NOW + timedelta(hours=1))


def test_a_job_of_an_unknown_kind_is_kept_with_its_error(database):
    add()
    jobs.run_one({}, worker="w", clock=Clock())
    assert "film" in the_job().error


def test_waiting_grows_up_to_an_hour():
    assert jobs.backoff(1) < timedelta(seconds=3)
    assert timedelta(minutes=45) < jobs.backoff(30) < timedelta(minutes=75)
