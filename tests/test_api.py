"""The HTTP service in process: verdicts, refusals, documentation, logs. A real one: test_api_serve.py."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha import Detector, InputError, LimitError
from fanzha.limits import MAX_TURN_CHARS, MAX_TURNS
from fanzha.pack.load import bundled_rules
from fanzha_api import Settings, create_app

PACK = """
pack:
  id: tiny
  version: "1"
  title: 测试规则
  base: -4.0
  levels: {low: 12, medium: 40, high: 70, critical: 92}
  stages: {identity: 冒充, hook: 由头, trust: 取信, channel: 渠道, harvest: 套取, false_proof: 伪造,
           extract: 要钱, pressure: 催促}
signals:
  - {id: overpaid, title: 声称多打了, stage: false_proof, weight: 3.0, match: {any: [给您多打了]},
     why: w, falsepositives: f, hits: [a, b], misses: [c, d]}
  - {id: give_back, title: 要求退回, stage: extract, weight: 3.0, match: {any: [退回公司账户]},
     why: w, falsepositives: f, hits: [a, b], misses: [c, d]}
scripts:
  - id: refund
    title: 退款骗局
    summary: s
    fact: f
    uses: {false_proof: [overpaid], extract: [give_back]}
"""
SCAM = {
    "turns": [
        {"speaker": "客服", "text": "财务给您多打了一万二"},
        {"speaker": "客户", "text": "啊?"},
        {"speaker": "客服", "text": "您退回公司账户就行"},
    ]
}
CANARY = "金丝雀口令七三一九"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    shutil.copy(bundled_rules() / "guards" / "stance.yaml", folder)
    return Detector(folder, bundled=False)


@pytest.fixture(scope="module")
def app(tiny: Detector) -> Any:
    return create_app(tiny, Settings(api_key=None))


def ask(app: Any, method: str, path: str, **more: Any) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://fanzha") as client:
            return await client.request(method, path, **more)

    return asyncio.run(go())


def post(app: Any, body: Any = None, **more: Any) -> httpx.Response:
    return ask(app, "POST", "/score", **({"json": body} if body is not None else {}), **more)


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document, after checking what every one of them has."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert {"type", "title", "detail", "code", "errors"} <= set(body)
    for fault in body["errors"]:
        assert set(fault) == {"field", "message", "remedy"}
        assert all(fault.values())
    return body


def fields(body: dict[str, Any]) -> list[str]:
    return [fault["field"] for fault in body["errors"]]


# ── verdicts ──


def test_turns_get_the_verdict_of_the_library(app: Any, tiny: Detector) -> None:
    response = post(app, SCAM)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    verdict = tiny.score([(turn["speaker"], turn["text"]) for turn in SCAM["turns"]])
    assert response.json() == json.loads(verdict.model_dump_json())
    assert response.json()["alert"] is True


def test_text_is_one_turn(app: Any) -> None:
    verdict = post(app, {"text": "您的快递到了"}).json()
    assert (verdict["level"], len(verdict["timeline"])) == ("none", 1)


def test_nulls_count_as_not_given(app: Any) -> None:
    turn = {"speaker": None, "text": "您好", "party": None, "kind": None, "start": None}
    assert post(app, {"text": None, "turns": [turn], "self_name": None, "id": None}).status_code == 200


def test_the_id_comes_back_and_only_if_given(app: Any) -> None:
    assert post(app, {"text": "您好", "id": '7"\n'}).json()["id"] == '7"\n'
    assert "id" not in post(app, {"text": "您好"}).json()


def test_self_name_tells_whom_to_protect(app: Any) -> None:
    turns = [{"speaker": "小王", "text": "我给您多打了钱"}]
    for name, party in (("小王", "self"), ("小李", "other")):
        assert post(app, {"turns": turns, "self_name": name}).json()["evidence"][0]["party"] == party


def test_party_and_kind_of_a_turn_are_used(app: Any) -> None:
    turn = {"speaker": "小王", "text": "给您多打了一万", "party": "other"}
    assert post(app, {"turns": [turn]}).json()["evidence"][0]["party"] == "other"
    assert post(app, {"turns": [turn | {"kind": "system"}]}).json()["evidence"] == []


def test_offsets_cut_the_text_that_was_sent(app: Any) -> None:
    text = "😀𠮷财务给您多打了"
    found = post(app, {"text": text}).json()["evidence"][0]
    assert text[found["start"] : found["end"]] == found["text"] == "给您多打了"
    assert found["start_utf16"] == found["start"] + 2


def test_health_tells_pack_and_version(app: Any, tiny: Detector) -> None:
    body = ask(app, "GET", "/healthz").json()
    assert body["status"] == "ok"
    assert body["pack"] == tiny.pack
    assert body["version"]


# ── bad input: content ──


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, ["(body)"]),
        ({"text": "您好", "turns": [{"text": "您好"}]}, ["(body)"]),
        ({"text": ""}, ["text"]),
        ({"text": " \n"}, ["text"]),
        ({"turns": []}, ["turns"]),
        ({"turns": [{"text": ""}, {"text": " "}]}, ["turns"]),
        ({"text": 5}, ["text"]),
        ({"turns": "您好"}, ["turns"]),
        ({"turns": ["您好"]}, ["turns[0]"]),
        ({"turns": [{"text": "您好"}, {"speaker": "客服"}]}, ["turns[1].text"]),
        ({"turns": [{"text": "您好", "party": "骗子", "kind": "?"}]}, ["turns[0].party", "turns[0].kind"]),
        ({"turns": [{"text": "您好", "start": "早上"}]}, ["turns[0].start"]),
        ({"text": "您好", "id": 7}, ["id"]),
        ({"text": "您好", "id": "7" * 300}, ["id"]),
        ({"text": "您好", "lang": "zh"}, ["lang"]),
        ([], ["(body)"]),
        ("您好", ["(body)"]),
    ],
)
def test_what_is_wrong_is_told_field_by_field(app: Any, body: Any, where: list[str]) -> None:
    assert fields(problem(post(app, body), 422)) == where


def test_a_null_body_is_told_too(app: Any) -> None:
    assert fields(problem(post(app, content=b"null", headers=JSON), 422)) == ["(body)"]


def test_a_field_under_another_name_is_recognised(app: Any) -> None:
    faults = problem(post(app, {"messages": [{"role": "user", "content": "您好"}]}), 422)["errors"]
    assert "turns" in next(fault["remedy"] for fault in faults if fault["field"] == "messages")


def test_many_faults_are_summed_up(app: Any) -> None:
    errors = problem(post(app, {"turns": [{"speaker": "客服"}] * 1000}), 422)["errors"]
    assert len(errors) == 21
    assert "980" in errors[-1]["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"text": CANARY, "turns": []},
        {"turns": [{"text": "您好", "party": CANARY}]},
        {"turns": [{"text": [CANARY]}]},
        {CANARY: CANARY},
        {"turns": CANARY},
        [CANARY],
    ],
)
def test_a_refusal_never_repeats_what_was_sent(app: Any, body: Any) -> None:
    assert CANARY not in post(app, body).text


# ── bad input: bytes ──


def test_broken_json_is_told_with_its_position(app: Any) -> None:
    body = problem(post(app, content='{\n "text": "您好"'.encode(), headers=JSON), 400)
    assert "第 2 行第 14 个字符" in body["detail"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"text": NaN}', b"[" * 5000, b'{"text": "\x01"}', b"\x00"])
def test_what_is_not_json_is_400(app: Any, content: bytes) -> None:
    assert problem(post(app, content=content, headers=JSON), 400)["code"] == "broken_json"


def test_gbk_is_told_to_become_utf8(app: Any) -> None:
    body = problem(post(app, content='{"text": "您好"}'.encode("gbk"), headers=JSON), 400)
    assert body["code"] == "not_utf8"
    assert "第 11 个字节" in body["detail"]


def test_a_byte_order_mark_is_ignored(app: Any) -> None:
    assert post(app, content=b'\xef\xbb\xbf{"text": "hi"}', headers=JSON).status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        rb'{"text": "\ud800 \u7ed9\u60a8\u591a\u6253\u4e86"}',
        rb'{"turns": [{"speaker": "\udfff", "text": "\u7ed9\u60a8\u591a\u6253\u4e86\uD83D"}]}',
    ],
)
def test_lone_surrogates_become_replacement_characters(app: Any, content: bytes) -> None:
    response = post(app, content=content, headers=JSON)
    assert response.status_code == 200
    assert response.json()["evidence"][0]["text"] == "给您多打了"


def test_a_whole_pair_beside_a_lone_surrogate_is_kept(app: Any) -> None:
    response = post(app, content=rb'{"text": "hi", "id": "\ud83d\ude00\ud800"}', headers=JSON)
    assert response.json()["id"] == "😀\ufffd"


def test_depth_and_digits_beside_a_lone_surrogate_are_no_crash(app: Any) -> None:
    for inner in (b"[" * 5000 + b"]" * 5000, b"9" * 5000, b"NaN"):
        problem(post(app, content=rb'{"text": "\ud800", "x": ' + inner + b"}", headers=JSON), 400)


def test_control_characters_get_a_verdict(app: Any) -> None:
    assert post(app, {"text": "".join(map(chr, range(32))) + "\x7f\ufeff\u200b您好"}).status_code == 200


_NAMES = st.sampled_from(["text", "turns", "speaker", "party", "id"]) | st.text(max_size=5)
_JSON_BYTES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner),
).map(lambda value: json.dumps(value).encode())


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=80) | _JSON_BYTES)
def test_no_bytes_are_a_500(app: Any, content: bytes) -> None:
    response = post(app, content=content, headers=JSON)
    if response.status_code != 200:
        assert response.status_code in (400, 422)
        problem(response, response.status_code)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_only_plain_utf8_json_is_taken(app: Any, headers: dict[str, str]) -> None:
    problem(post(app, content=b'{"text": "hi"}', headers=headers), 415)


def test_a_charset_and_other_parameters_are_no_obstacle(app: Any) -> None:
    headers = {"Content-Type": 'Application/JSON; charset="UTF-8"; v=1'}
    assert post(app, content=b'{"text": "hi"}', headers=headers).status_code == 200


# ── size ──


def test_a_declared_body_beyond_the_limit_is_refused_unread(tiny: Detector) -> None:
    status, read = drive(create_app(tiny, Settings(max_body_bytes=100)), [b"x" * 50] * 9, length=b"450")
    assert (status, read) == (413, 0)


def test_a_streamed_body_is_refused_as_soon_as_it_is_too_large(tiny: Detector) -> None:
    status, read = drive(create_app(tiny, Settings(max_body_bytes=100)), [b"x" * 50] * 9, length=None)
    assert (status, read) == (413, 3)


def test_a_false_content_length_does_not_lift_the_limit(tiny: Detector) -> None:
    status, read = drive(create_app(tiny, Settings(max_body_bytes=100)), [b"x" * 50] * 9, length=b"7")
    assert (status, read) == (413, 3)


def test_a_client_that_leaves_is_no_error(tiny: Detector, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    status, _ = drive(create_app(tiny, Settings()), [], length=None)
    assert status is None
    assert [record.levelname for record in caplog.records if record.name.startswith("fanzha_api")] == ["INFO"]


def drive(app: Any, chunks: list[bytes], length: bytes | None) -> tuple[int | None, int]:
    """Talk ASGI by hand: the status (None if no answer began) and how many chunks the service took."""
    read = 0
    status: int | None = None

    async def receive() -> dict[str, Any]:
        nonlocal read
        if read == len(chunks):
            return {"type": "http.disconnect"}
        read += 1
        return {"type": "http.request", "body": chunks[read - 1], "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    headers = [(b"content-type", b"application/json")] + ([(b"content-length", length)] if length else [])
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/score", "raw_path": b"/score", "root_path": "", "query_string": b"", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return status, read


def test_a_chunked_request_is_read_like_any_other(app: Any) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for chunk in (b'{"te', b'xt": "hi', b'"}'):
            yield chunk

    assert post(app, content=chunks(), headers=JSON).status_code == 200


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"text": "a" * (MAX_TURN_CHARS + 1)}, "text"),
        ({"turns": [{"text": "a"}, {"text": "a" * (MAX_TURN_CHARS + 1)}]}, "turns[1].text"),
        ({"turns": [{"text": ""}] * (MAX_TURNS + 1)}, "turns"),
    ],
)
def test_text_beyond_the_limits_of_the_library_is_413(app: Any, body: Any, where: str) -> None:
    assert fields(problem(post(app, body), 413)) == [where]


def test_ten_thousand_turns_get_a_verdict(app: Any) -> None:
    response = post(app, {"turns": SCAM["turns"] * 3334})
    assert response.status_code == 200
    assert len(response.json()["timeline"]) == 10_002


def test_a_megabyte_in_one_turn_gets_a_verdict(app: Any) -> None:
    assert post(app, {"text": "财务给您多打了一万二吧" * 32_000}).json()["level"] in ("low", "medium")


# ── threads ──


class Stub:
    """A detector whose `score` is the test's own."""

    def __init__(self, like: Detector, score: Callable[[Any], Any]) -> None:
        self.pack, self.rules, self._score = like.pack, like.rules, score

    def score(self, what: Any, *, self_name: str | None = None) -> Any:
        return self._score(what)


