"""What every view needs at hand: settings, gateways, language, the present moment; it decides nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, g, request
from markupsafe import Markup

from odr import clock
from odr.bootstrap import Gateways
from odr.identity.context import Ctx
from odr.identity.otp import SIMULATED, STRICT
from odr.settings import Settings

LANGUAGES = ("zh", "en")
DAY_WORDS = {0: ("今天", "today"), 1: ("明天", "tomorrow"), -1: ("昨天", "yesterday")}


@dataclass(frozen=True)
class House:
    """One running installation as the web sees it."""

    settings: Settings
    gateways: Gateways


def house() -> House:
    """The installation that answers this request."""
    return cast(House, current_app.extensions["odr"])


def now() -> datetime:
    """The moment of this request; one request has one moment."""
    if "now" not in g:
        g.now = clock.now()
    return cast(datetime, g.now)


def ctx() -> Ctx:
    """What the identity room needs to work, with the moment of this request."""
    gateways, settings = house().gateways, house().settings
    return Ctx(
        vault=gateways.vault,
        sms=gateways.sms,
        cards=gateways.cards,
        keys=gateways.keys,
        now=now(),
        production=settings.production,
        limits=SIMULATED if settings.environment in {"demo", "test"} else STRICT,
    )


def language() -> str:
    """The language of the person who asks: "zh" unless she chose English."""
    chosen = request.cookies.get("lang", "zh")
    return chosen if chosen in LANGUAGES else "zh"


def L(zh: str, en: str) -> str:  # noqa: N802 -- the house's shortest word, seen in every template
    """One phrase of a page in the reader's language."""
    return en if language() == "en" else zh


def large_print() -> bool:
    """Whether the reader asked for the elder mode."""
    return request.cookies.get("elder") == "1"


def local_time(moment: datetime | None) -> str:
    """A moment as people in China read it, with 今天 or 明天 where that is so."""
    if moment is None:
        return ""
    there = clock.local(moment)
    days = (there.date() - clock.local(now()).date()).days
    if days in DAY_WORDS:
        return f"{L(*DAY_WORDS[days])} {there:%H:%M}"
    day = f"{there.year}年{there.month}月{there.day}日"
    return f"{L(day, there.strftime('%d %b %Y'))} {there:%H:%M}"


def yuan(fen: int) -> str:
    """Fen as yuan with thousands: 34000000 → 340,000; 12345 → 123.45."""
    whole, rest = divmod(abs(fen), 100)
    text = f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
    return f"-{text}" if fen < 0 else text


def asset(path: str) -> str:
    """The address of a file under static/, with the hash of its bytes so that it may be kept a year."""
    hashes = cast("dict[str, str]", current_app.extensions["odr-assets"])
    return f"/static/{path}?v={hashes.get(path, '0')}"


def icon(name: str) -> Markup:
    """One icon of the sprite, for the eye only; a word stands beside it."""
    return Markup(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>'
    ).format(asset("vendor/icons.svg"), name)
