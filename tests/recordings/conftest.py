"""A small recording of two seats, open and sealed."""

import pytest

from odr.recordings import webm
from odr.recordings.manifest import OpenRecording
from tests.recordings.small import KEY, append, cluster


@pytest.fixture
def opened(tmp_path):
    recording = OpenRecording.create(tmp_path / "room", KEY, {"session": "s"})
    append(recording, "p1.1.webm", webm.head(None) + cluster(0), 0)
    recording.mark("step", {"step": "rights"}, 1000)
    append(recording, "p1.1.webm", cluster(1000), 1000)
    recording.gap(2000, 9000, "paused")
    append(recording, "p2.3-2.webm", webm.head(None) + cluster(0), 9000)
    return recording


@pytest.fixture
def sealed(opened):
    opened.seal(11_000)
    return opened.folder
