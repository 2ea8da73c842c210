from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from odr import audit, jobs
from odr.archive import checkpoints, note, proof, service, tree
from odr.archive.depot import Depot
from odr.archive.folder import FolderStore
from odr.archive.models import Checkpoint
from odr.audit import AuditRow, Fact
from odr.db import reading, transaction
from odr.errors import Unavailable
from tests.archive.conftest import Doors
from tests.people import NOW


@pytest.fixture
def depot(database, authority) -> Depot:
    return Depot(database, authority, FolderStore(database.store_path), lambda: NOW)


class Away(FolderStore):
    def put_once(self, parcel):
        raise Unavailable("archive.store-away", place=parcel.name)


def write(count: int) -> None:
    with transaction() as session:
        for number in range(count):
            audit.record(session, Fact("case:filed", audit.SYSTEM, NOW, None, {"n": number}))


def cut(depot: Depot, count: int) -> Checkpoint | None:
    write(count)
    with transaction() as session:
        return checkpoints.cut(session, depot, "routine")


def test_a_checkpoint_is_signed_and_stamped_over_the_root_of_all_rows(depot):
    cut(depot, 3)
    made = cut(depot, 4)
    with reading() as session:
        leaves = [
            checkpoints.leaf_of(h)
            for h in session.scalars(select(AuditRow.h).order_by(AuditRow.seq))
        ]
    head = note.Signer.load(depot.settings.secrets_dir).verifier.open(made.note)
    assert (head.size, head.root) == (7, tree.root_of(leaves))
    root = proof.Root.from_pem(depot.authority.root_pem())
    assert proof.check_stamp(made.note.encode(), made.stamp, root) == NOW


def test_nothing_new_means_no_new_checkpoint(depot):
    assert cut(depot, 0) is None
    first = cut(depot, 2)
    assert cut(depot, 0).size == first.size == 2


def test_the_store_keeps_note_stamp_and_key_once(depot):
    made = cut(depot, 2)
    assert checkpoints.keep(depot) == 1
    assert checkpoints.keep(depot) == 0
    assert depot.store.names() == ["audit-checkpoint-000000000002"]
    with depot.store.open("audit-checkpoint-000000000002", checkpoints.NOTE) as file:
        assert file.read().decode() == made.note


def test_a_store_that_was_away_gets_all_of_them_later(depot):
    away = replace(depot, store=Away(depot.settings.store_path))
    for _ in range(3):
        cut(depot, 1)
        with pytest.raises(Unavailable):
            checkpoints.keep(away)
    assert checkpoints.keep(depot) == 3
    assert len(depot.store.names()) == 3


def test_the_queue_cuts_one_every_ten_minutes(depot):
    doors = Doors(depot.authority, depot.store)
    handlers = service.handlers(depot.settings, doors, now=depot.clock)
    checkpoints.arm(depot)
    checkpoints.arm(depot)
    write(2)
    assert jobs.run_one(handlers, worker="w", clock=lambda: NOW)
    write(1)
    assert not jobs.run_one(handlers, worker="w", clock=lambda: NOW + timedelta(minutes=9))
    assert jobs.run_one(handlers, worker="w", clock=lambda: NOW + timedelta(minutes=10))
    assert [name[-2:] for name in depot.store.names()] == ["02", "03"]
