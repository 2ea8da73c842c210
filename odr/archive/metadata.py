"""What a bag says about itself: PREMIS, the report of the four properties, the Merkle root; it knows no case.

The report follows 四性检测 (DA/T 70-2018) in its four headings and tells what was looked at, no more. The
tree is RFC 6962 over the lines of the payload manifest: one file can later be shown without the others.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

PREMIS, REPORT, MERKLE = (
    "metadata/premis.xml",
    "metadata/four-properties.txt",
    "metadata/merkle.json",
)
NAMESPACE = "http://www.loc.gov/premis/v3"
FORMATS = {
    ".pdf": "application/pdf",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".jsonl": "application/jsonl",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}


@dataclass(frozen=True)
class Written:
    """Name, size and SHA-256 of one file of the bag."""

    name: str
    size: int
    sha256: str

    @property
    def line(self) -> bytes:
        """Its line in a manifest, without the line end."""
        return f"{self.sha256}  {self.name}".encode()

    @property
    def format(self) -> str:
        """Its media type by its ending."""
        return FORMATS.get(self.name[self.name.rfind(".") :], "application/octet-stream")


def merkle_root(leaves: Sequence[bytes]) -> str:
    """The RFC 6962 tree hash, 64 hex digits."""
    return _tree(leaves).hex()


def _tree(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _tree(leaves[:split]) + _tree(leaves[split:])).digest()


def merkle(payload: Sequence[Written]) -> bytes:
    """``merkle.json``: size and root of the tree over the manifest's lines, sorted by name."""
    leaves = [one.line for one in sorted(payload, key=lambda one: one.name)]
    body = {"leaves": "manifest-sha256.txt", "root": merkle_root(leaves), "size": len(leaves)}
    return json.dumps(body, indent=1, sort_keys=True).encode()


def premis(payload: Sequence[Written], now: datetime) -> bytes:
    """PREMIS 3: one object a file with its fixity, and the event of packing."""
    ET.register_namespace("premis", NAMESPACE)
    root = ET.Element(_tag("premis"), {"version": "3.0"})
    for one in payload:
        _object(root, one)
    event = ET.SubElement(root, _tag("event"))
    identifier = ET.SubElement(event, _tag("eventIdentifier"))
    _text(identifier, "eventIdentifierType", "local")
    _text(identifier, "eventIdentifierValue", "packing")
    _text(event, "eventType", "information package creation")
    _text(event, "eventDateTime", now.isoformat())
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _object(root: ET.Element, one: Written) -> None:
    # the prefix in the value is the registered one: the root element has bound it
    kind = {"{http://www.w3.org/2001/XMLSchema-instance}type": "premis:file"}
    item = ET.SubElement(root, _tag("object"), kind)
    identifier = ET.SubElement(item, _tag("objectIdentifier"))
    _text(identifier, "objectIdentifierType", "path")
    _text(identifier, "objectIdentifierValue", one.name)
    about = ET.SubElement(item, _tag("objectCharacteristics"))
    fixity = ET.SubElement(about, _tag("fixity"))
    _text(fixity, "messageDigestAlgorithm", "SHA-256")
    _text(fixity, "messageDigest", one.sha256)
    _text(about, "size", str(one.size))
    designation = ET.SubElement(ET.SubElement(about, _tag("format")), _tag("formatDesignation"))
    _text(designation, "formatName", one.format)


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, _tag(name)).text = text


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def report(payload: Sequence[Written], now: datetime) -> bytes:
    """The four properties as they stood when the bag was packed."""
    kinds = sorted({one.format for one in payload})
    size = sum(one.size for one in payload)
    lines = (
        "四性检测报告（归档移交环节，参照 DA/T 70-2018）  Report of the four properties at hand-over",
        f"检测时间 checked at: {now.isoformat()}",
        "",
        "一、真实性 authenticity",
        "  协议、影像、证据与登记的哈希一致；录音录像清单的哈希链与签名一致。",
        "  Agreement, films and evidence have the recorded hashes; the recording's chain and signatures fit.",
        "  标签清单由本组织签名并加盖内部时间戳。The tag manifest is signed and bears an internal time stamp.",
        "二、完整性 integrity",
        f"  {len(payload)} 个文件，{size} 字节，均列入清单。{len(payload)} files, {size} bytes, all listed.",
        "三、可用性 usability",
        f"  格式 formats: {', '.join(kinds)}",
        "四、安全性 safety",
        "  无链接、无特殊文件，文件名均为 ASCII。No links, no special files, all names in ASCII.",
        "  未作病毒检测，由接收方进行。No virus scan was made; the receiver makes it.",
    )
    return ("\n".join(lines) + "\n").encode()
