"""How long the papers take: typesetting, five signatures, verification, deposit. Run ``python -m bench.documents``."""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bench import papers
from bench.deposit import deposit_rows
from odr.settlement.authority import Authority
from odr.settlement.document import AgreementData, PartyData, fields_of, render
from odr.settlement.fonts import open_fonts
from odr.settlement.signing import Act, Desk, prepare, seal, sign
from odr.settlement.strokes import strokes_from_json
from odr.settlement.terms import Terms, plan_equal
from odr.settlement.verification import verify_pdf

ROUNDS = 5
T = TypeVar("T")


def agreement() -> AgreementData:
    """The golden case: 340,000 yuan in seven instalments."""
    terms = Terms(34_000_000, plan_equal(34_000_000, 7, date(2026, 12, 31)), "户名：王䶮")
    parties = (PartyData("applicant", "王䶮"), PartyData("respondent", "李建国"))
    return AgreementData(
        case_no="（2026）浙0304民调00001号",
        organisation="瓯海区矛盾纠纷多元化解中心",
        court="瓯海区人民法院",
        parties=parties,
        cause="民间借贷纠纷",
        facts=("被申请人向申请人借款人民币400,000.00元，已归还60,000.00元。",),
        terms=terms,
        mediator="陈晓岚",
        day=date(2026, 11, 25),
        verify_url="https://odr.example/verify",
    )


def timed(name: str, times: dict[str, list[float]], work: Callable[[], T]) -> T:
    """Do the work and note its milliseconds under ``name``."""
    begin = time.perf_counter()
    result = work()
    times.setdefault(name, []).append((time.perf_counter() - begin) * 1000)
    return result


def one_round(desk: Desk, cache: Path, times: dict[str, list[float]]) -> int:
    """One agreement from data to verified file; its size in bytes."""
    begin = time.perf_counter()
    data, now = agreement(), datetime.now(UTC)
    line = [{"x": n * 9, "y": 40 + n % 7 * 8, "t": n * 16, "p": 0.5} for n in range(60)]
    strokes = strokes_from_json([line])
    pdf = timed("render", times, lambda: render(data, cache))
    pdf = timed("certify", times, lambda: prepare(desk, pdf, now))
    for index, (field, name) in enumerate(fields_of(data)[:-1], 1):
        act = Act(field, name, "ab" * 32, strokes, now + timedelta(seconds=index))
        pdf = timed("sign", times, lambda pdf=pdf, act=act: sign(desk, pdf, act))  # type: ignore[misc]
    pdf = timed("seal (B-LTA)", times, lambda: seal(desk, pdf, now + timedelta(seconds=9)))
    findings = timed("verify", times, lambda: verify_pdf(pdf, [desk.authority.root_pem()]))
    times.setdefault("all of the above", []).append((time.perf_counter() - begin) * 1000)
    if not all(finding.ok for finding in findings):
        raise SystemExit("the agreement does not verify")
    return len(pdf)


def timed_command(folder: Path, desk: Desk) -> float:
    """The processor's seconds of `odr verify` on one paper, started anew."""
    paper = folder / "paper.pdf"
    now = datetime.now(UTC)
    data = agreement()
    pdf = prepare(desk, render(data, desk.authority.cache), now)
    for name, who in fields_of(data)[:-1]:
        strokes = strokes_from_json([[{"x": n, "y": n, "t": n * 16, "p": 0.5} for n in range(60)]])
        pdf = sign(desk, pdf, Act(name, who, "ab" * 32, strokes, now))
    paper.write_bytes(seal(desk, pdf, now))
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "odr.cli", "verify", str(paper)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={"HOME": str(folder)})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the medians."""
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "fonts"
        fonts = timed("unpack fonts (once)", times, lambda: open_fonts(cache))
        authority = Authority.load(Path(folder) / "secrets", agreement().organisation)
        desk = Desk(authority, fonts)
        one_round(desk, cache, {})  # warm: the first paper of a process also reads the typefaces
        sizes = [one_round(desk, cache, times) for _ in range(ROUNDS)]
        cold = timed_command(Path(folder), desk)
        deposits = deposit_rows(Path(folder), authority)
        for _ in range(ROUNDS):
            timed("minutes", times, lambda: papers.minutes(cache))
            for kind in papers.kinds():
                timed(kind, times, lambda kind=kind: papers.plain(kind, cache))  # type: ignore[misc]
    for name, values in times.items():
        print(f"{name:22} median {statistics.median(values):7.0f} ms  worst {max(values):7.0f} ms")
    print(f"odr verify, cold       {cold:.1f} CPU s (typefaces kept unpacked from the time before)")
    print(f"size                   {sizes[-1] / 1000:.0f} KB")
    for row in deposits:
        print(row)


if __name__ == "__main__":
    main()
