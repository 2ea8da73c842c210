"""A connection to an S3 server, and its errors in the words of this house; it does not know what is kept."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from odr.errors import OdrError, Unavailable
from odr.settings import Secret

CONNECT, READ, ATTEMPTS = (
    5,
    60,
    3,
)  # seconds, seconds, tries of one request; later the job tries again
FULL = {"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "507"}
EXISTS = {"PreconditionFailed", "ConditionalRequestConflict", "412"}
MISSING = {"NoSuchKey", "NoSuchVersion", "404"}
COMPLIANCE = "COMPLIANCE"


@dataclass(frozen=True)
class Bucket:
    """Where the court keeps: a bucket made with Object Lock, and the keys of a writer."""

    endpoint: str
    name: str
    region: str
    access_key: Secret
    secret_key: Secret
    prefix: str = ""

    @property
    def place(self) -> str:
        """The bucket as people call it, without keys."""
        return f"{self.endpoint}/{self.name}"


def connect(bucket: Bucket) -> Any:  # noqa: ANN401 -- boto3 makes its clients at run time
    """A client with bounded time and retries; nothing is sent yet."""
    config = Config(
        signature_version="s3v4",
        connect_timeout=CONNECT,
        read_timeout=READ,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        # Several S3 servers refuse the checksums boto3 adds by itself; ours are named in each request.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
    )
    session = boto3.session.Session(
        aws_access_key_id=str(bucket.access_key),
        aws_secret_access_key=str(bucket.secret_key),
        region_name=bucket.region,
    )
    return session.client("s3", endpoint_url=bucket.endpoint, config=config)


def code_of(error: ClientError) -> str:
    """The server's word for what went wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))


def server_time(answer: dict[str, Any]) -> datetime:
    """The server's clock, which decides about its locks."""
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


def unavailable(error: Exception, place: str) -> OdrError:
    """A failure of the server or of the way to it, to be tried again."""
    if not isinstance(error, ClientError):
        return Unavailable("archive.store-away", place=place)
    if code_of(error) in FULL:
        return Unavailable("archive.store-full", place=place)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    if int(status) >= 500:  # noqa: PLR2004 -- RFC 9110 §15.6: the server failed
        return Unavailable("archive.store-away", place=place)
    return Unavailable("archive.store-refuses", place=place, code=code_of(error))


@contextmanager
def outside(place: str) -> Iterator[None]:
    """Whatever S3 says becomes Unavailable, with the chain of causes kept."""
    try:
        yield
    except (ClientError, BotoCoreError, OSError) as error:
        raise unavailable(error, place) from error


class Body(io.RawIOBase):
    """A kept object while it is read: a line that breaks is Unavailable, not a short file."""

    def __init__(self, stream: Any, place: str) -> None:  # noqa: ANN401 -- botocore's StreamingBody
        """Take the stream over; closing this closes it."""
        super().__init__()
        self._stream, self._place = stream, place

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 -- any writable buffer
        """Fill the buffer; 0 at the end."""
        with outside(self._place):
            piece: bytes = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Give the connection back."""
        self._stream.close()
        super().close()
