"""A real S3 server with Object Lock on loopback, for the tests that ``tools/test_s3.sh`` runs."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from odr.archive.s3 import S3Store
from odr.archive.s3_client import Bucket, connect
from odr.settings import Secret

START = 60
KEYS = Secret("court-writer"), Secret("a-secret-for-tests")
PORTS = [
    f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")
]
BUCKET, UNLOCKED = "court", "unlocked"
PART = 5 << 20


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        made = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in made:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in made]


class Server:
    """SeaweedFS in a folder; it can be killed and started again with what it kept."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ports = folder, dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        (folder / "kept").mkdir(parents=True)
        access, secret = KEYS
        identity = {
            "name": "court",
            "credentials": [{"accessKey": str(access), "secretKey": str(secret)}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3.port']}"

    @property
    def filer(self) -> str:
        """The back door: whoever reaches it deletes what is locked."""
        return f"http://127.0.0.1:{self.ports['filer.port']}"

    def bucket(self, name: str = BUCKET) -> Bucket:
        """The bucket with a prefix of its own, so that tests do not meet."""
        return Bucket(self.endpoint, name, "us-east-1", *KEYS, prefix=f"{uuid4().hex[:12]}/")

    def start(self) -> None:
        command = [os.environ["ODR_TEST_WEED"], "server", f"-dir={self.folder / 'kept'}"]
        command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
        command += [f"-{name}={port}" for name, port in self.ports.items()]
        command += [f"-s3.config={self.folder / 's3.json'}", "-master.telemetry=false"]
        command += [
            "-master.electionTimeout=1s",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-volume.max=300",
        ]
        command += ["-master.volumeSizeLimitMB=64"]
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        self._wait()

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _wait(self) -> None:
        """Ready when it finds room and takes objects into both buckets."""
        deadline = time.monotonic() + START
        while True:
            try:
                self._assign()
                return self._furnish()
            except (ClientError, BotoCoreError, OSError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _assign(self) -> None:
        """An object sent before the parts of a server have found each other would hang for long."""
        url = f"http://127.0.0.1:{self.ports['master.port']}/dir/assign"
        with urllib.request.urlopen(url, timeout=2) as answer:
            if "fid" not in json.loads(answer.read()):
                raise ConnectionError("no room yet")

    def _furnish(self) -> None:
        client = connect(self.bucket())
        there = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
        if BUCKET not in there:
            client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        if UNLOCKED not in there:
            client.create_bucket(Bucket=UNLOCKED)
        for name in (BUCKET, UNLOCKED):
            client.put_object(Bucket=name, Key=f"ready/{uuid4()}", Body=b"ready")


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a process; whoever kills it starts it again."""
    server = Server(tmp_path_factory.mktemp("s3"))
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def s3_bucket(s3_server: Server) -> Bucket:
    return s3_server.bucket()


@pytest.fixture
def s3_store(s3_bucket: Bucket) -> S3Store:
    return S3Store(s3_bucket, part=PART)
