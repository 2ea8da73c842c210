"""How cases are named: the number people write and the code they say on the telephone; it keeps none."""

import re
import secrets

COURT_CODE = "浙0304"  # 温州市瓯海区人民法院
KIND = "民调"
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is misread or misheard
LENGTH = 8


def case_number(year: int, number: int) -> str:
    """（2026）浙0304民调00001号."""
    return f"（{year}）{COURT_CODE}{KIND}{number:05d}号"


def serial_of(case_no: str) -> int:
    """The running number inside a case number; 0 when it is not one of ours."""
    found = re.fullmatch(rf"（\d{{4}}）{COURT_CODE}{KIND}(\d+)号", case_no)
    return int(found.group(1)) if found else 0


def prefix(year: int) -> str:
    """What all case numbers of a year begin with."""
    return f"（{year}）{COURT_CODE}{KIND}"


def short_code() -> str:
    """Eight characters without those that are misread."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
