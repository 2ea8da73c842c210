"""The ``odr media`` process from start to end; it does not know what happens in its rooms."""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import ExitStack, suppress

from odr.mediation.media import adapter, memory, metrics
from odr.mediation.media.engine import Place
from odr.mediation.media.engines import make
from odr.mediation.media.ground import Ground
from odr.mediation.media.link import Identity, Link
from odr.mediation.media.metrics import NodeCollector
from odr.mediation.media.rooms import Rooms
from odr.recordings.recovery import recover
from odr.recordings.writer import recorder_key
from odr.settings import Settings, private_folder

logger = logging.getLogger(__name__)


async def serve(settings: Settings, *, web_url: str, node_id: str) -> None:
    """Run a node until cancelled; Unavailable when aiortc is not the version this was built for."""
    logging.getLogger("aioice").setLevel(logging.WARNING)  # it would log addresses of people
    adapter.check()
    adapter.listen_on(settings.media_host)
    place = Place(settings.media_host, settings.media_ports, settings.media_public)
    with ExitStack() as stack:
        engine = make(settings.media_engine, place)
        stack.callback(engine.stop)
        logger.info("packets are carried by the engine %s", engine.name)
        private_folder(settings.recordings_dir)
        key = recorder_key(settings.secrets_dir)
        await asyncio.to_thread(recover, settings.recordings_dir, key)
        ground = Ground(
            folder=settings.recordings_dir,
            key=key,
            reserve_mb=settings.disk_reserve_mb,
            tell=lambda *said: link.tell(*said),  # noqa: PLW0108 -- the link is made below
            engine=engine,
        )
        rooms = Rooms(ground)
        numbers = NodeCollector(rooms, engine, settings.recordings_dir)
        stack.callback(_numbers(settings, numbers))
        identity = Identity(node_id, web_url, settings.service_secret)
        link = Link(identity, rooms.command, rooms.listed, rooms.keep_only)
        try:
            await link.run()
        finally:
            await rooms.stop()


def _numbers(settings: Settings, collector: NodeCollector) -> Callable[[], None]:
    """Answer a Prometheus where that is wished; what ends it."""
    if not settings.metrics_port:
        return lambda: None
    return metrics.serve(collector, settings.metrics_port)


def run(settings: Settings, web_url: str, node_id: str) -> None:
    """Run a node in a loop of its own until SIGINT or SIGTERM."""
    memory.settle()
    with asyncio.Runner(loop_factory=adapter.loop_factory(settings.media_ports)) as runner:
        runner.run(_until_told(settings, web_url, node_id))


async def _until_told(settings: Settings, web_url: str, node_id: str) -> None:
    serving = asyncio.ensure_future(serve(settings, web_url=web_url, node_id=node_id))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, serving.cancel)
    with suppress(asyncio.CancelledError):
        await serving
    logger.info("node %s stopped", node_id)
