"""What a node tells a Prometheus that asks: numbers only, nothing of a person; it changes nothing."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from odr.errors import Unavailable
from odr.mediation.media.engine import Engine
from odr.mediation.media.rooms import Rooms

LOOPBACK = "127.0.0.1"


class NodeCollector(Collector):
    """The numbers of one node, read when they are asked for."""

    def __init__(self, rooms: Rooms, engine: Engine, folder: Path) -> None:
        """``folder`` is where recordings lie."""
        self._rooms, self._engine, self._folder = rooms, engine, folder

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Rooms, seats, packets, loss, how far the recorder is behind, processor and disk."""
        rooms = self._rooms.living()
        peers = [peer for room in rooms for peer in room.peers]
        states = [peer.status() for peer in peers]
        lag = max([room.recorder.lag_s for room in rooms if not room.recorder.paused] + [0.0])
        yield _gauge("odr_rooms", "Rooms that live on this node", len(rooms))
        yield _gauge("odr_seats", "Seats that are connected", sum(one.connected for one in peers))
        yield _gauge("odr_loss_ratio", "Worst loss of a line", _worst(states, "loss"))
        yield _gauge("odr_jitter_ms", "Worst jitter of a line", _worst(states, "jitter_ms"))
        yield _gauge("odr_rtt_ms", "Longest round trip", _worst(states, "rtt_ms"))
        yield _gauge("odr_recorder_lag_seconds", "Time since film was last written", lag)
        free = shutil.disk_usage(self._folder).free
        yield _gauge("odr_disk_free_bytes", "Free where recordings lie", free)
        counter = CounterMetricFamily("odr_cpu_seconds", "Processor time of this node")
        counter.add_metric([], time.process_time())
        yield counter
        packets = CounterMetricFamily(
            "odr_packets", "Datagrams by what became of them", labels=["fate"]
        )
        for fate, count in self._engine.counts().items():
            packets.add_metric([fate], count)
        yield packets


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _worst(states: list[dict[str, object]], name: str) -> float:
    return max([float(str(state[name])) for state in states] + [0.0])


def serve(collector: NodeCollector, port: int, host: str = LOOPBACK) -> Callable[[], None]:
    """Answer on a port of loopback until the returned function is called; Unavailable when it is taken."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise Unavailable("media.metrics-port", permanent=True, port=port) from error

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
