"""libsrtp as pylibsrtp carries it, called directly; it does not know what is encrypted."""

from typing import Any

from pylibsrtp import _binding

NAMES = ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp")
ROOM = 2048
TRAILER = 148

ffi: Any = _binding.ffi
lib: Any = _binding.lib


def context(session: Any) -> Any:  # noqa: ANN401 -- pylibsrtp's session, libsrtp's pointer
    """The ``srtp_t`` in a pylibsrtp session."""
    return session._srtp[0]  # noqa: SLF001 -- proved by ``addresses`` and the tests


def addresses() -> list[int]:
    """Where the four functions lie; AttributeError when this pylibsrtp has them otherwise."""
    return [int(ffi.cast("uintptr_t", ffi.addressof(lib, name))) for name in NAMES]


class Box:
    """One buffer in which packets are encrypted and decrypted in place."""

    def __init__(self) -> None:
        """Room for one packet and its trailer."""
        self._data = ffi.new("char[]", ROOM)
        self._view = ffi.buffer(self._data)
        self._length = ffi.new("int *")

    def run(self, function: Any, session: Any, data: bytes) -> bytes | None:  # noqa: ANN401
        """What one of the four makes of a packet; None when it refuses it."""
        size = len(data)
        if size > ROOM - TRAILER:
            return None
        self._view[0:size] = data
        self._length[0] = size
        if function(session, self._data, self._length):
            return None
        return bytes(self._view[0 : self._length[0]])
