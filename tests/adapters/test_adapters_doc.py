"""docs/adapters.md: its Python runs, what names a program is what the program is called, its settings are all there."""

from __future__ import annotations

import ast
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from conftest import ROOT
from fanzha import Detector

PAGE = (ROOT / "docs" / "adapters.md").read_text("utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def example(holding: str) -> str:
    (found,) = (one for one in examples("python") if holding in one)
    return found


@pytest.fixture
def service(detector: Detector) -> Iterator[str]:
    """What answers /score as the service does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = detector.score(body["text"]).model_dump_json().encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_watcher_tells_of_the_one_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    exec(example("Watcher(Detector(), least"), {})  # noqa: S102
    (line,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch("群30/2001 (high|critical) refund", line)


def test_the_tool_of_langchain_answers(capsys: pytest.CaptureFixture[str]) -> None:
    exec(example("langchain_core"), {"__name__": "recipe"})  # noqa: S102
    assert capsys.readouterr().out.strip() in ("high", "critical")


def test_the_callback_over_http_prints_what_to_do(service: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(example("urllib").replace("http://127.0.0.1:8000", service), {})  # noqa: S102
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_the_recipe_for_astrbot_is_python_and_uses_what_there_is() -> None:
    tree = ast.parse(example("astrbot"))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module.startswith("fanzha") for name in node.names}
    assert imported == {"Detector", "Watcher", "warning"}


def test_the_command_of_the_mcp_example_exists() -> None:
    (settings,) = map(json.loads, examples("json"))
    assert settings["mcpServers"]["fanzha"] == {"command": "fanzha", "args": ["mcp"]}


def test_every_setting_of_the_plugin_is_in_the_table() -> None:
    source = (ROOT / "detector" / "fanzha" / "adapters" / "nonebot.py").read_text("utf-8")
    (config,) = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == "Config")
    fields = [one.target.id.upper() for one in config.body if isinstance(one, ast.AnnAssign)]
    assert re.findall(r"^\| `(FANZHA_\w+)`", PAGE, re.MULTILINE) == fields
