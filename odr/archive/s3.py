"""The court's store as an S3 bucket with Object Lock; it does not know what a case is.

    <prefix>bags/<name>/<file>      locked in COMPLIANCE mode until the parcel may go
    <prefix>receipts/<name>.json    the receipt and the version of every file: it comes last and makes it kept

Reading is always by version, and of a receipt the oldest version counts: what somebody puts over a name, or a
delete marker that hides it, changes nothing.
"""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from odr import chain
from odr.archive import s3_probe
from odr.archive.files import digest_of
from odr.archive.s3_client import (
    COMPLIANCE,
    EXISTS,
    MISSING,
    Body,
    Bucket,
    code_of,
    connect,
    outside,
)
from odr.archive.s3_upload import PART, Shipment, Uploader
from odr.archive.store import (
    Kept,
    Parcel,
    Probe,
    Receipt,
    listing,
    receipt_from_json,
    require_file,
    require_name,
    require_same,
    tree_hash,
)
from odr.errors import NotFound, Refused, Tampered, Unavailable

LOCKED = {"AccessDenied", "ObjectLocked", "InvalidRequest", "403"}


@dataclass(frozen=True)
class Record:
    """What the bucket remembers of a parcel: the receipt and the version of every file."""

    receipt: Receipt
    versions: Mapping[str, str]


