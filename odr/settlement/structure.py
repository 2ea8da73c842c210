"""The logical structure of a page as it is drawn, for tagged PDF; it does not know what is said.

Every drawn piece belongs to an element (heading, paragraph, table cell) or is an artifact (rules, page numbers).
The finishing pass turns the recorded marks into the structure tree.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Element:
    """One node of the tree; ``marks`` are the (page, MCID) pairs that show its text."""

    role: str
    parent: "Element | None" = None
    children: list["Element"] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)


class Structure:
    """The tree of one document and the count of marks on each page."""

    def __init__(self) -> None:
        """Begin with an empty document node."""
        self.root = Element("Document")
        self._counts: dict[int, int] = {}

    def add(self, role: str, parent: Element | None = None) -> Element:
        """A new element under ``parent`` or the document."""
        element = Element(role, parent or self.root)
        (parent or self.root).children.append(element)
        return element

    @contextmanager
    def marked(self, canvas: Any, element: Element) -> Iterator[None]:  # noqa: ANN401 -- reportlab
        """Everything drawn inside shows ``element``."""
        page = canvas.getPageNumber()
        mark = self._counts.get(page, 0)
        self._counts[page] = mark + 1
        element.marks.append((page, mark))
        canvas._code.append(f"/{element.role} <</MCID {mark}>> BDC")  # noqa: SLF001
        yield
        canvas._code.append("EMC")  # noqa: SLF001


@contextmanager
def artifact(canvas: Any) -> Iterator[None]:  # noqa: ANN401 -- reportlab's canvas is untyped
    """Everything drawn inside is decoration, not content."""
    canvas._code.append("/Artifact BMC")  # noqa: SLF001
    yield
    canvas._code.append("EMC")  # noqa: SLF001
