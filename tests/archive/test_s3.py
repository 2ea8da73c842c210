import hashlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from odr.archive.s3 import S3Store
from odr.archive.s3_client import Bucket, connect, server_time
from odr.archive.store import Parcel
from odr.errors import NotFound, OdrError, Refused, Tampered, Unavailable
from odr.settings import Secret
from tests.archive.s3_server import KEYS, PART, UNLOCKED, Server, free_ports

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
UNTIL = datetime(2099, 1, 1, tzinfo=UTC)
FILM = "data/films/a.mp4"
PARTS = 8


def bag(folder: Path, size: int = PARTS * PART - 7, until: datetime = UNTIL) -> Parcel:
    (folder / FILM).parent.mkdir(parents=True)
    (folder / FILM).write_bytes(os.urandom(size))
    (folder / "bagit.txt").write_bytes(b"BagIt")
    return Parcel("case-1", folder, until, NOW)


def counting(store: S3Store) -> Counter[str]:
    """Requests that change something, by name, as they leave."""
    sent: Counter[str] = Counter()

    def count(model: object, **_: object) -> None:
        sent[model.name] += 1  # type: ignore[attr-defined]

    for name in ("PutObject", "UploadPart", "CreateMultipartUpload", "CompleteMultipartUpload"):
        store._client.meta.events.register(f"before-call.s3.{name}", count)
    return sent


def digest(store: S3Store, file: str) -> str:
    with store.open("case-1", file) as kept:
        return hashlib.sha256(kept.read()).hexdigest()


def test_a_store_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    store = S3Store(Bucket(f"http://127.0.0.1:{port}", "court", "us-east-1", *KEYS))
    with pytest.raises(Unavailable) as refusal:
        store.put_once(bag(tmp_path / "bag", 10))
    assert refusal.value.key == "archive.store-away"
    assert not refusal.value.permanent
    assert str(KEYS[1]) not in str(refusal.value)


@pytest.mark.s3
def test_a_film_goes_in_parts_and_only_once(s3_store: S3Store, tmp_path: Path) -> None:
    parcel, sent = bag(tmp_path / "bag"), counting(s3_store)
    first = s3_store.put_once(parcel)
    assert sent == {
        "UploadPart": PARTS,
        "CreateMultipartUpload": 1,
        "CompleteMultipartUpload": 1,
        "PutObject": 2,
    }
    assert s3_store.put_once(parcel) == first
    assert sent["UploadPart"] == PARTS
    assert digest(s3_store, FILM) == first.files[FILM].sha256


@pytest.mark.s3
def test_the_lock_ends_by_the_servers_clock(s3_store: S3Store, tmp_path: Path) -> None:
    client = s3_store._client
    now = server_time(client.head_bucket(Bucket="court"))
    s3_store.put_once(bag(tmp_path / "bag", 10, now + timedelta(seconds=3)))
    with pytest.raises(Refused):
        s3_store.delete("case-1", UNTIL)
    deadline = time.monotonic() + 20
    while s3_store.names() and time.monotonic() < deadline:
        try:
            s3_store.delete("case-1", UNTIL)
        except Refused:
            time.sleep(0.1)
    assert s3_store.names() == []
    assert s3_store.receipt("case-1") is None


@pytest.mark.s3
def test_what_is_put_over_a_name_or_hides_it_changes_nothing(
    s3_store: S3Store, s3_bucket: Bucket, tmp_path: Path
) -> None:
    receipt = s3_store.put_once(bag(tmp_path / "bag", 10))
    client = connect(s3_bucket)
    for key in ("receipts/case-1.json", f"bags/case-1/{FILM}"):
        client.put_object(Bucket="court", Key=s3_bucket.prefix + key, Body=b"{}")
        client.delete_object(Bucket="court", Key=s3_bucket.prefix + key)
    assert s3_store.names() == ["case-1"]
    assert s3_store.receipt("case-1") == receipt
    assert digest(s3_store, FILM) == receipt.files[FILM].sha256


@pytest.mark.s3
def test_a_bucket_without_locks_takes_nothing(s3_server: Server, tmp_path: Path) -> None:
    store = S3Store(s3_server.bucket(UNLOCKED))
    with pytest.raises(Unavailable) as refusal:
        store.put_once(bag(tmp_path / "bag", 10))
    assert refusal.value.key in {"archive.store-refuses", "archive.not-locked"}
    assert store.names() == []


