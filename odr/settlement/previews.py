"""An agreement's pages as pictures and as text; it does not know who looks at them.

PDFium must not be entered by two threads at once, so all of it happens here under one lock.
"""

import threading
from pathlib import Path

import pypdfium2

SCALE = 2.0
_lock = threading.Lock()


def render_pages(pdf_path: Path, folder: Path) -> list[Path]:
    """One PNG a page with the signatures as they look, about 1,200 dots wide; made once per file."""
    folder.mkdir(parents=True, exist_ok=True)
    with _lock:
        document = pypdfium2.PdfDocument(pdf_path)
        try:
            document.init_forms()
            stem = folder / pdf_path.stem
            return [_page(document, number, stem) for number in range(len(document))]
        finally:
            document.close()


def page_texts(pdf: bytes) -> list[str]:
    """The text of every page without any spaces."""
    with _lock:
        document = pypdfium2.PdfDocument(pdf)
        try:
            texts = [page.get_textpage().get_text_bounded() for page in document]
        finally:
            document.close()
    return ["".join(text.split()) for text in texts]


def _page(document: pypdfium2.PdfDocument, number: int, stem: Path) -> Path:
    target = stem.with_name(f"{stem.name}-{number + 1}.png")
    if not target.exists():
        part = target.with_suffix(".part")
        picture = document[number].render(scale=SCALE, may_draw_forms=True).to_pil()
        picture.save(part, format="PNG")
        part.replace(target)
    return target