def test_a_large_conversation_does_not_hold_up_a_small_one(tiny: Detector) -> None:
    small_is_done = threading.Event()

    def score(what: Any) -> Any:
        assert isinstance(what, str)
        if len(what) > 10:
            assert small_is_done.wait(10), "the small one had to wait"
        return tiny.score("x")

    app = create_app(Stub(tiny, score), Settings(inline_chars=10))  # type: ignore[arg-type]

    async def go() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fanzha") as client:
            large = asyncio.create_task(client.post("/score", json={"text": "a" * 100}))
            await asyncio.sleep(0.05)
            small = await client.post("/score", json={"text": "a"})
            small_is_done.set()
            return [small.status_code, (await large).status_code]

    assert asyncio.run(go()) == [200, 200]


def test_a_small_message_is_scored_without_a_thread(tiny: Detector) -> None:
    threads = []

    def score(what: Any) -> Any:
        threads.append(threading.current_thread())
        return tiny.score(what)

    post(create_app(Stub(tiny, score), Settings()), {"text": "您好"})  # type: ignore[arg-type]
    assert threads == [threading.main_thread()]


# ── the key ──


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-API-Key": "wrong"}, 401),
        ({"X-API-Key": ""}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic 钥匙-1".encode()}, 401),
        ({"X-API-Key": "钥匙-1".encode()}, 200),
        ({"Authorization": b"Bearer " + "钥匙-1".encode()}, 200),
    ],
)
def test_a_key_is_asked_for_where_one_is_set(tiny: Detector, headers: Any, status: int) -> None:
    app = create_app(tiny, Settings(api_key="钥匙-1"))
    response = post(app, {"text": "您好"}, headers=headers)
    assert response.status_code == status
    if status == 401:
        problem(response, 401)
        assert response.headers["www-authenticate"] == "Bearer"
    assert ask(app, "GET", "/healthz").status_code == 200


