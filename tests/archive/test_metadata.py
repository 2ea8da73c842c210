import json
from datetime import UTC, datetime
from hashlib import sha256
from xml.etree import ElementTree as ET

import pytest

from odr.archive.metadata import NAMESPACE, Written, merkle, merkle_root, premis, report

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
PAYLOAD = [Written("data/a.pdf", 3, "a" * 64), Written("data/b.mp4", 5, "b" * 64)]

# RFC 6962 leaves and roots of the certificate transparency reference implementation
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243")]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
}


@pytest.mark.parametrize("size", ROOTS)
def test_the_tree_is_that_of_rfc_6962(size: int) -> None:
    assert merkle_root(LEAVES[:size]) == ROOTS[size]


def test_an_empty_tree() -> None:
    assert merkle_root([]) == sha256().hexdigest()


def test_the_tree_does_not_depend_on_order() -> None:
    assert merkle(PAYLOAD) == merkle(PAYLOAD[::-1])
    assert json.loads(merkle(PAYLOAD))["size"] == 2


def test_premis_names_every_file_with_its_hash() -> None:
    root = ET.fromstring(premis(PAYLOAD, NOW))
    found = [one.text for one in root.iter(f"{{{NAMESPACE}}}messageDigest")]
    assert found == [one.sha256 for one in PAYLOAD]
    formats = [one.text for one in root.iter(f"{{{NAMESPACE}}}formatName")]
    assert formats == ["application/pdf", "video/mp4"]


def test_the_report_has_the_four_properties() -> None:
    text = report(PAYLOAD, NOW).decode()
    assert all(word in text for word in ("真实性", "完整性", "可用性", "安全性", "8 字节"))
