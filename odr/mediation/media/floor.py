"""Who has the floor, from how loud everybody is; it does not know packets or connections."""

from collections.abc import Mapping

SPEECH = 50.0
CLEARER = 6.0
HOLD_S = 1.5
SMOOTH = 25  # packets of 20 ms: half a second
SILENT = 127


def smoothed(before: float, level: int) -> float:
    """The running loudness (-dBov) after one more packet; a syllable raises it faster than a pause sinks it."""
    rest = SMOOTH if level > before else SMOOTH / 4
    return before + (level - before) / rest


class Floor:
    """The active speaker of a room, without flapping."""

    def __init__(self) -> None:
        """Nobody has spoken."""
        self.seat = ""
        self._since = float("-inf")

    def heard(self, levels: Mapping[str, float], now: float) -> bool:
        """Levels in -dBov (RFC 6464: 0 loudest, 127 silent) by seat; whether the floor has changed."""
        loudest = min(levels, key=lambda seat: levels[seat], default="")
        if not loudest or loudest == self.seat or levels[loudest] > SPEECH:
            return False
        present = levels.get(self.seat, float(SILENT))
        if levels[loudest] > present - CLEARER or now - self._since < HOLD_S:
            return False
        self.seat, self._since = loudest, now
        return True
