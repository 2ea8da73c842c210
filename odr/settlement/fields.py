"""The fields of a JSON object, read strictly; it does not know what they mean.

Every reader refuses what it cannot use and names the field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from odr.errors import Refused

LARGEST = 10**16


@dataclass(frozen=True)
class Fields:
    """One object; ``name`` is what stands before its fields in a refusal, empty at the top."""

    body: Mapping[str, Any]
    name: str = ""

    @classmethod
    def of(cls, body: object, name: str = "") -> "Fields":
        """The fields of a value; Refused when it is no object."""
        if not isinstance(body, Mapping):
            raise Refused("settlement.terms-malformed", field=name or "terms")
        return cls(body, name)

    def part(self, field: str) -> "Fields | None":
        """An object within that may be missing."""
        value = self.body.get(field)
        return None if value is None else Fields.of(value, self._path(field))

    def rows(self, field: str, most: int) -> list[Any]:
        """A list of at most so many values."""
        value = self.body.get(field)
        if not isinstance(value, list) or len(value) > most:
            raise self.malformed(field)
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        """Texts without surrounding blanks; blank ones are left out, none is fine."""
        value = self.body.get(field, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.malformed(field)
        return tuple(text.strip() for text in value if text.strip())

    def text(self, field: str, *, needed: bool = True) -> str:
        """A text without surrounding blanks."""
        value = self.body.get(field, "")
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self.malformed(field)
        return value.strip()

    def choice(self, field: str, allowed: tuple[str, ...]) -> str:
        """One of the allowed words."""
        value = self.text(field)
        if value not in allowed:
            raise self.malformed(field)
        return value

    def flag(self, field: str, *, missing: bool) -> bool:
        """Yes or no."""
        value = self.body.get(field, missing)
        if not isinstance(value, bool):
            raise self.malformed(field)
        return value

    def number(self, field: str, *, missing: int | None = None) -> int:
        """A whole number, its size within reason; whether it makes sense is for the rules to say."""
        value = self.body.get(field, missing)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST:
            raise self.malformed(field)
        return value

    def day(self, field: str) -> date:
        """A calendar day, YYYY-MM-DD."""
        try:
            return date.fromisoformat(self.text(field))
        except ValueError as error:
            raise self.malformed(field) from error

    def maybe_day(self, field: str) -> date | None:
        """A calendar day, or None when there is none."""
        return self.day(field) if self.body.get(field) else None

    def malformed(self, field: str) -> Refused:
        """The refusal of one field."""
        return Refused("settlement.terms-malformed", field=self._path(field))

    def _path(self, field: str) -> str:
        return f"{self.name}.{field}" if self.name else field
