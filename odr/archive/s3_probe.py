"""Attacks on a canary in an S3 bucket, to learn whether its locks hold; it does not know what else is kept."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from odr.archive.s3_client import COMPLIANCE, code_of, server_time
from odr.archive.s3_upload import Uploader
from odr.archive.store import Attack

LIFE = timedelta(minutes=10)
CONTENT = b"odr: a canary"


@dataclass(frozen=True)
class Canary:
    """A locked object that nobody needs."""

    client: Any
    bucket: str
    key: str
    version: str
    until: datetime

    @property
    def name(self) -> dict[str, str]:
        """Bucket and key, as every request wants them."""
        return {"Bucket": self.bucket, "Key": self.key}

    @property
    def one(self) -> dict[str, str]:
        """Bucket, key and version."""
        return {**self.name, "VersionId": self.version}


def attack(client: Any, bucket: str, prefix: str) -> tuple[Attack, ...]:  # noqa: ANN401 -- boto3
    """Put a canary, try to change it in every way known; what the server answered to each."""
    folder = f"{prefix}canaries/"
    _sweep(client, bucket, folder)
    now = server_time(client.head_bucket(Bucket=bucket))
    key, until = f"{folder}{uuid4()}", now + LIFE
    try:
        version = Uploader(client, bucket).put(key, CONTENT, until)
    except ClientError as error:
        return (Attack("lock", refused=False, answer=code_of(error)),)
    canary = Canary(client, bucket, key, version, until)
    tried = [_tried(name, lambda do=do: do(canary)) for name, do in ATTACKS.items()]  # type: ignore[misc]
    return (*tried, _still_there(canary))


def _tried(name: str, do: Callable[[], object]) -> Attack:
    try:
        do()
    except ClientError as error:
        return Attack(name, refused=True, answer=code_of(error))
    return Attack(name, refused=False, answer="accepted")


def _overwrite(canary: Canary) -> None:
    canary.client.put_object(**canary.name, Body=b"other", IfNoneMatch="*")


def _delete(canary: Canary) -> None:
    canary.client.delete_object(**canary.one)


def _delete_with_bypass(canary: Canary) -> None:
    canary.client.delete_object(**canary.one, BypassGovernanceRetention=True)


def _retain(canary: Canary, mode: str, until: datetime, *, bypass: bool) -> None:
    canary.client.put_object_retention(
        **canary.one,
        Retention={"Mode": mode, "RetainUntilDate": until},
        BypassGovernanceRetention=bypass,
    )


def _shorten(canary: Canary) -> None:
    _retain(canary, COMPLIANCE, canary.until - LIFE / 2, bypass=False)


def _shorten_with_bypass(canary: Canary) -> None:
    _retain(canary, COMPLIANCE, canary.until - LIFE / 2, bypass=True)


def _downgrade(canary: Canary) -> None:
    _retain(canary, "GOVERNANCE", canary.until, bypass=True)


def _wrong_checksum(canary: Canary) -> None:
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    canary.client.put_object(
        Bucket=canary.bucket, Key=f"{canary.key}-sum", Body=CONTENT, ChecksumSHA256=wrong
    )


def _suspend(canary: Canary) -> None:
    # Enabled again when it let itself be switched off, to repair what the attack did.
    for status in ("Suspended", "Enabled"):
        canary.client.put_bucket_versioning(
            Bucket=canary.bucket, VersioningConfiguration={"Status": status}
        )


ATTACKS: dict[str, Callable[[Canary], None]] = {
    "overwrite": _overwrite,
    "shorten": _shorten,
    "shorten-with-bypass": _shorten_with_bypass,
    "downgrade": _downgrade,
    "suspend-versioning": _suspend,
    "wrong-checksum": _wrong_checksum,
    "delete-version": _delete,
    "delete-with-bypass": _delete_with_bypass,
}


def _still_there(canary: Canary) -> Attack:
    """Put over it and hide it, which is allowed: the version must read as before."""
    try:
        canary.client.put_object(**canary.name, Body=b"other")
        canary.client.delete_object(**canary.name)
        answer = canary.client.get_object(**canary.one)
        whole = answer["Body"].read() == CONTENT
    except ClientError as error:
        return Attack("hide", refused=False, answer=code_of(error))
    return Attack("hide", refused=whole, answer="version unchanged" if whole else "version changed")


def _sweep(client: Any, bucket: str, folder: str) -> None:  # noqa: ANN401 -- boto3's client
    """Throw away canaries whose lock is over; the others refuse, as they should."""
    pages = client.get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=bucket, Prefix=folder):
        for old in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            _tried("sweep", lambda old=old: _delete_old(client, bucket, old))  # type: ignore[misc]


def _delete_old(client: Any, bucket: str, old: dict[str, Any]) -> None:  # noqa: ANN401
    client.delete_object(Bucket=bucket, Key=old["Key"], VersionId=old["VersionId"])
