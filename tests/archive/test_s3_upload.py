from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from odr.archive.s3_client import Bucket, connect
from odr.archive.s3_upload import PART, Shipment, Uploader, lock_until

UNTIL = datetime(2099, 1, 1, 8, 0, 0, 999, tzinfo=timezone(timedelta(hours=8)))


def test_a_lock_is_asked_for_in_whole_seconds_of_utc() -> None:
    assert lock_until(UNTIL) == {
        "ObjectLockMode": "COMPLIANCE",
        "ObjectLockRetainUntilDate": datetime(2099, 1, 1, tzinfo=UTC),
    }


@pytest.fixture
def uploader(s3_bucket: Bucket) -> Uploader:
    return Uploader(connect(s3_bucket), s3_bucket.name)


@pytest.mark.s3
def test_a_name_is_taken_once(uploader: Uploader, s3_bucket: Bucket) -> None:
    key = f"{s3_bucket.prefix}one"
    version = uploader.put(key, b"first", UNTIL)
    with pytest.raises(ClientError, match=r"PreconditionFailed|412"):
        uploader.put(key, b"second", UNTIL)
    uploader.client.put_object(Bucket=uploader.bucket, Key=key, Body=b"over it")
    assert uploader.first_version(key) == version
    assert uploader.first_version(f"{key}-never") == ""


@pytest.mark.s3
@pytest.mark.parametrize("size", [0, PART, PART + 1])
def test_a_file_sent_twice_is_one_version(
    uploader: Uploader, s3_bucket: Bucket, tmp_path: Path, size: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    shipment = Shipment(f"{s3_bucket.prefix}file", path, size, UNTIL)
    first = uploader.send(shipment)
    assert uploader.send(shipment) == first
    kept = uploader.client.head_object(Bucket="court", Key=shipment.key, VersionId=first)
    assert kept["ContentLength"] == size
    assert kept["ObjectLockMode"] == "COMPLIANCE"