def test_the_key_is_asked_for_before_the_body_is_read(tiny: Detector) -> None:
    app = create_app(tiny, Settings(api_key="k"))
    assert drive(app, [b"{}"], length=None) == (401, 0)


def test_a_blank_key_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANZHA_API_KEY", " ")
    assert Settings().api_key is None


def test_a_key_does_not_show_in_the_settings() -> None:
    assert CANARY not in repr(Settings(api_key=CANARY))


# ── routes and faults ──


def test_unknown_paths_and_methods_are_problems_too(app: Any) -> None:
    assert problem(ask(app, "GET", "/nothing"), 404)["code"] == "not_found"
    response = ask(app, "GET", "/score")
    assert problem(response, 405)["code"] == "wrong_method"
    assert response.headers["allow"] == "POST"


def test_a_limit_that_only_the_library_knows_is_413(tiny: Detector) -> None:
    def score(_: Any) -> Any:
        raise LimitError("太长", where="turns[9]")

    assert fields(problem(post(create_app(Stub(tiny, score)), {"text": "a"}), 413)) == ["turns[9]"]  # type: ignore[arg-type]


def test_what_only_the_library_refuses_is_422(tiny: Detector) -> None:
    def score(_: Any) -> Any:
        raise InputError("读不懂", where="turns[1]")

    body = problem(post(create_app(Stub(tiny, score)), {"text": "a"}), 422)  # type: ignore[arg-type]
    assert (body["errors"][0]["field"], body["errors"][0]["message"]) == ("turns[1]", "读不懂")


