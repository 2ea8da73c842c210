"""The verbs of the room, in one place for the pages above; it does not know pages or sockets."""

from odr.mediation.acts import arrive, attach, detach, leave, perform, sign
from odr.mediation.bargaining import SignBody
from odr.mediation.pages import page, pages_of
from odr.mediation.scene import Bench, Ref, Scene, scene_of
from odr.mediation.sittings import create_sitting, seat_of, sitting_for
from odr.mediation.state import state

__all__ = [
    "Bench",
    "Ref",
    "Scene",
    "SignBody",
    "arrive",
    "attach",
    "create_sitting",
    "detach",
    "leave",
    "page",
    "pages_of",
    "perform",
    "scene_of",
    "seat_of",
    "sign",
    "sitting_for",
    "state",
]
