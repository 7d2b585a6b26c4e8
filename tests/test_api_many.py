"""Many conversations in one request: a batch, a stream of lines, a file. Each item has its verdict or its problem."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from fanzha import Detector
from fanzha_api import Settings, create_app
from test_api import CANARY, JSON, SCAM, Stub, ask, fields, post, problem, tiny  # noqa: F401 - a fixture

NDJSON = {"Content-Type": "application/x-ndjson"}
PLAIN = "[00:00:01] 客服: 财务给您多打了一万二\n[00:00:03] 客户: 啊?\n[00:00:05] 客服: 您退回公司账户就行\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\n客服: 财务给您多打了\n\n2\n00:00:03,000 --> 00:00:04,000\n客户: 啊\n"


@pytest.fixture(scope="module")
def app(tiny: Detector) -> Any:  # noqa: F811
    return create_app(tiny, Settings(api_key=None))


def batch(app: Any, items: Any, **more: Any) -> httpx.Response:
    return ask(app, "POST", "/score/batch", json=items, **more)


def stream(app: Any, content: Any, **more: Any) -> list[dict[str, Any]]:
    response = ask(app, "POST", "/score/stream", content=content, headers=NDJSON, **more)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/x-ndjson"), response.text
    return [json.loads(line) for line in response.text.splitlines()]


# ── batch ──


def test_every_item_gets_what_score_would_say(app: Any) -> None:
    items = [{"text": "您的快递到了"}, {**SCAM, "id": "7"}, {"text": "财务给您多打了"}]
    results = batch(app, {"items": items}).json()["results"]
    assert [one["index"] for one in results] == [0, 1, 2]
    assert [one["verdict"] for one in results] == [post(app, item).json() for item in items]


def test_a_bare_list_is_a_batch_too_and_an_empty_one_is_no_error(app: Any) -> None:
    assert len(batch(app, [{"text": "您好"}]).json()["results"]) == 1
    assert batch(app, []).json() == {"results": []}


def test_a_faulty_item_is_a_problem_and_spoils_no_other(app: Any) -> None:
    items = [{"text": "您好"}, {"text": ""}, {"message": CANARY}, CANARY, None, 5, {"turns": [{"text": 7}]}, {"text": "您好"}]
    response = batch(app, {"items": items})
    results = response.json()["results"]
    assert ["verdict" in one for one in results] == [True, *[False] * 6, True]
    for item, one in zip(items, results, strict=True):
        if "problem" in one:
            assert one["problem"] == post(app, content=json.dumps(item).encode(), headers=JSON).json()
    assert CANARY not in response.text


@pytest.mark.parametrize("body", [{}, {"items": 5}, {"items": [], "x": 1}, 5, None])
def test_what_is_no_batch_is_refused(app: Any, body: Any) -> None:
    response = ask(app, "POST", "/score/batch", content=json.dumps(body).encode(), headers=JSON)
    assert fields(problem(response, 422)) == ["items"]


def test_the_number_of_items_is_bounded(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(max_items=2))
    assert fields(problem(batch(app, [{"text": "您好"}] * 3), 413)) == ["items"]


def test_a_long_item_is_scored_in_a_thread_and_short_ones_are_not(tiny: Detector) -> None:  # noqa: F811
    threads = []

    def score(what: Any) -> Any:
        threads.append(threading.current_thread() is threading.main_thread())
        return tiny.score(what)

    app = create_app(Stub(tiny, score), Settings(inline_chars=100))  # type: ignore[arg-type]
    batch(app, [{"text": "短"}, {"text": "长" * 101}, {"turns": [{"text": "长" * 90}] * 2}])
    assert threads == [True, False, False]


def test_a_large_batch_does_not_hold_up_a_short_message(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings())

    async def go() -> list[str]:
        done: list[str] = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fanzha") as client:

            async def large() -> None:
                await client.post("/score/batch", json=[SCAM] * 2000)
                done.append("batch")

            async def small() -> None:
                await asyncio.sleep(0)
                await client.post("/score", json={"text": "您好"})
                done.append("score")

            await asyncio.gather(large(), small())
        return done

    assert asyncio.run(go()) == ["score", "batch"]


# ── stream ──


def test_every_line_is_answered_by_a_line(app: Any) -> None:
    items = [{"text": "您的快递到了"}, {**SCAM, "id": "7"}, {"text": ""}]
    lines = "\n".join(json.dumps(item, ensure_ascii=False) for item in items)
    got = stream(app, lines.encode())
    assert [one["index"] for one in got] == [0, 1, 2]
    assert [one["verdict"] for one in got[:2]] == [post(app, item).json() for item in items[:2]]
    assert got[2]["problem"] == post(app, items[2]).json()


def test_lines_are_cut_wherever_the_chunks_end(app: Any) -> None:
    whole = b'{"text": "\xe6\x82\xa8\xe5\xa5\xbd"}\r\n\n  \n{broken\n{"text": "hi"}'

    async def bytewise() -> AsyncIterator[bytes]:
        for number in range(len(whole)):
            yield whole[number : number + 1]

    got = stream(app, bytewise())
    assert [one["index"] for one in got] == [0, 1, 2]
    assert ["verdict" in one for one in got] == [True, False, True]
    assert got[1]["problem"]["code"] == "broken_json"


def test_an_empty_stream_is_an_empty_answer(app: Any) -> None:
    assert stream(app, b"") == []


def test_a_line_without_end_ends_the_stream_with_a_problem(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(max_body_bytes=100))
    got = stream(app, b'{"text": "hi"}\n' + b"x" * 200 + b'\n{"text": "hi"}\n')
    assert ["verdict" in one for one in got] == [True, False, True]  # it came in one chunk: its end is known

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"text": "hi"}\n' + b"x" * 90
        yield b"x" * 90
        yield b'\n{"text": "hi"}\n'

    got = stream(app, chunks())
    assert (len(got), got[1]["problem"]["code"]) == (2, "too_large")


def test_reading_waits_for_writing(tiny: Detector) -> None:  # noqa: F811
    """Over plain ASGI: while an answer cannot be sent, no further line is taken."""
    app = create_app(tiny, Settings())
    taken = 0

    async def go() -> int:
        stuck = asyncio.Event()
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": "/score/stream", "raw_path": b"/score/stream", "root_path": "", "query_string": b"",
            "headers": [(b"content-type", b"application/x-ndjson")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            nonlocal taken
            taken += 1
            return {"type": "http.request", "body": b'{"text": "hi"}\n', "more_body": True}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.body":
                stuck.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(app(scope, receive, send))
        await stuck.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        task.cancel()
        return taken

    assert asyncio.run(go()) == 1
    assert app.state.service.stream_gate.inside == 0


def test_streams_are_bounded(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(max_streams=1))
    app.state.service.stream_gate.inside = 1
    response = ask(app, "POST", "/score/stream", content=b"", headers=NDJSON)
    assert (problem(response, 503)["code"], response.headers["retry-after"]) == ("busy", "1")


def test_a_stopping_service_says_up_to_where_it_answered(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings())

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"text": "hi"}\n'
        app.state.service.stop()
        yield b'{"text": "hi"}\n'

    got = stream(app, chunks())
    assert (got[0]["index"], got[1]["index"], got[1]["problem"]["code"]) == (0, 1, "stopping")


def test_an_error_in_the_middle_of_a_stream_is_a_problem_without_text(tiny: Detector) -> None:  # noqa: F811
    def score(what: Any) -> Any:
        raise RuntimeError(f"cannot score {what}")

    got = stream(create_app(Stub(tiny, score)), json.dumps({"text": CANARY}).encode())  # type: ignore[arg-type]
    assert got[0]["problem"]["code"] == "internal"
    assert CANARY not in json.dumps(got, ensure_ascii=False)


def test_only_ndjson_is_streamed(app: Any) -> None:
    problem(ask(app, "POST", "/score/stream", content=b"{}", headers=JSON), 415)


# ── file ──


def upload(app: Any, data: bytes, query: str = "", **headers: str) -> httpx.Response:
    return ask(app, "POST", f"/score/file{query}", content=data, headers=headers)


def test_a_file_is_told_by_its_content(app: Any) -> None:
    body = upload(app, PLAIN.encode("gb18030")).json()
    assert (body["format"], body["encoding"], len(body["results"])) == ("text", "gb18030", 1) or body["results"]
    assert body["results"][0]["verdict"]["alert"] is True
    assert upload(app, SRT.encode(), "?name=call.srt").json()["format"].startswith("srt")


def test_a_form_is_a_file_too(app: Any) -> None:
    response = ask(app, "POST", "/score/file", files={"file": ("通话.txt", PLAIN.encode())}, data={"self_name": "客服"})
    assert response.status_code == 200
    assert response.json()["results"][0]["verdict"]["alert"] is False  # it is the agent whom we protect


def test_an_exploding_name_is_only_a_name(app: Any) -> None:
    for name in ("../../../../etc/passwd", "..\\..\\x.srt", "a\x00b", "/dev/zero"):
        assert ask(app, "POST", "/score/file", files={"file": (name, PLAIN.encode())}).status_code == 200


@pytest.mark.parametrize(
    ("data", "query", "status"),
    [
        (b"", "", 422),
        (b"\x00\x01\x02\xff" * 50, "", 422),
        (b"MZ" + bytes(500), "?name=a.exe", 422),
        (PLAIN.encode(), "?format=nothing", 422),
        (PLAIN.encode(), "?encoding=nothing", 422),
        (PLAIN.encode(), "?encoding=base64", 422),
        (PLAIN.encode(), "?encoding=a%00b", 422),
        (PLAIN.encode(), f"?name={'a' * 300}", 422),
    ],
)
def test_what_cannot_be_read_is_a_problem(app: Any, data: bytes, query: str, status: int) -> None:
    problem(upload(app, data, query), status)


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary=" + "x" * 500])
def test_a_broken_form_is_a_problem(app: Any, kind: str) -> None:
    assert problem(upload(app, b"--y\r\nnonsense", **{"Content-Type": kind}), 400)["code"] == "broken_form"


def test_a_form_without_a_file_is_a_problem(app: Any) -> None:
    problem(ask(app, "POST", "/score/file", files={"other": ("a", b"x")}), 400)


def test_the_size_of_a_file_is_bounded(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(max_file_bytes=100))
    problem(upload(app, b"x" * 101), 413)
    problem(ask(app, "POST", "/score/file", files={"file": ("a.txt", b"x" * 101)}), 413)


def test_a_large_file_never_touches_the_disk(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("a file was written")

    monkeypatch.setattr(tempfile, "TemporaryFile", forbidden)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", forbidden)
    data = PLAIN.encode() * 20_000
    response = ask(app, "POST", "/score/file", files={"file": ("a.txt", data)})
    assert response.status_code in (200, 413)
    assert "written" not in response.text
    assert response.json().get("code") != "internal"


def test_the_page_of_another_site_cannot_send_files(app: Any) -> None:
    problem(upload(app, PLAIN.encode(), Origin="https://evil.example"), 403)
    assert upload(app, PLAIN.encode(), Origin="http://fanzha").status_code == 200


def test_a_compressed_file_is_refused_unread(app: Any) -> None:
    problem(upload(app, b"\x1f\x8b" + bytes(50), **{"Content-Encoding": "gzip"}), 415)


def test_work_on_a_file_is_bounded_in_time(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(max_seconds=1e-9))
    assert problem(upload(app, PLAIN.encode()), 413)["code"] == "too_much_work"


# ── counts ──


def test_metrics_count_answers_verdicts_and_no_text(tiny: Detector, write_rules: Callable[..., Any]) -> None:  # noqa: F811
    app = create_app(tiny, Settings())
    post(app, SCAM)
    post(app, {"text": "您好" + CANARY})
    post(app, {"text": ""})
    batch(app, [{"text": "您好"}, SCAM])
    ask(app, "GET", f"/{CANARY}")
    ask(app, CANARY_METHOD, "/score")
    text = ask(app, "GET", "/metrics").text
    for line in (
        'fanzha_requests_total{method="POST",route="/score",status="200"} 2.0',
        'fanzha_requests_total{method="POST",route="/score",status="422"} 1.0',
        'fanzha_requests_total{method="GET",route="-",status="404"} 1.0',
        'fanzha_requests_total{method="-",route="/score",status="405"} 1.0',
        'fanzha_verdicts_total{level="none",script=""} 2.0',
        'fanzha_verdicts_total{level="high",script="refund"} 2.0',
        'fanzha_request_seconds_count{route="/score"} 4.0',
        "fanzha_queue 0.0",
        "fanzha_live_calls 0.0",
    ):
        assert line in text.splitlines(), text
    assert f'fanzha_build{{pack="{tiny.pack}"' in text
    assert CANARY not in text
    assert CANARY_METHOD not in text


CANARY_METHOD = "CANARY"


def test_two_apps_count_apart(tiny: Detector) -> None:  # noqa: F811
    one, other = create_app(tiny, Settings()), create_app(tiny, Settings())
    post(one, SCAM)
    assert 'route="/score"' in ask(one, "GET", "/metrics").text
    assert 'route="/score"' not in ask(other, "GET", "/metrics").text


def test_ready_until_it_stops_or_the_queue_is_full(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(max_queue=2))
    service = app.state.service
    assert ask(app, "GET", "/readyz").json() == {"ready": True, "queue": 0}
    service.gate.inside = 2
    assert ask(app, "GET", "/readyz").status_code == 503
    response = post(app, {"text": "您好"})
    assert (problem(response, 503)["code"], response.headers["retry-after"]) == ("busy", "1")
    assert ask(app, "GET", "/healthz").status_code == 200
    service.gate.inside = 0
    assert post(app, {"text": "您好"}).status_code == 200
    service.stop()
    assert ask(app, "GET", "/readyz").json()["ready"] is False
    assert post(app, {"text": "您好"}).headers["connection"] == "close"
