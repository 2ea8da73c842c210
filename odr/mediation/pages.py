"""The agreement's pages as pictures, one at a time; it does not know who looks at them.

The PDF renderer is not made for threads: one lock keeps them apart, here and for all who ask here.
"""

import threading
from pathlib import Path
from uuid import UUID

import pypdfium2

from odr.errors import NotFound
from odr.settlement.models import Agreement
from odr.settlement.service import render_pages

_RENDERER = threading.Lock()
_COUNTS: dict[UUID, int] = {}


def pages_of(agreement: Agreement) -> int:
    """How many pages the paper has; a signature adds none."""
    found = _COUNTS.get(agreement.id)
    if found is None:
        with _RENDERER, pypdfium2.PdfDocument(Path(agreement.path)) as document:
            found = _COUNTS[agreement.id] = len(document)
    return found


def page(agreement: Agreement, number: int) -> Path:
    """The picture of one page (from 1) as it looks now; NotFound beyond the last."""
    pictures = _pictures(agreement.path)
    if not 1 <= number <= len(pictures):
        raise NotFound
    return pictures[number - 1]


def _pictures(path: str) -> list[Path]:
    pdf = Path(path)
    if not pdf.exists():
        raise NotFound
    with _RENDERER:
        return render_pages(pdf, pdf.parent / "pages")
