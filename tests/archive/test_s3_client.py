import io

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError, ResponseStreamingError

from odr.archive.s3_client import Body, Bucket, connect, outside, server_time
from odr.errors import Unavailable
from odr.settings import Secret

BUCKET = Bucket("http://127.0.0.1:9", "court", "us-east-1", Secret("who"), Secret("hush"))


def refusal(code: str, status: int) -> ClientError:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutObject")


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (refusal("SlowDown", 503), "archive.store-away"),
        (refusal("InsufficientStorage", 507), "archive.store-full"),
        (refusal("AccessDenied", 403), "archive.store-refuses"),
        (ReadTimeoutError(endpoint_url="x"), "archive.store-away"),
        (ConnectionResetError(), "archive.store-away"),
    ],
)
def test_what_s3_says_is_said_in_our_words(error: Exception, key: str) -> None:
    with pytest.raises(Unavailable) as said, outside("court"):
        raise error
    assert said.value.key == key
    assert not said.value.permanent


def test_keys_are_not_shown() -> None:
    assert "hush" not in repr(BUCKET)
    assert "hush" not in BUCKET.place


def test_time_and_retries_are_bounded() -> None:
    config = connect(BUCKET).meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 60)
    assert config.retries["total_max_attempts"] == 3


def test_the_clock_of_the_server_is_read_from_its_answer() -> None:
    headers = {"date": "Wed, 25 Nov 2026 10:00:00 GMT"}
    told = server_time({"ResponseMetadata": {"HTTPHeaders": headers}})
    assert told.isoformat() == "2026-11-25T10:00:00+00:00"


class Breaking(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        if piece := super().read(size):
            return piece
        raise ResponseStreamingError(error="cut")


def test_a_line_that_breaks_is_not_a_short_file() -> None:
    with pytest.raises(Unavailable), io.BufferedReader(Body(Breaking(b"half"), "court")) as body:
        body.read()
