"""Inputs made wrong on purpose: seeded mutations of texts and packets; it does not know what reads them."""

import random
import struct

NUMBERS = ("0", "-1", "255", "256", "65536", "4294967296", "9" * 30, "9" * 400, "9" * 5000, "1e9")
STRANGE = (
    "\u202e",
    "\u0661",
    "\u00e9",
    "\ufeff",
    "\x00",
    "\x85",
    "\u2028",
    "\ud800",
    "\U0001f468",
    "\uff05",
)
EDGES = (0, 1, 0x7F, 0x80, 0xBE, 0xDE, 0xFE, 0xFF)


def wrong_text(text: str, chance: random.Random) -> str:
    """One to four mutations of a text of lines."""
    for _ in range(chance.randint(1, 4)):
        text = chance.choice(_TEXT)(text, chance)
    return text


def _flip(text, chance):
    at = chance.randrange(len(text) or 1)
    return (
        text[:at] + chr(ord(text[at : at + 1] or "x") ^ 1 << chance.randrange(7)) + text[at + 1 :]
    )


def _cut(text, chance):
    return text[: chance.randrange(len(text) + 1)]


def _drop(text, chance):
    rows = text.split("\n")
    begin = chance.randrange(len(rows))
    del rows[begin : begin + chance.choice((1, 1, 2, 30))]
    return "\n".join(rows)


def _double(text, chance):
    rows = text.split("\n")
    at = chance.randrange(len(rows))
    rows[at:at] = [chance.choice(rows)] * chance.choice((1, 1, 2, 500))
    return "\n".join(rows)


def _shuffle(text, chance):
    rows = text.split("\n")
    begin = chance.randrange(len(rows))
    part = rows[begin : begin + 40]
    chance.shuffle(part)
    return "\n".join(rows[:begin] + part + rows[begin + 40 :])


def _number(text, chance):
    digits = [at for at, sign in enumerate(text) if sign.isdigit()]
    if not digits:
        return text
    at = chance.choice(digits)
    return text[:at] + chance.choice(NUMBERS) + text[at + 1 :]


def _strange(text, chance):
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(STRANGE) + text[at:]


def _endings(text, chance):
    return text.replace("\n", chance.choice(("\r\n", "\r", "\n\n", "\n ")))


def _stretch(text, chance):
    at = chance.randrange(len(text) + 1)
    return (
        text[:at] + chance.choice("aA0: /=-") * chance.choice((64, 400, 5000, 70_000)) + text[at:]
    )


_TEXT = (
    _flip,
    _flip,
    _cut,
    _drop,
    _double,
    _shuffle,
    _number,
    _number,
    _strange,
    _endings,
    _stretch,
)


def wrong_bytes(data: bytes, chance: random.Random) -> bytes:
    """One to four mutations of a packet."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(_BYTES)(bytearray(data), chance)
    return bytes(data)


def _bit(data, chance):
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data


def _edge(data, chance):
    if data:
        data[chance.randrange(min(len(data), 40))] = chance.choice(EDGES)
    return data


def _length(data, chance):
    if len(data) > 4:
        at = chance.choice((2, 2, 2, chance.randrange(len(data) - 2)))
        struct.pack_into(
            "!H", data, at, chance.choice((0, 1, 4, min(len(data), 0xFFFF), 0x7FFF, 0xFFFF))
        )
    return data


def _shorter(data, chance):
    return data[: chance.randrange(len(data) + 1)]


def _repeated(data, chance):
    return data * chance.choice((2, 3, 40)) if len(data) < 2000 else data


def _spliced(data, chance):
    begin, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[begin:end] + data[at:]


def _noise(data, chance):
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.choice((1, 3, 4, 200, 1500))) + data[at:]


_BYTES = (_bit, _bit, _edge, _edge, _length, _length, _shorter, _repeated, _spliced, _noise)
