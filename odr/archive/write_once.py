"""Whether the court's store may call itself write-once: the kept result of its probe; it does not know the backend."""

import json
import logging
import os
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from odr.archive.depot import Depot
from odr.archive.store import Attack, CourtStore, Probe
from odr.settings import Settings

logger = logging.getLogger(__name__)
FRESH = timedelta(days=1)


def standing(depot: Depot) -> Probe:
    """The kept result, or a new one when it is older than a day; it goes into every signed receipt."""
    kept, now = kept_probe(depot.settings), depot.clock()
    if kept is not None and timedelta(0) <= now - kept.at < FRESH:
        return kept
    return probe(depot.settings, depot.store, now)


def probe(settings: Settings, store: CourtStore, now: datetime) -> Probe:
    """Attack a canary in the store and keep what came of it."""
    result = store.probe(now)
    _keep(settings, result)
    if not result.write_once:
        yielded = [attack.name for attack in result.attacks if not attack.refused]
        logger.warning("the court's store is not write-once: %s", ", ".join(yielded))
    return result


def kept_probe(settings: Settings) -> Probe | None:
    """The last result, or None when the store was never probed, or it is another store's."""
    path = _path(settings)
    if not path.is_file():
        return None
    body = json.loads(path.read_text("utf-8"))
    if body.get("store") != _store_of(settings):
        return None
    attacks = tuple(Attack(**attack) for attack in body["attacks"])
    return Probe(body["location"], datetime.fromisoformat(body["at"]), attacks)


def _store_of(settings: Settings) -> str:
    return f"{settings.store} {settings.store_path} {settings.s3_endpoint} {settings.s3_bucket}"


def _path(settings: Settings) -> Path:
    return settings.data / "store-probe.json"


def _keep(settings: Settings, result: Probe) -> None:
    path = _path(settings)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    body = asdict(result) | {"at": result.at.isoformat(), "store": _store_of(settings)}
    part.write_text(json.dumps(body, ensure_ascii=False, indent=1), "utf-8")
    part.replace(path)
