"""docs/service.md: its settings are the settings, its endpoints the endpoints, and every example does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import ROOT
from fanzha_api import Settings, create_app
from fanzha_api import errors as refusals
from server_process import serving
from test_api import ask

TEXT = (ROOT / "docs" / "service.md").read_text("utf-8")
SHELL = [block for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) if "curl" in block]
(PYTHON,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def table_of_settings() -> str:
    rows = ["| 变量 | 默认 | 作用 |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = {"": "(空)", None: "(没有)", True: "true", False: "false"}.get(default, default)
        rows.append(f"| `FANZHA_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows)


def test_the_table_of_settings_is_that_of_the_code() -> None:
    assert table_of_settings() in TEXT, f"paste into docs/service.md:\n{table_of_settings()}"


def test_every_route_is_told_of() -> None:
    app = create_app(settings=Settings())
    paths = set(ask(app, "GET", "/openapi.json").json()["paths"]) | {"/live"}
    told = set(re.findall(r"(/[a-z]+(?:/[a-z{}]+)*)", TEXT))
    assert {path for path in paths if path.split("/{")[0] not in told} == set()


def test_every_code_of_a_refusal_is_told_of() -> None:
    source = (ROOT / "api" / "fanzha_api" / "errors.py").read_text("utf-8")
    codes = set(re.findall(r'Refusal\(\s*\d+, "(\w+)"', source)) | {code for _, code in refusals._HTTP_CODES.values()}
    assert {code for code in codes - {"internal"} if f"`{code}`" not in TEXT} == set()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as (_, told):
        yield told.removeprefix("http://")


def run(command: list[str], address: str) -> str:
    done = subprocess.run(
        [part.replace("127.0.0.1:8000", address) for part in command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("block", SHELL, ids=range(len(SHELL)))
def test_the_examples_of_curl_are_answered(address: str, block: str) -> None:
    said = run(["bash", "-euo", "pipefail", "-c", block], address)
    assert '"pack"' in said or '"changes"' in said
    expected = "message" in block  # the one that shows a faulty item
    assert ('"problem"' in said) is expected
    assert '"status":' not in said or expected


def test_the_example_of_a_live_call_sees_the_alert(address: str) -> None:
    lines = run([sys.executable, "-c", PYTHON], address).splitlines()
    assert [line.split()[0] for line in lines] == ["0", "1", "2"]
    assert lines[2].split()[1] in ("high", "critical")
    assert "微信" in lines[2]


def test_the_command_that_makes_a_key_makes_one() -> None:
    (command,) = re.findall(r"^python -m (fanzha_api\.new_key \w+)", TEXT, re.MULTILINE)
    paths: Any = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
        timeout=60,
    )
    assert re.fullmatch(r"app:[0-9a-f]{64}\n", done.stdout)
    assert len(done.stderr.split()[-1]) >= 40
