import io
import json
import zipfile
from uuid import UUID

from odr import clock
from odr.archive import checkpoints, continuity
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


def cut(app, settings):
    doors = bootstrap(settings)
    with app.app_context(), transaction() as session:
        return checkpoints.cut(
            session, Depot(settings, doors.authority, doors.store, clock.now), "x"
        )


def sent(browser, path, content, name="kept.txt"):
    data = {"csrf_token": browser.page.csrf, "file": (io.BytesIO(content.encode()), name)}
    return browser.client.post(path, data=data)


def test_she_has_a_checkpoint_compared_that_she_kept(app, settings, browser, other):
    case = browser.register(CHEN).file()
    path = f"/p/cases/{case}/checkpoint"
    kept = cut(app, settings).note
    other.register(CHARLIE)  # the log grows
    cut(app, settings)
    browser.open(f"/p/cases/{case}")
    good = sent(browser, path, kept)
    assert good.status_code == 200
    assert "记录没有被改动" in good.text
    proof = browser.client.post(
        f"{path}-proof.json", data={"csrf_token": browser.page.csrf, "kept": kept}
    )
    verifier = Signer.load(settings.secrets_dir).verifier
    assert continuity.check(kept, proof.text, verifier).ok
    forged = Signer.load(settings.secrets_dir).sign(2, bytes(32))
    bad = sent(browser, path, forged)
    assert "对不上" in bad.text
    assert "历史被改写" in bad.text
    for other_file in ("一张收据", kept.replace(kept.split("\n")[1], "2")):
        answer = sent(browser, path, other_file).text
        assert "这份文件不能用来核对" in answer
        assert "对不上" not in answer  # nobody is frightened by a wrong file
    assert sent(browser, path, "", "").status_code == 400
    other.open("/p")
    assert sent(other, path, kept).status_code == 404
    data = {"csrf_token": other.page.csrf, "kept": kept}
    assert other.client.post(f"{path}-proof.json", data=data).status_code == 404
