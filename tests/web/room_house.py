"""A small running house for tests of the room's doors: a real server, real sockets, one table."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import socketio as wire_io
from flask import Flask
from werkzeug.serving import make_server

from odr import clock, db
from odr.archive.folder import FolderStore
from odr.bootstrap import Gateways
from odr.db import transaction
from odr.identity import service as identity
from odr.identity.context import Ctx
from odr.identity.gateways.card_none import NoCardRegistry
from odr.identity.models import Person
from odr.identity.tokens import Keys
from odr.identity.vault import Vault
from odr.mediation import service
from odr.mediation.room import Names
from odr.settings import Settings
from odr.settlement.authority import Authority
from odr.web import room_api, sockets
from odr.web.auth import init_auth
from odr.web.errors import init_errors
from odr.web.house import House
from tests.fakes import FakeMedia, FakeSms, settings_in
from tests.mediation.conftest import Table, lay

CAST = ("a1", "r1", "m", "c", "x")


@dataclass
class Running:
    """The house while it runs; ``cookies`` and ``csrf`` by seat."""

    app: Flask
    url: str
    table: Table
    sms: FakeSms
    tokens: dict[str, Any] = field(default_factory=dict)

    def client(self, seat: str) -> Any:
        browser = self.app.test_client()
        browser.set_cookie("odr", self.tokens[seat].token)
        return browser

    def post(self, seat: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"X-CSRF": self.tokens[seat].csrf}
        url = f"/api/sittings/{self.table.sitting_id}/{path}"
        return self.client(seat).post(url, json=body or {}, headers=headers)

    def get(self, seat: str, path: str) -> Any:
        return self.client(seat).get(f"/api/sittings/{self.table.sitting_id}/{path}")

    def ticket(self, seat: str) -> str:
        answer = self.post(seat, "ticket")
        assert answer.status_code == 200, answer.json
        return answer.json["ticket"]


@dataclass
class Page:
    """A page in the room as a test holds it."""

    socket: wire_io.Client
    told: dict[str, list[Any]]
    heard: threading.Condition

    def act(self, type_: str, /, **fields: Any) -> dict[str, Any]:
        return self.call("act", {"type": type_, **fields})

    def call(self, event: str, body: Any) -> dict[str, Any]:
        return self.socket.call(event, body, namespace="/room", timeout=10)

    def until(self, event: str, true: Callable[[Any], object], seconds: float = 10) -> Any:
        deadline = clock.monotonic() + seconds
        with self.heard:
            while True:
                for body in self.told.get(event, []):
                    if true(body):
                        return body
                left = deadline - clock.monotonic()
                assert left > 0, f"{event} never came: {self.told.get(event, [])[-1:]}"
                self.heard.wait(left)


EVENTS = (
    "state",
    "slots",
    "recording",
    "speaker",
    "quality",
    "pictures",
    "reattach",
    "kicked",
    "mute",
)


@contextmanager
def entered(
    house: Running, seat: str, ticket: str | None = None, *, transport: str = "websocket"
) -> Iterator[Page]:
    """Connect with a fresh ticket, and leave at the end."""
    heard, told = threading.Condition(), {}
    socket = wire_io.Client(reconnection=False)

    def listen(event: str) -> Callable[..., None]:
        def take(body: Any = None) -> None:
            with heard:
                told.setdefault(event, []).append(body)
                heard.notify_all()

        return take

    for event in EVENTS:
        socket.on(event, listen(event), namespace="/room")
    socket.on("disconnect", listen("disconnect"), namespace="/room")
    socket.connect(
        house.url,
        auth={"ticket": ticket or house.ticket(seat)},
        namespaces=["/room"],
        transports=[transport],
        wait_timeout=10,
    )
    try:
        yield Page(socket, told, heard)
    finally:
        part(socket)


def part(socket: wire_io.Client) -> None:
    """Say goodbye without waiting for the answer, which this client reads on another thread."""
    threading.Thread(target=socket.disconnect, daemon=True).start()


@contextmanager
def running(folder: Path, authority: Authority, *, media: FakeMedia | None) -> Iterator[Running]:
    """A server on a free port; with ``media`` the real gateway to nodes is replaced."""
    settings = settings_in(folder)
    sms = FakeSms()
    gateways = Gateways(
        sms=sms,
        cards=NoCardRegistry(),
        authority=authority,
        store=FolderStore(folder / "store"),
        keys=Keys.load(settings.secrets_dir),
        vault=Vault.of(settings),
    )
    app = _application(settings, gateways)
    if media is not None:
        app.extensions["odr-media"] = media
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with app.app_context():
            yield _furnished(app, f"http://127.0.0.1:{server.server_port}", sms)
            db.db.session.remove()
            db.db.engine.dispose()
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def _application(settings: Settings, gateways: Gateways) -> Flask:
    app = Flask("odr.web")
    app.extensions["odr"] = House(settings, gateways)
    db.init_app(app, settings)
    init_auth(app)
    init_errors(app)
    app.register_blueprint(room_api.blueprint)
    sockets.init_sockets(app)
    return app


def _furnished(app: Flask, url: str, sms: FakeSms) -> Running:
    db.db.create_all()
    house: House = app.extensions["odr"]
    gates = house.gateways
    now = clock.now()
    ctx = Ctx(gates.vault, gates.sms, gates.cards, gates.keys, now, production=False)
    media = app.extensions["odr-media"]
    files = house.settings.files_dir
    bench = service.Bench(ctx, media, gates.authority, files, url, Names())
    table = lay(bench)
    tokens = {}
    with transaction() as session:
        for number, seat in enumerate(CAST):
            person = session.get(Person, table.people[seat])
            phone = f"1380000000{number}"
            person.phone_cipher = gates.vault.seal(phone, context="phone")
            person.phone_index = gates.vault.index(phone)
            tokens[seat] = identity.open_session(session, ctx, person)
    return Running(app, url, table, sms, tokens)
