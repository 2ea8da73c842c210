from datetime import UTC, datetime
from pathlib import Path

import pytest

from odr.settlement.authority import Authority

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
ORGANISATION = "瓯海区矛盾纠纷多元化解中心"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.load(tmp_path_factory.mktemp("keys"), ORGANISATION)


def fill(folder: Path, contents: dict[str, bytes]) -> Path:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
