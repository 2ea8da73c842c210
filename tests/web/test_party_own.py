import io
import json
import zipfile
from uuid import UUID

from odr import clock
from odr.archive import checkpoints
from odr.archive.depot import Depot
from odr.archive.note import Signer
from odr.bootstrap import bootstrap
from odr.db import reading, transaction
from tests.web.party_cast import CHEN

CHARLIE = ("13700137003", "查理", "11010519491231002X")


def test_she_takes_her_own_data_home_and_charlie_gets_nothing(browser, other):
    case = browser.register(CHEN).file()
    path = f"/p/cases/{case}/my-data.zip"
    assert path in browser.open(f"/p/cases/{case}").page.links
    answer = browser.client.get(path)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/zip", "no-store")
    body = json.loads(zipfile.ZipFile(io.BytesIO(answer.data)).read("my-data.json"))
    assert body["person"]["id_number"] == CHEN[2]
    other.register(CHARLIE)
    assert other.client.get(path).status_code == 404
    assert other.client.get(f"/p/cases/{case}/checkpoint.txt").status_code == 404
    assert other.client.get(f"/p/cases/{UUID(int=0)}/my-data.zip").status_code == 404


def test_she_keeps_the_newest_checkpoint_of_the_log(app, settings, browser):
    case = browser.register(CHEN).file()
    path = f"/p/cases/{case}/checkpoint.txt"
    assert browser.client.get(path).status_code == 404
    doors = bootstrap(settings)
    with app.app_context(), transaction() as session:
        depot = Depot(settings, doors.authority, doors.store, clock.now)
        size = checkpoints.cut(session, depot, "routine").size
    assert path in browser.open(f"/p/cases/{case}").page.links
    note = browser.client.get(path).data.decode()
    assert Signer.load(settings.secrets_dir).verifier.open(note).size == size
    with app.app_context(), reading() as session:
        assert checkpoints.latest(session).note == note
