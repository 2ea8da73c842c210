"""What a simulated hour tells while it is lived: steps, seconds, words; it does not know where they are shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from odr import clock
from odr.sentences import sentence


@dataclass
class Story:
    """Narrates with ``say``; ``seconds`` holds how long each finished stage took."""

    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)
    begun: float = field(default_factory=clock.monotonic)

    @property
    def passed(self) -> float:
        """Seconds since the beginning."""
        return clock.monotonic() - self.begun

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """One stage: its sentence now, its seconds at the end."""
        start = clock.monotonic()
        self.tell(name)
        try:
            yield
        finally:
            spent = self.seconds.get(name, 0.0) + clock.monotonic() - start
            self.seconds[name] = round(spent, 1)

    def tell(self, name: str, **values: object) -> None:
        """One sentence in both languages with the time since the beginning."""
        key = f"simulation.{name}"
        self.say(
            f"[{self.passed:5.1f}s] {sentence(key, 'zh', **values)} · {sentence(key, 'en', **values)}"
        )
