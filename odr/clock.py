"""What time it is: the only module that asks; it does not know what for.

Times are aware and kept in UTC; people read them in Asia/Shanghai.
"""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in Shanghai."""
    return now().astimezone(SHANGHAI).date()


def monotonic() -> float:
    """Seconds that never run backwards, for durations only."""
    return time.monotonic()


def local(moment: datetime) -> datetime:
    """The same moment as people in China read it."""
    return moment.astimezone(SHANGHAI)
