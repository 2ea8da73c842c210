"""Makes a typeset PDF a tagged PDF/A-3a with empty signature fields; it does not know what it says.

Order matters: the fields exist before the rewrite, and the rewrite before the first signature.
"""

import io
from dataclasses import dataclass
from datetime import date
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import ImageCms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    append_signature_field,
)

from odr.settlement.layout import Box
from odr.settlement.structure import Element, Structure

PLATFORM_FIELD, SEAL_FIELD = "platform", "seal"
PRODUCER = "odr"
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{day}T00:00:00+08:00</xmp:CreateDate>
<xmp:ModifyDate>{day}T00:00:00+08:00</xmp:ModifyDate>
<xmp:CreatorTool>{producer}</xmp:CreatorTool><pdf:Producer>{producer}</pdf:Producer>
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description></rdf:li>
</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True)
class Paper:
    """What the finishing pass needs; ``attachment`` is the name and bytes of the embedded JSON."""

    title: str
    author: str
    day: date
    structure: Structure
    attachment: tuple[str, bytes] | None = None
    boxes: tuple[Box, ...] = ()


def finish(pdf: bytes, paper: Paper) -> bytes:
    """Add fields, tags, colour profile, metadata and attachment; same input, same bytes."""
    with pikepdf.open(io.BytesIO(_with_fields(pdf, paper.boxes))) as document:
        _describe(document, paper)
        _tag(document, paper)
        if paper.attachment:
            _attach(document, paper.attachment, paper.day)
        out = io.BytesIO()
        document.save(out, deterministic_id=True, fix_metadata_version=False, force_version="1.7")
    return out.getvalue()


def _with_fields(pdf: bytes, boxes: tuple[Box, ...]) -> bytes:
    if not boxes:
        return pdf
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    append_signature_field(
        writer, SigFieldSpec(PLATFORM_FIELD, readable_field_name="平台认证 platform")
    )
    for box in boxes:
        own = FieldMDPSpec(FieldMDPAction.INCLUDE, fields=[box.field])
        last = box.field == SEAL_FIELD
        append_signature_field(
            writer,
            SigFieldSpec(
                box.field,
                on_page=box.page,
                box=box.rectangle,  # type: ignore[arg-type]  # points may be fractions
                field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL) if last else own,
                doc_mdp_update_value=MDPPerm.NO_CHANGES if last else None,
                readable_field_name=box.label,
            ),
        )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@cache
def _srgb() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = (2000).to_bytes(2) + (1).to_bytes(2) + (1).to_bytes(2) + bytes(6)
    profile[84:100] = bytes(16)
    return bytes(profile)


def _describe(document: pikepdf.Pdf, paper: Paper) -> None:
    root = document.Root
    profile = document.make_stream(_srgb(), N=3)
    root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
                Info=String("sRGB IEC61966-2.1"),
                DestOutputProfile=profile,
            )
        ]
    )
    values = {
        name: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for name, text in (("title", paper.title), ("author", paper.author))
    }
    text = XMP.format(day=paper.day.isoformat(), producer=PRODUCER, **values)
    root.Metadata = document.make_stream(text.encode(), Type=Name.Metadata, Subtype=Name.XML)
    root.Lang = String("zh-CN")
    root.MarkInfo = Dictionary(Marked=True)
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    stamp = String(f"D:{paper.day:%Y%m%d}000000+08'00'")
    document.trailer.Info = document.make_indirect(
        Dictionary(
            Title=String(paper.title),
            Author=String(paper.author),
            Creator=String(PRODUCER),
            Producer=String(PRODUCER),
            CreationDate=stamp,
            ModDate=stamp,
        )
    )


def _tag(document: pikepdf.Pdf, paper: Paper) -> None:
    root = document.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    parents: dict[int, dict[int, pikepdf.Object]] = {}
    top = _node(document, paper.structure.root, root, parents)
    numbers: list[object] = []
    for index, page in enumerate(document.pages):
        page.obj.StructParents = index
        page.obj.Tabs = Name.S
        marks = parents.get(index + 1, {})
        numbers += [index, document.make_indirect(Array([marks[n] for n in sorted(marks)]))]
    widgets = _widgets(document, top)
    numbers += [part for pair in widgets for part in pair]
    root.K = Array([top])
    root.ParentTree = document.make_indirect(Dictionary(Nums=Array(numbers)))
    root.ParentTreeNextKey = len(document.pages) + len(widgets)
    document.Root.StructTreeRoot = root


def _node(
    document: pikepdf.Pdf,
    element: Element,
    parent: pikepdf.Object,
    parents: dict[int, dict[int, pikepdf.Object]],
) -> pikepdf.Object:
    node = document.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name("/" + element.role), P=parent)
    )
    if element.role == "TH":
        node.A = Dictionary(O=Name.Table, Scope=Name.Column)
    kids = [_node(document, child, node, parents) for child in element.children]
    for page, mark in element.marks:
        parents.setdefault(page, {})[mark] = node
        kids.append(Dictionary(Type=Name.MCR, Pg=document.pages[page - 1].obj, MCID=mark))
    node.K = Array(kids)
    return node


def _widgets(document: pikepdf.Pdf, top: pikepdf.Object) -> list[tuple[int, pikepdf.Object]]:
    found: list[tuple[int, pikepdf.Object]] = []
    for page in document.pages:
        for widget in page.obj.get("/Annots", Array()):
            key = len(document.pages) + len(found)
            reference = Dictionary(Type=Name.OBJR, Pg=page.obj, Obj=widget)
            form = document.make_indirect(
                Dictionary(Type=Name.StructElem, S=Name.Form, P=top, K=reference)
            )
            top.K.append(form)
            widget.StructParent = key
            found.append((key, form))
    return found


def _attach(document: pikepdf.Pdf, attachment: tuple[str, bytes], day: date) -> None:
    name, content = attachment
    stamp = String(f"D:{day:%Y%m%d}000000+08'00'")
    stream = document.make_stream(
        content, Type=Name.EmbeddedFile, Subtype=Name("/application/json")
    )
    stream.Params = Dictionary(ModDate=stamp, Size=len(content))
    spec = document.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(name),
            UF=String(name),
            Desc=String("协议数据 agreement data"),
            AFRelationship=Name.Data,
            EF=Dictionary(F=stream, UF=stream),
        )
    )
    document.Root.AF = Array([spec])
    document.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String(name), spec])))
