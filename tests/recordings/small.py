"""A small recording for tests of manifests, with films of sound only."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr import chain
from odr.recordings import webm
from odr.recordings.manifest import OpenRecording, Piece

KEY = Ed25519PrivateKey.generate()


def append(recording: OpenRecording, name: str, data: bytes, t0_ms: int) -> None:
    path = recording.folder / name
    offset = path.stat().st_size if path.exists() else 0
    with path.open("ab") as file:
        file.write(data)
    recording.segment(
        Piece(name, offset, len(data), chain.digest(data), t0_ms, t0_ms + 1000, audio=True)
    )


def cluster(t_ms: int) -> bytes:
    return webm.cluster([webm.Block(webm.AUDIO, t_ms, key=True, data=b"x" * 50)])