class S3Store:
    """Keeps each parcel below ``bags/<name>/`` in one bucket."""

    def __init__(self, bucket: Bucket, part: int = PART) -> None:
        """Nothing is asked of the server yet."""
        self._bucket, self._part = bucket, part

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 -- boto3 makes its clients at run time
        return connect(self._bucket)

    @cached_property
    def _uploader(self) -> Uploader:
        return Uploader(self._client, self._bucket.name, self._part)

    def put_once(self, parcel: Parcel) -> Receipt:
        """Send a folder; see the port. A killed predecessor's parts are not sent again."""
        name = require_name(parcel.name)
        wanted = listing(parcel.folder)
        with outside(self._bucket.place):
            record = self._record(name)
            if record is None:
                record = self._settled(parcel, wanted, self._send(parcel, wanted))
            else:
                self._require_whole(record, name)
        require_same(name, record.receipt.files, wanted)
        return record.receipt

    def receipt(self, name: str) -> Receipt | None:
        """The receipt as it was given, or None."""
        with outside(self._bucket.place):
            record = self._record(require_name(name))
        return record.receipt if record else None

    def open(self, name: str, file: str) -> BinaryIO:
        """One kept file, in the version that was put."""
        name, file = require_name(name), require_file(file)
        with outside(self._bucket.place):
            record = self._record(name)
        if record is None or file not in record.versions:
            raise NotFound("archive.file-missing", item=f"{name}/{file}")
        return self._open(name, file, record.versions[file])[0]

    def names(self) -> list[str]:
        """What is kept, sorted."""
        prefix = f"{self._bucket.prefix}receipts/"
        with outside(self._bucket.place):
            keys = {str(version["Key"]) for version in self._uploader.versions(prefix)}
        return sorted(key.removeprefix(prefix).removesuffix(".json") for key in keys)

    def delete(self, name: str, now: datetime) -> None:
        """Throw away a parcel whose time is over, by our clock and by the server's; Refused before."""
        with outside(self._bucket.place):
            record = self._record(require_name(name))
        if record is None:
            raise NotFound("archive.file-missing", item=name)
        until = record.receipt.retain_until
        if now < until:
            raise Refused("archive.must-stay", name=name, until=f"{until:%Y-%m-%d}")
        try:
            with outside(self._bucket.place):
                self._remove(name, record)
        except Unavailable as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and code_of(cause) in LOCKED:
                raise Refused("archive.must-stay", name=name, until=f"{until:%Y-%m-%d}") from error
            raise

    def probe(self, now: datetime) -> Probe:
        """Attack a canary in this bucket; the lock of the canary ends after some minutes."""
        with outside(self._bucket.place):
            attacks = s3_probe.attack(self._client, self._bucket.name, self._bucket.prefix)
        return Probe(f"s3:{self._bucket.place}", now, attacks)

    def _key(self, name: str, file: str) -> str:
        return f"{self._bucket.prefix}bags/{name}/{file}"

    def _receipt_key(self, name: str) -> str:
        return f"{self._bucket.prefix}receipts/{name}.json"

    def _record(self, name: str) -> Record | None:
        key = self._receipt_key(name)
        version = self._uploader.first_version(key)
        if not version:
            return None
        answer = self._client.get_object(Bucket=self._bucket.name, Key=key, VersionId=version)
        body = json.loads(answer["Body"].read())
        return Record(receipt_from_json(body["receipt"]), body["versions"])

    def _send(self, parcel: Parcel, wanted: Mapping[str, Kept]) -> dict[str, str]:
        return {
            file: self._uploader.send(
                Shipment(
                    self._key(parcel.name, file),
                    parcel.folder / file,
                    kept.size,
                    parcel.retain_until,
                )
            )
            for file, kept in sorted(wanted.items())
        }

    def _settled(
        self, parcel: Parcel, wanted: Mapping[str, Kept], versions: dict[str, str]
    ) -> Record:
        """Read everything back by version, and only then write the receipt."""
        receipt = Receipt(
            location=f"s3:{self._bucket.place}/{self._key(parcel.name, '')}",
            version=chain.digest(chain.canonical(versions))[:16],
            size=sum(kept.size for kept in wanted.values()),
            sha256=tree_hash(wanted),
            retain_until=parcel.retain_until,
            verified_at=parcel.now,
            files=dict(wanted),
        )
        record = Record(receipt, versions)
        self._require_whole(record, parcel.name)
        body = chain.canonical({"receipt": receipt.to_json(), "versions": versions})
        try:
            self._uploader.put(self._receipt_key(parcel.name), body, parcel.retain_until)
        except ClientError as error:
            if code_of(error) not in EXISTS:
                raise
        return self._record(parcel.name) or record

    def _require_whole(self, record: Record, name: str) -> None:
        """Every file reads as the receipt says, and is locked; Tampered names the first that does not."""
        for file, kept in sorted(record.receipt.files.items()):
            body, answer = self._open(name, file, record.versions[file])
            with body:
                if digest_of(body) != (kept.size, kept.sha256):
                    raise Tampered("archive.other-content", name=name, item=file)
            self._require_lock(answer, record.receipt.retain_until, f"{name}/{file}")

    def _require_lock(self, answer: Mapping[str, Any], until: datetime, item: str) -> None:
        locked = answer.get("ObjectLockRetainUntilDate", datetime.min.replace(tzinfo=UTC))
        if answer.get("ObjectLockMode") != COMPLIANCE or locked < until.replace(microsecond=0):
            raise Unavailable("archive.not-locked", permanent=True, item=item)

    def _open(self, name: str, file: str, version: str) -> tuple[BinaryIO, Mapping[str, Any]]:
        place = self._bucket.place
        key = self._key(name, file)
        try:
            with outside(place):
                answer = self._client.get_object(
                    Bucket=self._bucket.name, Key=key, VersionId=version
                )
        except Unavailable as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and code_of(cause) in MISSING:
                raise NotFound("archive.file-missing", item=f"{name}/{file}") from error
            raise
        return io.BufferedReader(Body(answer["Body"], place), 1 << 20), answer

    def _remove(self, name: str, record: Record) -> None:
        for key, version in self._objects(name, record):
            self._client.delete_object(Bucket=self._bucket.name, Key=key, VersionId=version)

    def _objects(self, name: str, record: Record) -> Iterator[tuple[str, str]]:
        """Files first: while the receipt stands, a deletion that was cut short can be repeated."""
        for file, version in record.versions.items():
            yield self._key(name, file), version
        key = self._receipt_key(name)
        for one in list(self._uploader.versions(key)):
            yield key, str(one["VersionId"])
