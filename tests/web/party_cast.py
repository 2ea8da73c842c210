"""A browser and a telephone for tests of the party's pages: forms are filled as they are found."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from odr.simulation.pages import Page, read_page

CHEN = ("13800138001", "陈建国", "330304195804122718")
WANG = ("13900139002", "王强", "330304198806151233")
FILING = {
    "cause": "private_lending",
    "claim": "归还借款本金 340000 元",
    "story": "2024 年先后三次借款，立有借条。",
    "amount": "340,000",
    "respondent_name": WANG[1],
    "respondent_phone": WANG[0],
    "address": "瓯海区某某路 1 号",
}


@dataclass
class Browser:
    """One person's browser; ``page`` is what she sees."""

    app: Flask
    folder: Path
    page: Page = field(default_factory=Page)
    status: int = 0
    path: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def open(self, path: str) -> "Browser":
        return self._see(self.client.get(path, follow_redirects=True))

    def submit(self, action: str, **fields: Any) -> "Browser":
        form = next(form for form in self.page.forms if form.action.endswith(action))
        values = {"csrf_token": self.page.csrf, **form.values, **fields}
        return self._see(self.client.post(form.action, data=values, follow_redirects=True))

    def _see(self, answer: TestResponse) -> "Browser":
        self.status, self.path = answer.status_code, answer.request.path
        self.page = read_page(answer.text)
        return self

    def messages(self, phone: str) -> list[str]:
        path = self.folder / "sms-simulated.jsonl"
        rows = path.read_text("utf-8").splitlines() if path.exists() else []
        return [row["text"] for row in map(json.loads, rows) if row["phone"] == phone]

    def code(self, phone: str) -> str:
        return re.search(r"\b\d{6}\b", self.messages(phone)[-1]).group()

    def log_in(self, phone: str) -> "Browser":
        self.open("/in").submit("/in", phone=phone)
        return self.submit("/in/code", code=self.code(phone))

    def register(self, who: tuple[str, str, str]) -> "Browser":
        self.log_in(who[0])
        return self.submit("/p/register", name=who[1], id_number=who[2])

    def file(self) -> str:
        self.open("/p/apply").submit("/p/apply", **FILING)
        return self.path.rsplit("/", 1)[1]
