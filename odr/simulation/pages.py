"""Forms and links as a person finds them on a page; it does not know what they are for."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID_TYPES = {"submit", "button", "image", "reset", "file"}


@dataclass
class Form:
    """One form: where it goes, what it already holds, and the choices its lists offer."""

    action: str
    method: str = "post"
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


@dataclass
class Page:
    """What a person sees and could press; ``quoted`` is preformatted text, ``csrf`` shows whence a form came."""

    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    csrf: str = ""
    text: str = ""
    quoted: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._form: Form | None = None
        self._select: str | None = None
        self._option: str | None = None
        self._hidden = 0
        self._quoting = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        reader = getattr(self, f"_on_{tag}", None)
        if reader is not None:
            reader(values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "option":
            self._option = None
        elif tag == "pre":
            self._quoting = False
        elif tag in {"script", "style"}:
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.page.text += data
        if self._quoting:
            self.page.quoted[-1] += data
        if self._option is not None and self._form is not None and self._select:
            found = self._form.choices[self._select]
            found[-1] = (found[-1][0], found[-1][1] + data.strip())

    def _on_script(self, _values: dict[str, str]) -> None:
        self._hidden += 1

    _on_style = _on_script

    def _on_pre(self, _values: dict[str, str]) -> None:
        self._quoting = True
        self.page.quoted.append("")

    def _on_a(self, values: dict[str, str]) -> None:
        self.page.links.append(values.get("href", ""))

    def _on_meta(self, values: dict[str, str]) -> None:
        if values.get("name") in {"csrf", "csrf-token", "csrf_token"}:
            self.page.csrf = values.get("content", "")

    def _on_form(self, values: dict[str, str]) -> None:
        self._form = Form(values.get("action", ""), values.get("method", "get").lower())
        self.page.forms.append(self._form)

    def _on_input(self, values: dict[str, str]) -> None:
        name, kind = values.get("name", ""), values.get("type", "text")
        if self._form is None or not name or kind in VOID_TYPES:
            return
        if kind in {"checkbox", "radio"} and "checked" not in values:
            self._form.choices.setdefault(name, []).append((values.get("value", "on"), ""))
            return
        self._form.values[name] = values.get("value", "")
        if name == "csrf_token":
            self.page.csrf = values.get("value", "")

    def _on_textarea(self, values: dict[str, str]) -> None:
        if self._form is not None and values.get("name"):
            self._form.values.setdefault(values["name"], "")

    def _on_select(self, values: dict[str, str]) -> None:
        self._select = values.get("name")
        if self._form is not None and self._select:
            self._form.choices[self._select] = []

    def _on_option(self, values: dict[str, str]) -> None:
        if self._form is None or not self._select:
            return
        self._option = values.get("value", "")
        self._form.choices[self._select].append((self._option, ""))
        if "selected" in values:
            self._form.values[self._select] = self._option


def read_page(html: str) -> Page:
    """Read one page."""
    reader = _Reader()
    reader.feed(html)
    return reader.page