@pytest.mark.s3
def test_wrong_keys_are_said_without_showing_them(s3_bucket: Bucket) -> None:
    store = S3Store(replace(s3_bucket, secret_key=Secret("wrong-and-hidden")))
    with pytest.raises(Unavailable, match=r"SignatureDoesNotMatch|AccessDenied") as refusal:
        store.names()
    assert "wrong-and-hidden" not in str(refusal.value)


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from odr.archive.s3 import S3Store
from odr.archive.s3_client import Bucket
from odr.archive.store import Parcel
from odr.settings import Secret
endpoint, name, prefix, access, secret, folder, until, now, part, last = sys.argv[1:]
store = S3Store(Bucket(endpoint, name, "us-east-1", Secret(access), Secret(secret), prefix), int(part))
sent = []
def count(**_):
    sent.append(1)
    if len(sent) > int(last):
        os.kill(os.getpid(), signal.SIGKILL)
store._client.meta.events.register("before-call.s3.UploadPart", count)
store.put_once(Parcel("case-1", Path(folder), datetime.fromisoformat(until), datetime.fromisoformat(now)))
"""


@pytest.mark.s3
def test_a_killed_client_does_not_send_finished_parts_again(
    s3_store: S3Store, s3_bucket: Bucket, tmp_path: Path
) -> None:
    parcel = bag(tmp_path / "bag")
    words = [s3_bucket.endpoint, s3_bucket.name, s3_bucket.prefix, *map(str, KEYS)]
    words += [str(parcel.folder), UNTIL.isoformat(), NOW.isoformat(), str(PART), "5"]
    child = subprocess.run([sys.executable, "-c", KILLED, *words], timeout=60, check=False)
    assert child.returncode == -signal.SIGKILL
    assert s3_store.names() == []
    sent = counting(s3_store)
    receipt = s3_store.put_once(parcel)
    assert sent["UploadPart"] == PARTS - 5
    assert sent["CreateMultipartUpload"] == 0
    assert digest(s3_store, FILM) == receipt.files[FILM].sha256


@pytest.mark.s3
def test_parts_of_another_file_are_not_trusted(
    s3_store: S3Store, s3_bucket: Bucket, tmp_path: Path
) -> None:
    parcel, client = bag(tmp_path / "bag"), connect(s3_bucket)
    name = {"Bucket": "court", "Key": f"{s3_bucket.prefix}bags/case-1/{FILM}"}
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": UNTIL}
    upload = client.create_multipart_upload(**name, **lock)["UploadId"]
    client.upload_part(**name, UploadId=upload, PartNumber=1, Body=b"\0" * PART)
    sent = counting(s3_store)
    receipt = s3_store.put_once(parcel)
    assert sent["UploadPart"] == PARTS
    assert digest(s3_store, FILM) == receipt.files[FILM].sha256


@pytest.mark.s3
def test_a_killed_server_is_taken_up_again(
    s3_server: Server, s3_store: S3Store, tmp_path: Path
) -> None:
    parcel, sent = bag(tmp_path / "bag"), counting(s3_store)

    def fall(**_: object) -> None:
        if sent["UploadPart"] == 5:
            s3_server.kill()

    s3_store._client.meta.events.register("before-call.s3.UploadPart", fall)
    try:
        with pytest.raises(Unavailable) as refusal:
            s3_store.put_once(parcel)
    finally:
        s3_server.kill()
        s3_server.start()
    assert refusal.value.key == "archive.store-away"
    sent.update({"UploadPart": 100})
    receipt = s3_store.put_once(parcel)
    assert sent["UploadPart"] == 105 + PARTS - 4
    assert s3_store.put_once(parcel) == receipt


def backdoor(server: Server, path: str, *, method: str, data: bytes | None = None) -> bytes:
    url = f"{server.filer}/buckets/court/{quote(path)}?recursive=true"
    request = urllib.request.Request(url, data=data, method=method)
    request.add_header("Accept", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


@pytest.mark.s3
@pytest.mark.parametrize("harm", ["vanished", "truncated"])
def test_harm_done_behind_the_locks_is_found(
    s3_server: Server, s3_store: S3Store, s3_bucket: Bucket, tmp_path: Path, harm: str
) -> None:
    parcel = bag(tmp_path / "bag", 1000)
    s3_store.put_once(parcel)
    found = list(s3_store._uploader.versions(f"{s3_bucket.prefix}bags/case-1/{FILM}"))
    folder = f"{s3_bucket.prefix}bags/case-1/{FILM}.versions"
    file = f"{folder}/v_{found[0]['VersionId']}"
    if harm == "vanished":
        backdoor(s3_server, folder, method="DELETE")
    else:
        backdoor(s3_server, file, method="PUT", data=b"short")
    with pytest.raises((Tampered, NotFound)) as alarm:
        s3_store.put_once(parcel)
    assert FILM in str(alarm.value)
    assert isinstance(alarm.value, OdrError)
