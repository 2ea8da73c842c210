"""A visitor of the web pages with cookies of her own; she does not know what is behind the door.

She opens pages, fills the forms she finds there and presses the buttons; she can do nothing that a
browser could not do.
"""

from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from odr.errors import Unavailable
from odr.simulation.pages import Form, Page, read_page

TIMEOUT = 30


class Visitor:
    """One person's browser, without a screen."""

    def __init__(self, url: str) -> None:
        """``url`` is the address of the installation."""
        self.url = url
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "odr-simulation"
        self.address = url
        self.page = Page()
        self.csrf = ""

    def open(self, path: str) -> Page:
        """Go to a page; Unavailable with the page's words when it says no."""
        return self._land(self.session.get(urljoin(self.address, path), timeout=TIMEOUT))

    def submit(self, action: str, /, **fields: str) -> Page:
        """Fill the form whose address ends with ``action`` and send it."""
        return self.send(self.form(action), **fields)

    def send(self, form: Form, /, **fields: str) -> Page:
        """Send a form that was found on the present page."""
        values = {**form.values, **fields}
        values.setdefault("csrf_token", self.csrf)
        target = urljoin(self.address, form.action or self.address)
        return self._land(
            self.session.post(target, data=values, headers=self._origin(), timeout=TIMEOUT)
        )

    def form(self, action: str) -> Form:
        """The form of the present page whose address ends with ``action``."""
        for form in self.page.forms:
            target = urlsplit(urljoin(self.address, form.action or self.address)).path
            if target.endswith(action):
                return form
        raise Unavailable("simulation.no-form", action=action, page=urlsplit(self.address).path)

    def links(self, part: str) -> list[str]:
        """The links of the present page that contain ``part``, in order, each once."""
        return list(dict.fromkeys(link for link in self.page.links if part in link))

    def call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What a script of the page would fetch: JSON there and back."""
        headers = {"X-CSRF": self.csrf, **self._origin()}
        answer = self.session.post(
            urljoin(self.url, path), json=body or {}, headers=headers, timeout=TIMEOUT
        )
        return _json(answer)

    def read(self, path: str) -> dict[str, Any]:
        """JSON that a script of the page would read."""
        return _json(self.session.get(urljoin(self.url, path), timeout=TIMEOUT))

    def download(self, path: str) -> bytes:
        """A file."""
        answer = self.session.get(urljoin(self.url, path), timeout=TIMEOUT)
        if not answer.ok:
            raise _refusal(answer)
        return answer.content

    def cookies(self) -> str:
        """The cookie header of this visitor."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.session.cookies)

    def _origin(self) -> dict[str, str]:
        parts = urlsplit(self.url)
        return {"Origin": f"{parts.scheme}://{parts.netloc}", "Sec-Fetch-Site": "same-origin"}

    def _land(self, answer: requests.Response) -> Page:
        if not answer.ok:
            raise _refusal(answer)
        self.address = answer.url
        self.page = read_page(answer.text)
        self.csrf = self.page.csrf or self.csrf
        return self.page


def _json(answer: requests.Response) -> dict[str, Any]:
    if not answer.ok:
        raise _refusal(answer)
    body: dict[str, Any] = answer.json()
    return body


def _refusal(answer: requests.Response) -> Unavailable:
    words = answer.text
    if "html" in answer.headers.get("Content-Type", ""):
        words = " ".join(read_page(words).text.split())
    return Unavailable(
        "simulation.page-refused",
        page=urlsplit(answer.url).path,
        status=answer.status_code,
        words=words[:300],
    )
