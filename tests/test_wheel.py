"""The wheel alone: built, installed into an empty environment elsewhere on disk, and used there without a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest

from conftest import ROOT

MINUTES = 300  # seconds: pip may have to fetch the dependencies


def run(*command: str | Path, cwd: Path) -> str:
    """Run without anything of this environment or checkout on the path; the output."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean, capture_output=True, text=True, encoding="utf-8", timeout=MINUTES
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    isolation = ["--no-isolation"] if find_spec("hatchling") else []
    run(sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the wheel and what it says it needs, and nothing else."""
    place = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", place / "env", cwd=place)
    binary = place / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(binary, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=place)
    return binary


def test_the_wheel_holds_rules_tables_and_type_marker_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for path in (ROOT / "rules").rglob("*.yaml"):
        assert f"fanzha/rules/{path.relative_to(ROOT / 'rules').as_posix()}" in names
    for path in (ROOT / "samples").iterdir():
        assert f"fanzha_api/samples/{path.name}" in names
    for path in (ROOT / "api" / "fanzha_api" / "web").rglob("*.*"):
        assert f"fanzha_api/web/{path.relative_to(ROOT / 'api' / 'fanzha_api' / 'web').as_posix()}" in names
    for path in (ROOT / "detector" / "fanzha" / "render" / "report").iterdir():
        assert f"fanzha/render/report/{path.name}" in names
    for name in ("fanzha/tables/fold.txt", "fanzha/tables/sound.txt", "fanzha_api/py.typed"):
        assert name in names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"fanzha", "fanzha_api"}


def test_installed_it_scores_with_its_own_rules(python: Path, tmp_path: Path) -> None:
    code = dedent("""
        import sys
        from pathlib import Path
        import fanzha
        from fanzha.pack.load import bundled_rules

        home = Path(fanzha.__file__).resolve().parent
        assert home.is_relative_to(Path(sys.prefix).resolve()), home
        assert bundled_rules() == home / "rules"
        verdict = fanzha.Detector().score([
            ("客服", "您的快递丢了, 我们给您双倍理赔"),
            ("客服", "您加一下理赔专员的微信"),
            ("客服", "打开屏幕共享, 我教您办理"),
            ("客服", "财务给您多打了一万二, 您把多出来的退回来"),
        ])
        print(verdict.alert, verdict.script, verdict.pack)
    """)
    alert, script, pack = run(python, "-X", "utf8", "-c", code, cwd=tmp_path).split()
    assert (alert, script) == ("True", "refund")
    assert pack.startswith("fanzha-")


def test_installed_the_command_runs(python: Path, tmp_path: Path) -> None:
    shown = run(python, "-X", "utf8", "-m", "fanzha", "score", "您的快递丢了, 加一下理赔专员的微信", cwd=tmp_path)
    assert "快递丢了" in shown
