"""The four ways this house says no; it does not know who is asking or how the answer is shown.

    OdrError
    ├── Refused       a rule says no; the sentence is for the person
    ├── NotFound      nothing this person may know of
    ├── Tampered      a hash, seal or signature does not fit: an alarm, never a retry
    └── Unavailable   the outside world failed, for now or for good

``key`` names a sentence in ``odr/wording/*.toml``; ``values`` fill its places. ``str(error)`` is the
English sentence; ``odr.sentences.sentence`` gives the Chinese one.
"""

from odr.sentences import sentence


class OdrError(Exception):
    """A refusal that can be said to a person in her language."""

    def __init__(self, key: str, /, **values: object) -> None:
        """Keep the key of the sentence and the values that fill it."""
        self.key = key
        self.values = values
        super().__init__(key)

    def sentence(self, language: str = "zh") -> str:
        """Say it in Chinese ("zh") or English ("en")."""
        return sentence(self.key, language, **self.values)

    def __str__(self) -> str:
        """The English sentence, for logs and the command line."""
        return self.sentence("en")


class Refused(OdrError):
    """A rule says no; HTTP 409."""


class NotFound(OdrError):
    """There is nothing here for this person; HTTP 404."""

    def __init__(self, key: str = "common.not-found", /, **values: object) -> None:
        """The default sentence does not tell whether the thing exists."""
        super().__init__(key, **values)


class Tampered(OdrError):
    """A hash, a seal or a signature does not fit; HTTP 500 and an alarm."""


class Unavailable(OdrError):
    """Something outside does not answer; HTTP 503. ``permanent`` says that a retry is in vain."""

    def __init__(self, key: str, /, *, permanent: bool = False, **values: object) -> None:
        """Keep whether trying again can help."""
        self.permanent = permanent
        super().__init__(key, **values)
