"""The structural promises of the house, as tests."""

import ast
import re
from pathlib import Path

import pytest

from odr import sentences

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "odr").rglob("*.py"))
RULES_WITHOUT_OWN_TEST = {"__init__.py", "models.py", "env.py"}


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_only_db_commits():
    guilty = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if ".commit(" in path.read_text("utf-8") and path.name != "db.py"
    ]
    assert guilty == []


def test_no_module_is_longer_than_400_lines():
    sizes = {str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n") for path in SOURCES}
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_no_function_is_longer_than_40_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > 40
    ]
    assert long == []


def test_no_test_file_is_longer_than_500_lines():
    sizes = {
        path.name: path.read_text("utf-8").count("\n") for path in (ROOT / "tests").rglob("*.py")
    }
    assert {name: size for name, size in sizes.items() if size > 500} == {}


def test_no_script_file_is_longer_than_400_lines():
    scripts = [p for p in (ROOT / "static").rglob("*.js") if "vendor" not in p.parts]
    sizes = {str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n") for path in scripts}
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_no_room_is_called_after_nothing():
    vague = {"utils", "util", "helpers", "common", "manager", "base", "misc"}
    assert [str(path) for path in SOURCES if path.stem in vague or vague & set(path.parts)] == []


def test_every_module_says_what_it_is():
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


@pytest.mark.parametrize(
    "room", ["identity", "cases", "settlement", "mediation", "recordings", "archive", "law"]
)
def test_the_files_of_a_room_are_mirrored_by_tests(room: str):
    missing = [
        f"{room}/{path.name}"
        for path in sorted((ROOT / "odr" / room).glob("*.py"))
        if path.name not in RULES_WITHOUT_OWN_TEST
        and not (ROOT / "tests" / room / f"test_{path.name}").exists()
    ]
    assert missing == []


def test_every_sentence_stands_in_both_languages():
    poor = [key for key, texts in sentences.catalogue().items() if set(texts) != {"zh", "en"}]
    assert poor == []


def test_every_refusal_has_its_sentence():
    pattern = re.compile(r'\b(?:Refused|NotFound|Tampered|Unavailable)\(\s*"([^"]+)"')
    used = {
        key: str(path.relative_to(ROOT))
        for path in SOURCES
        for key in pattern.findall(path.read_text("utf-8"))
    }
    known = sentences.catalogue()
    assert {key: where for key, where in used.items() if key not in known} == {}


def test_only_web_reads_the_request():
    reading = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"^\s*(from|import) flask\b", path.read_text("utf-8"), re.M)
        and not path.is_relative_to(ROOT / "odr" / "web")
        and path.name != "db.py"
        and not path.name.startswith("cli")
    ]
    assert reading == []


def test_flask_sqlalchemy_is_spoken_in_db_only():
    speaking = [
        path.name
        for path in SOURCES
        if "flask_sqlalchemy" in path.read_text("utf-8") and path.name != "db.py"
    ]
    assert speaking == []


def test_the_environment_is_read_in_settings_only():
    reading = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if "os.environ" in path.read_text("utf-8")
        and path.name not in {"settings.py", "cli_run.py"}
        and "simulation" not in path.parts
    ]
    assert reading == []