def test_an_unforeseen_error_tells_nothing(tiny: Detector, caplog: pytest.LogCaptureFixture) -> None:
    def score(what: Any) -> Any:
        raise RuntimeError(f"cannot score {what}")

    caplog.set_level(logging.DEBUG)
    response = post(create_app(Stub(tiny, score)), {"text": CANARY})  # type: ignore[arg-type]
    assert problem(response, 500)["errors"] == []
    assert CANARY not in response.text + caplog.text
    assert "unexpected RuntimeError at" in caplog.text
    assert "test_api.py" in caplog.text  # the place is told, the message is not


# ── logs ──


def test_no_text_reaches_a_log(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the test's own client logs addresses
    post(app, {"text": CANARY + "给您多打了"})
    post(app, {"turns": [{"speaker": CANARY, "text": CANARY * 3000}], "id": CANARY, "self_name": CANARY})
    post(app, {"text": [CANARY], CANARY: CANARY})
    post(app, content=CANARY.encode(), headers=JSON)
    ask(app, "GET", f"/{CANARY}?q={CANARY}", headers={"X-Canary": CANARY.encode()})
    ask(app, "POST", f"/score?text={CANARY}")
    ask(app, "CANARY", "/score")
    written = "".join(f"{record.getMessage()} {record.args} {record.exc_info}" for record in caplog.records)
    assert written.count("ms") >= 7
    assert CANARY not in written
    assert "%E9%87%91" not in written
    assert "CANARY" not in written


def test_a_log_line_is_method_path_status_and_time(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="fanzha_api")
    post(app, {"text": "您好"})
    ask(app, "GET", "/elsewhere")
    lines = [record.getMessage().split() for record in caplog.records if record.name == "fanzha_api.access"]
    assert [line[:3] for line in lines] == [["POST", "/score", "200"], ["GET", "-", "404"]]
    assert all(float(line[3]) >= 0 and line[4] == "ms" and len(line) == 5 for line in lines)


# ── documentation, with the bundled rules ──


@pytest.fixture(scope="module")
def bundled() -> Any:
    return create_app(settings=Settings(api_key=None))


@pytest.fixture(scope="module")
def operation(bundled: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask(bundled, "GET", "/openapi.json").json()["paths"]["/score"]["post"]
    return found


def documented(operation: dict[str, Any]) -> dict[str, tuple[int, Any]]:
    """Every documented answer by name: status and body."""
    return {
        name: (int(status), example["value"])
        for status, response in operation["responses"].items()
        for content in response["content"].values()
        for name, example in content.get("examples", {}).items()
    }


def test_every_documented_request_gets_its_documented_answer(bundled: Any, operation: dict[str, Any]) -> None:
    requests = operation["requestBody"]["content"]["application/json"]["examples"]
    assert {"alarm", "pass", "empty_text"} <= set(requests)
    answers = documented(operation)
    for name, example in requests.items():
        response = post(bundled, example["value"])
        assert (response.status_code, response.json()) == answers[name], name


def test_the_documented_alarm_alarms_and_the_pass_passes(operation: dict[str, Any]) -> None:
    answers = documented(operation)
    assert answers["alarm"][1]["alert"] is True
    assert answers["alarm"][1]["script"] == "refund"
    assert answers["pass"][1]["level"] == "none"


def test_the_other_documented_answers_are_real_too(bundled: Any, operation: dict[str, Any]) -> None:
    limit = Settings().max_body_bytes
    real = {
        "too_large": post(bundled, {"text": "a" * limit}),
        "broken_json": post(bundled, content='{"text": "您好"'.encode(), headers=JSON),
        "wrong_content_type": post(bundled, data={"text": "您好"}),
    }
    answers = documented(operation)
    for name, response in real.items():
        assert (response.status_code, response.json()) == answers[name], name


def test_the_key_is_documented_where_one_is_set(tiny: Detector) -> None:
    app = create_app(tiny, Settings(api_key="k"))
    schema = ask(app, "GET", "/openapi.json").json()
    score = schema["paths"]["/score"]["post"]
    assert set(schema["components"]["securitySchemes"]) == {"APIKeyHeader", "HTTPBearer"}
    assert documented(score)["wrong_key"] == (401, post(app, {"text": "您好"}).json())
    assert score["security"]


def test_every_reference_of_the_document_resolves(bundled: Any) -> None:
    schema = ask(bundled, "GET", "/openapi.json")
    names = set(schema.json()["components"]["schemas"])
    used = {part.split('"')[0] for part in schema.text.split('"#/components/schemas/')[1:]}
    assert used <= names


def test_a_verdict_has_exactly_the_documented_fields(bundled: Any) -> None:
    schema = ask(bundled, "GET", "/openapi.json").json()["components"]["schemas"]["ScoreResponse"]
    verdict = post(bundled, {"text": "您好", "id": "1"}).json()
    assert set(verdict) == set(schema["properties"])


def test_there_is_a_page_of_documentation(bundled: Any) -> None:
    page = ask(bundled, "GET", "/docs")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    found = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {"docs/swagger-ui-bundle.js", "docs/start.js", "docs/swagger-ui.css", "openapi.json"} <= set(found)
    for path in found:  # from here, never from elsewhere
        assert ask(bundled, "GET", f"/{path}").status_code == 200, path
    assert ask(bundled, "GET", "/docs/../../x").status_code == 404


def test_two_apps_share_nothing(tiny: Detector) -> None:
    small, large = (create_app(tiny, Settings(max_body_bytes=size)) for size in (30, 1000))
    body = {"text": "您好" * 20}
    assert [post(app, body).status_code for app in (small, large)] == [413, 200]


def test_the_first_request_finds_jieba_loaded() -> None:
    app = create_app()

    async def go() -> None:
        async with app.router.lifespan_context(app):
            pass

    asyncio.run(go())
