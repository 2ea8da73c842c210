"""What forgers do to a bag."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from odr import chain
from odr.archive import bag as bags
from odr.archive import metadata
from odr.archive.bagcheck import check_bag
from odr.archive.verify import verify_path
from odr.settlement.authority import Authority


def bad(path: Path) -> list[str]:
    return [one.item for one in verify_path(path) if not one.ok]


def bad_outside(folder: Path) -> list[str]:
    """What the bag's own manifests, signature and stamp tell, without looking into the documents."""
    return [one.item for one in check_bag(folder)[1] if not one.ok]


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    put(path, bytes(data))


def manifests_again(folder: Path) -> None:
    """What a forger can do without a key: write both manifests anew."""
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    payload = [name for name in names if name.startswith("data/")]
    total = sum((folder / name).stat().st_size for name in payload)
    info = (folder / "bag-info.txt").read_text("utf-8").splitlines()
    info = [line for line in info if not line.startswith("Payload-Oxum")]
    put(
        folder / "bag-info.txt",
        "\n".join([*info, f"Payload-Oxum: {total}.{len(payload)}", ""]).encode(),
    )

    def lines(listed: list[str]) -> bytes:
        return "".join(f"{chain.digest((folder / n).read_bytes())}  {n}\n" for n in listed).encode()

    put(folder / bags.MANIFEST, lines(payload))
    leaves = (folder / bags.MANIFEST).read_bytes().splitlines()
    tree = {"leaves": bags.MANIFEST, "root": metadata.merkle_root(leaves), "size": len(leaves)}
    put(folder / metadata.MERKLE, json.dumps(tree).encode())
    tags = [name for name in names if not name.startswith("data/") and name not in bags.LOOSE]
    put(folder / bags.TAG_MANIFEST, lines(tags))


def clerk(folder: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        ["sh", "verify/clerk.sh", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def sealed_again(folder: Path, authority: Authority) -> None:
    """A forger with keys of her own seals everything anew."""
    put(folder / "verify/root.pem", authority.root_pem())
    manifests_again(folder)
    data = (folder / bags.TAG_MANIFEST).read_bytes()
    put(folder / bags.SIGNATURE, authority.sign_cms(data))
    digest = bytes.fromhex(chain.digest((folder / bags.SIGNATURE).read_bytes()))
    put(folder / bags.STAMP, authority.stamp(digest, datetime.now(UTC)))
