"""One file on its way into a locked S3 bucket, resumable after a kill; it does not know what the file is.

The server is the only memory: unfinished uploads are found by ListMultipartUploads, their parts by ListParts
and trusted by MD5 (the ETag; several servers do not list SHA-256). What was sent in doubt is read back whole.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from odr.archive.s3_client import COMPLIANCE, EXISTS, code_of

PART = 8 << 20
MAX_PARTS = 10_000  # the limit of S3
GONE = {"NoSuchUpload"}


@dataclass(frozen=True)
class Shipment:
    """A file, its name in the bucket and its lock."""

    key: str
    path: Path
    size: int
    retain_until: datetime


@dataclass(frozen=True)
class Uploader:
    """Sends files into one bucket; ``client`` is boto3's."""

    client: Any
    bucket: str
    part: int = PART

    def send(self, shipment: Shipment) -> str:
        """The version that holds the file; one that is there already is not sent again."""
        if shipment.size > self.part and (there := self.first_version(shipment.key)):
            return there
        try:
            if shipment.size > self.part:
                return self._multipart(shipment)
            return self.put(shipment.key, shipment.path.read_bytes(), shipment.retain_until)
        except ClientError as error:
            # 412: it was there. NoSuchUpload: a repeated completion whose first answer was lost.
            if code_of(error) in EXISTS | GONE and (there := self.first_version(shipment.key)):
                return there
            raise

    def put(self, key: str, data: bytes, retain_until: datetime) -> str:
        """Put a small object once, locked; ClientError 412 when the name is taken."""
        answer = self.client.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=data,
            ChecksumSHA256=_sha256(data),
            IfNoneMatch="*",
            **lock_until(retain_until),
        )
        return self._version(key, answer)

    def first_version(self, key: str) -> str:
        """The oldest version of a name, whatever was put over it later; "" when there is none."""
        found = [v for v in self.versions(key) if v["Key"] == key]
        found.reverse()  # listed newest first; the times are coarse, and min takes the first of equals
        oldest = min(found, key=lambda version: version["LastModified"], default=None)
        return str(oldest["VersionId"]) if oldest else ""

    def versions(self, prefix: str) -> Iterator[dict[str, Any]]:
        """All versions below a prefix, those hidden by a delete marker too."""
        pages = self.client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
            yield from page.get("Versions", [])

    def _multipart(self, shipment: Shipment) -> str:
        upload = self._unfinished(shipment.key) or self._begin(shipment)
        there = self._parts(shipment.key, upload)
        size = max(self.part, -(-shipment.size // MAX_PARTS))
        with shipment.path.open("rb") as file:
            parts = [
                self._part(shipment.key, upload, number, data, there)
                for number, data in enumerate(_pieces(file, size), 1)
            ]
        answer = self.client.complete_multipart_upload(
            Bucket=self.bucket,
            Key=shipment.key,
            UploadId=upload,
            MultipartUpload={"Parts": parts},
            IfNoneMatch="*",
        )
        return self._version(shipment.key, answer)

    def _begin(self, shipment: Shipment) -> str:
        answer = self.client.create_multipart_upload(
            Bucket=self.bucket,
            Key=shipment.key,
            ChecksumAlgorithm="SHA256",
            **lock_until(shipment.retain_until),
        )
        return str(answer["UploadId"])

    def _unfinished(self, key: str) -> str:
        """The newest unfinished upload of a name; older ones can only hold less."""
        pages = self.client.get_paginator("list_multipart_uploads")
        found = [
            upload
            for page in pages.paginate(Bucket=self.bucket, Prefix=key)
            for upload in page.get("Uploads", [])
            if upload["Key"] == key
        ]
        newest = max(found, key=lambda upload: upload["Initiated"], default=None)
        return str(newest["UploadId"]) if newest else ""

    def _parts(self, key: str, upload: str) -> dict[int, str]:
        pages = self.client.get_paginator("list_parts")
        return {
            int(part["PartNumber"]): str(part["ETag"]).strip('"')
            for page in pages.paginate(Bucket=self.bucket, Key=key, UploadId=upload)
            for part in page.get("Parts", [])
        }

    def _part(
        self, key: str, upload: str, number: int, data: bytes, there: dict[int, str]
    ) -> dict[str, Any]:
        checksum = _sha256(data)
        etag = there.get(number, "")
        if not etag or etag != hashlib.md5(data, usedforsecurity=False).hexdigest():
            answer = self.client.upload_part(
                Bucket=self.bucket,
                Key=key,
                UploadId=upload,
                PartNumber=number,
                Body=data,
                ChecksumSHA256=checksum,
            )
            etag = answer["ETag"].strip('"')
        return {"PartNumber": number, "ETag": f'"{etag}"', "ChecksumSHA256": checksum}

    def _version(self, key: str, answer: dict[str, Any]) -> str:
        return str(answer.get("VersionId") or self.first_version(key))


def lock_until(moment: datetime) -> dict[str, Any]:
    """The headers of a lock that nobody can lift, in whole seconds."""
    until = moment.astimezone(UTC).replace(microsecond=0)
    return {"ObjectLockMode": COMPLIANCE, "ObjectLockRetainUntilDate": until}


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    while data := file.read(size):
        yield data


def _sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()
