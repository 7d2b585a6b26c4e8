"""The rules over HTTP: read, tried without being installed, loaded anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fanzha import Detector
from fanzha_api import Settings, create_app
from fanzha_api.keys import hash_of
from fanzha_api.trials import Trials
from test_api import ask, fields, problem
from test_trial import NEW
from tiny_pack import TINY

REGEX = """\
signals:
  - id: my.slow
    title: 很慢
    stage: hook
    match: [{regex: '%s', behind: [开始]}]
    why: w
    falsepositives: f
    hits: [开始了, 开始吧]
    misses: [结束了, 结束吧]
"""
SLOW = REGEX % ("a{0,40}" * 12 + "b")  # bounded, as it must be, and yet for ever


@pytest.fixture(scope="module")
def folder(write_rules: Callable[..., Path]) -> Path:
    return write_rules(TINY)


@pytest.fixture(scope="module")
def app(folder: Path) -> Iterator[Any]:
    made = create_app(Detector(folder, bundled=False), Settings(api_key=None, check_seconds=20))
    yield made
    made.state.service.close()


def check(app: Any, source: str, **more: Any) -> httpx.Response:
    return ask(app, "POST", "/rules/check", json={"yaml": source, **more})


# ── reading ──


def test_the_overview_names_scripts_signals_and_words(app: Any) -> None:
    body = ask(app, "GET", "/rules").json()
    assert [one["id"] for one in body["scripts"]] == ["tiny"]
    assert [(one["id"], one["stage_title"], one["scripts"]) for one in body["signals"]] == [
        ("hook.lost", "由头", ["tiny"]),
        ("ask.money", "要钱", ["tiny"]),
    ]
    assert [(one["kind"], one["id"], one["size"]) for one in body["words"]] == [("term", "parcel", 2), ("guard", "prohibit", 2)]


@pytest.mark.parametrize(("name", "kind"), [("hook.lost", "signal"), ("tiny", "script"), ("parcel", "term"), ("prohibit", "guard")])
def test_a_rule_comes_with_its_yaml(app: Any, name: str, kind: str) -> None:
    body = ask(app, "GET", f"/rules/{name}").json()
    assert (body["id"], body["kind"]) == (name, kind)
    assert check(app, body["yaml"]).status_code == 200
    assert ask(app, "GET", f"/rules/{name}?kind={kind}").json() == body


@pytest.mark.parametrize("path", ["nothing", "hook.lost?kind=term", "hook.lost?kind=x", "..%2f..%2fetc%2fpasswd", "%00", "a" * 5000])
def test_what_is_no_rule_is_404(app: Any, path: str) -> None:
    assert problem(ask(app, "GET", f"/rules/{path}"), 404)["errors"]


def test_info_tells_versions_and_limits(app: Any) -> None:
    body = ask(app, "GET", "/info").json()
    assert (body["title"], body["key_required"]) == ("小规则", False)
    assert body["limits"]["body_bytes"] == Settings().max_body_bytes


# ── trying ──


def test_a_rule_is_tried_on_a_text_and_not_installed(app: Any) -> None:
    text = "😀您的包裹要交押金"
    body = check(app, NEW, text=text).json()
    (hit,) = body["hits"]
    assert text[hit["start"] : hit["end"]] == hit["text"] == "包裹要交押金"
    assert hit["start_utf16"] == hit["start"] + 1
    assert body["signals"] == ["my.deposit"]
    assert ask(app, "POST", "/score", json={"text": text}).json()["evidence"] == []


def test_a_rule_is_tried_on_turns_by_who_speaks(app: Any) -> None:
    turns = [{"speaker": "小王", "text": "押金先交"}, {"speaker": "小李", "text": "押金先交"}]
    hits = check(app, NEW, turns=turns, self_name="小王").json()["hits"]
    assert [(hit["turn"], hit["party"], hit["counted"]) for hit in hits] == [(0, "self", False), (1, "other", True)]


def test_a_rule_alone_is_linted_and_its_examples_run(app: Any) -> None:
    body = check(app, NEW.replace("押金您先交", "押金要不要")).json()
    assert body["verdict"] is None
    assert [(one["line"], one["severity"]) for one in body["diagnostics"]] == [(2, "warning"), (9, "warning")]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("signals:\n  - id: X\n", 2),
        (NEW.replace("{parcel}", "{nothing}"), 6),
        (REGEX % "开始.*", 5),
        (REGEX % "(开始){1,3}+", 5),
        (REGEX % "(", 5),
        ("signals:\n- &a\n  id: *a\n", 1),
        ("[" * 30_000, 1),
    ],
)
def test_faulty_rules_are_a_problem_with_lines(app: Any, source: str, line: int) -> None:
    body = ask_problem(check(app, source, text="开始"))
    assert line in [one["line"] for one in body["diagnostics"] if one["severity"] == "error"]
    assert body["errors"][0]["field"].startswith(f"rule.yaml:{line}:")


def ask_problem(response: httpx.Response) -> dict[str, Any]:
    body = problem(response, 422)
    assert body["code"] == "faulty_rules"
    return body


def test_an_alias_bomb_is_refused(app: Any) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "别名" in ask_problem(check(app, "\n".join(lines)))["detail"]


def test_yaml_executes_nothing(app: Any) -> None:
    ask_problem(check(app, "signals: !!python/object/apply:os.system ['true']\n"))


def test_the_size_of_a_rule_is_bounded(folder: Path) -> None:
    small = create_app(Detector(folder, bundled=False), Settings(check_bytes=100))
    assert fields(problem(check(small, "#" * 101), 413)) == ["yaml"]


def test_a_rule_that_takes_too_long_is_ended_and_the_next_one_is_answered(folder: Path) -> None:
    made = create_app(Detector(folder, bundled=False), Settings(check_seconds=1.5))
    try:
        hard = {"yaml": SLOW, "text": ("开始" + "a" * 3000 + "cb。") * 60}
        assert problem(ask(made, "POST", "/rules/check", json=hard), 413)["code"] == "too_much_work"
        assert check(made, NEW, text="押金先交").json()["hits"]
    finally:
        made.state.service.close()


def test_no_more_than_a_few_wait_for_a_trial(app: Any) -> None:
    gate = app.state.service.trial_gate
    gate.inside += gate.most
    try:
        response = check(app, NEW)
        assert problem(response, 503)["code"] == "busy"
        assert response.headers["retry-after"] == "1"
    finally:
        gate.inside -= gate.most


def test_text_and_turns_together_are_refused(app: Any) -> None:
    assert fields(problem(check(app, NEW, text="您好", turns=[{"text": "您好"}]), 422)) == ["(body)"]


def test_the_process_of_trials_ends_with_the_service(folder: Path) -> None:
    trials = Trials((folder,), 20)
    assert b'"signals"' in trials.ask(b'{"yaml": "", "turns": null, "self_name": null}')
    process = trials._process
    assert process is not None
    trials.close()
    assert process.poll() is not None


# ── loading anew ──


def reloading(folder: Path) -> tuple[Any, dict[str, str]]:
    keys = f"ops:{hash_of('a')}:admin, app:{hash_of('b')}"
    settings = Settings(api_keys=keys, rules=str(folder))  # type: ignore[arg-type]
    return create_app(Detector(folder, bundled=False), settings), {"X-API-Key": "a"}


def test_rules_are_loaded_anew_by_an_administrator(write_rules: Callable[..., Path]) -> None:
    folder = write_rules(TINY)
    app, key = reloading(folder)
    body = {"text": "您的包裹丢了"}
    before = ask(app, "POST", "/score", json=body, headers=key).json()
    assert ask(app, "POST", "/rules/reload", headers=key).json() == {"pack": before["pack"], "changed": False}
    (folder / "0.yaml").write_text(TINY.replace("[快递, 包裹]", "[快递]"), "utf-8")
    again = ask(app, "POST", "/rules/reload", headers=key).json()
    assert again["changed"] is True
    after = ask(app, "POST", "/score", json=body, headers=key).json()
    assert (bool(before["evidence"]), bool(after["evidence"]), after["pack"]) == (True, False, again["pack"])


def test_broken_rules_leave_the_old_ones_in_force(write_rules: Callable[..., Path]) -> None:
    folder = write_rules(TINY)
    app, key = reloading(folder)
    pack = ask(app, "GET", "/info").json()["pack"]
    (folder / "0.yaml").write_text(TINY.replace("{parcel}", "{none}"), "utf-8")
    body = problem(ask(app, "POST", "/rules/reload", headers=key), 422)
    assert (body["code"], body["diagnostics"][0]["severity"]) == ("faulty_rules", "error")
    assert ask(app, "GET", "/info").json()["pack"] == pack


@pytest.mark.parametrize(("key", "status"), [({"X-API-Key": "b"}, 403), ({}, 401), ({"X-API-Key": "c"}, 401)])
def test_nobody_else_loads_rules(write_rules: Callable[..., Path], key: dict[str, str], status: int) -> None:
    app, _ = reloading(write_rules(TINY))
    problem(ask(app, "POST", "/rules/reload", headers=key), status)


def test_without_keys_nobody_is_an_administrator(app: Any) -> None:
    assert problem(ask(app, "POST", "/rules/reload"), 403)["code"] == "admin_only"


def test_a_request_keeps_the_rules_that_it_began_with(write_rules: Callable[..., Path]) -> None:
    folder = write_rules(TINY)
    app, key = reloading(folder)

    async def go() -> tuple[str, str]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fanzha") as client:
            arrived = asyncio.Event()
            reloaded = asyncio.Event()

            async def slowly() -> Any:
                yield b'{"text": '
                arrived.set()
                await reloaded.wait()
                yield '"您的包裹丢了"}'.encode()

            headers = {**key, "Content-Type": "application/json"}
            score = asyncio.create_task(client.post("/score", content=slowly(), headers=headers))
            await arrived.wait()
            (folder / "0.yaml").write_text(TINY.replace("[快递, 包裹]", "[快递]"), "utf-8")
            pack = (await client.post("/rules/reload", headers=key)).json()["pack"]
            reloaded.set()
            return pack, (await score).json()["pack"]

    reloaded, answered = asyncio.run(go())
    assert reloaded != answered
