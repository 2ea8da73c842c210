"""Pictures of an agreement's pages for phones; it does not know who looks at them."""

from pathlib import Path

import pypdfium2

SCALE = 2.0


def render_pages(pdf_path: Path, folder: Path) -> list[Path]:
    """One PNG a page with the signatures as they look, about 1,200 points wide; made once per file."""
    folder.mkdir(parents=True, exist_ok=True)
    document = pypdfium2.PdfDocument(pdf_path, may_init_forms=True)
    try:
        document.init_forms()
        return [_page(document, number, folder, pdf_path.stem) for number in range(len(document))]
    finally:
        document.close()


def _page(document: pypdfium2.PdfDocument, number: int, folder: Path, stem: str) -> Path:
    target = folder / f"{stem}-{number + 1}.png"
    if not target.exists():
        part = target.with_suffix(".part")
        picture = document[number].render(scale=SCALE, may_draw_forms=True).to_pil()
        picture.save(part, format="PNG")
        part.replace(target)
    return target
