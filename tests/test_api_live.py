"""Live calls: over WebSocket, and by requests with server-sent events; what changed, limits, resuming, strangers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from fanzha import Detector
from fanzha_api import Settings, create_app
from fanzha_api.calls import Calls
from fanzha_api.errors import Refusal
from test_api import CANARY, SCAM, ask, problem
from tiny_pack import TINY

PLACE = "ws://fanzha.example/live"
CALL = [
    {"speaker": "客服", "text": "您的快递丢了"},
    {"speaker": "我", "text": "啊"},
    {"speaker": "客服", "text": "😀请您转账一下过来"},
]


@pytest.fixture(scope="module")
def detector(write_rules: Callable[..., Any]) -> Detector:
    return Detector(write_rules(TINY), bundled=False)


@pytest.fixture
def make(detector: Detector) -> Iterator[Callable[..., TestClient]]:
    """A client of an app with the given settings."""
    made = []

    def client(**settings: Any) -> TestClient:
        made.append(TestClient(create_app(detector, Settings(**settings)), base_url="http://fanzha.example"))
        return made[-1].__enter__()

    yield client
    for one in made:
        one.__exit__(None, None, None)


def turns(client: Any, said: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Say them one by one; what each changed."""
    changes = []
    for turn in said:
        client.send_json({"type": "turn", **turn})
        changes.append(client.receive_json())
    return changes


# ── what changed ──


def test_every_turn_is_answered_and_the_alert_is_raised_once(make: Callable[..., TestClient]) -> None:
    with make().websocket_connect("/live") as live:
        changes = turns(live, [*CALL, CALL[1]])
    assert [one["turn"] for one in changes] == [0, 1, 2, 3]
    assert [one["news"] for one in changes] == [True, False, True, False]
    assert [one["raised_alert"] for one in changes] == [False, False, True, False]
    assert [one["alert"] for one in changes] == [False, False, True, True]
    assert (changes[2]["previous_level"], changes[2]["level"]) == ("low", "high")


def test_a_change_brings_its_evidence_and_what_comes_next(make: Callable[..., TestClient], detector: Detector) -> None:
    with make().websocket_connect("/live") as live:
        changes = turns(live, CALL)
        live.send_json({"type": "verdict"})
        verdict = live.receive_json()["verdict"]
    whole = detector.score([(turn["speaker"], turn["text"]) for turn in CALL])
    assert verdict == json.loads(whole.model_dump_json())
    assert [one for change in changes if change["news"] for one in change["evidence"]] == verdict["evidence"]
    last = changes[2]
    assert [one["text"] for one in last["evidence"]] == ["转账一下过来"]
    for name in ("script", "fact", "stages", "next", "advice", "first_alert_turn"):
        assert last[name] == verdict[name]


def test_turns_together_are_changes_one_by_one(make: Callable[..., TestClient]) -> None:
    with make().websocket_connect("/live") as live:
        live.send_json({"type": "turns", "turns": CALL})
        together = [live.receive_json() for _ in CALL]
    with make().websocket_connect("/live") as live:
        assert turns(live, CALL) == together


def test_a_call_that_broke_off_goes_on_with_its_turns_sent_again(make: Callable[..., TestClient]) -> None:
    client = make()
    with client.websocket_connect("/live") as live:
        whole = turns(live, CALL)
    with client.websocket_connect("/live") as live:
        live.send_json({"type": "start", "turns": CALL[:2]})
        ready = live.receive_json()
        assert (ready["type"], ready["state"]["turns"], ready["state"]["level"]) == ("ready", 2, "low")
        assert turns(live, CALL[2:]) == whole[2:]


def test_self_name_and_parties_are_as_in_score(make: Callable[..., TestClient]) -> None:
    with make().websocket_connect("/live") as live:
        live.send_json({"type": "start", "self_name": "小王"})
        live.receive_json()
        (change,) = turns(live, [{"speaker": "小王", "text": "您的快递丢了"}])
        assert change["evidence"][0]["party"] == "self"
        (change,) = turns(live, [{"speaker": "小李", "text": "请您转账一下过来"}])
        assert change["evidence"][0]["party"] == "other"


def test_silence_is_answered_by_a_heartbeat_and_in_the_end_by_closing(make: Callable[..., TestClient]) -> None:
    client = make(heartbeat_seconds=0.05, call_idle_seconds=0.3)
    with client.websocket_connect("/live") as live:
        turns(live, CALL[:1])
        assert live.receive_json() == {"type": "heartbeat", "turns": 1}
        said = list(iter(lambda: live.receive().get("code"), 4408))  # until it is closed with this code
        assert set(said) == {None}


def test_a_ping_is_answered(make: Callable[..., TestClient]) -> None:
    with make().websocket_connect("/live") as live:
        live.send_json({"type": "ping"})
        assert live.receive_json() == {"type": "pong"}


# ── what cannot be read ──


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", "broken_json"),
        ("[]", "invalid_request"),
        ("null", "invalid_request"),
        ('{"type": "x"}', "invalid_request"),
        ('{"type": ["turn"]}', "invalid_request"),
        ('{"text": "您好"}', "invalid_request"),
        ('{"type": "turn", "text": 5}', "invalid_request"),
        ('{"type": "turn", "text": "您好", "x": 1}', "invalid_request"),
        ('{"type": "turns", "turns": 5}', "invalid_request"),
    ],
)
def test_a_message_that_cannot_be_read_is_a_problem_and_the_call_goes_on(
    make: Callable[..., TestClient], message: str, code: str
) -> None:
    with make().websocket_connect("/live") as live:
        live.send_text(message)
        answer = live.receive_json()
        assert (answer["type"], answer["problem"]["code"]) == ("problem", code)
        assert turns(live, CALL[:1])[0]["turn"] == 0


def test_a_second_start_is_out_of_place(make: Callable[..., TestClient]) -> None:
    with make().websocket_connect("/live") as live:
        turns(live, CALL[:1])
        live.send_json({"type": "start"})
        assert live.receive_json()["problem"]["code"] == "out_of_place"


def test_bytes_are_read_like_text_and_half_an_emoji_is_mended(make: Callable[..., TestClient]) -> None:
    with make().websocket_connect("/live") as live:
        live.send_bytes(json.dumps({"type": "turn", "text": "\ud800您的快递丢了"}).encode())
        assert live.receive_json()["evidence"][0]["start"] == 3


def test_a_message_too_big_closes_the_socket(make: Callable[..., TestClient]) -> None:
    with make(call_message_bytes=100).websocket_connect("/live") as live:
        live.send_json({"type": "turn", "text": "长" * 100})
        with pytest.raises(WebSocketDisconnect) as closed:
            live.receive_json()
    assert closed.value.code == 1009


def test_nothing_but_faults_closes_the_socket(make: Callable[..., TestClient]) -> None:
    with make().websocket_connect("/live") as live:
        for _ in range(20):
            live.send_text("{")
            assert live.receive_json()["type"] == "problem"
        with pytest.raises(WebSocketDisconnect) as closed:
            live.receive_json()
    assert closed.value.code == 1008


def test_turns_of_a_call_are_bounded(make: Callable[..., TestClient]) -> None:
    with make(max_turns=2, max_turn_chars=9).websocket_connect("/live") as live:
        live.send_json({"type": "turn", "text": "长" * 10})
        assert live.receive_json()["problem"]["code"] == "too_large"
        turns(live, CALL[:2])
        live.send_json({"type": "turn", "text": "您好"})
        assert live.receive_json()["problem"]["code"] == "too_large"


# ── strangers ──


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://fanzha.example", True),
        ("https://fanzha.example", True),
        ("https://friend.example", True),
        ("https://evil.example", False),
        ("http://fanzha.example.evil.example", False),
        ("http://fanzha.example:81", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_our_own_page_and_those_named_may_connect(
    make: Callable[..., TestClient], origin: str | None, allowed: bool
) -> None:
    client = make(origins="https://friend.example/, https://other.example")
    headers = {} if origin is None else {"Origin": origin}
    if allowed:
        with client.websocket_connect(PLACE, headers=headers) as live:
            turns(live, CALL[:1])
        return
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect(PLACE, headers=headers):
        pass
    assert (denied.value.status_code, denied.value.json()["code"]) == (403, "foreign_origin")


def test_the_key_comes_in_a_header_or_in_the_first_message(make: Callable[..., TestClient]) -> None:
    client = make(api_key="钥匙-1")
    with client.websocket_connect("/live", headers={"X-API-Key": "钥匙-1".encode()}) as live:
        turns(live, CALL[:1])
    with client.websocket_connect("/live") as live:
        live.send_json({"type": "start", "key": "钥匙-1"})
        assert live.receive_json()["type"] == "ready"


@pytest.mark.parametrize("first", [{"type": "start", "key": "x"}, {"type": "start"}, {"type": "turn", "text": "您好"}])
def test_without_the_key_the_socket_is_closed(make: Callable[..., TestClient], first: dict[str, str]) -> None:
    with make(api_key="k").websocket_connect("/live") as live:
        live.send_json(first)
        assert live.receive_json()["problem"]["code"] == "wrong_key"
        with pytest.raises(WebSocketDisconnect) as closed:
            live.receive_json()
    assert closed.value.code == 4401


def test_a_wrong_key_in_a_header_is_refused_before_the_connection(make: Callable[..., TestClient]) -> None:
    with (
        pytest.raises(WebSocketDenialResponse) as denied,
        make(api_key="k").websocket_connect("/live", headers={"X-API-Key": "x"}),
    ):
        pass
    assert denied.value.status_code == 401


def test_calls_are_bounded_and_room_is_made_again(make: Callable[..., TestClient]) -> None:
    client = make(max_calls=1)
    with client.websocket_connect("/live") as live:
        turns(live, CALL[:1])
        with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect("/live"):
            pass
        assert (denied.value.status_code, denied.value.headers["retry-after"]) == (503, "1")
        assert problem(client.post("/live", json={}), 503)["code"] == "busy"  # type: ignore[arg-type]
    with client.websocket_connect("/live") as live:
        turns(live, CALL[:1])


def test_no_text_of_a_call_is_logged(make: Callable[..., TestClient], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with make().websocket_connect(f"/live?q={CANARY}") as live:
        turns(live, [{"speaker": CANARY, "text": f"您的快递丢了{CANARY}"}])
        live.send_text(CANARY)
        live.receive_json()
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "asyncio"))]
    assert CANARY not in "".join(f"{record.getMessage()} {record.args}" for record in ours)


# ── by requests ──


def test_the_same_by_requests(make: Callable[..., TestClient]) -> None:
    client = make()
    with client.websocket_connect("/live") as live:
        over_socket = turns(live, CALL)
    opened = client.post("/live", json={"turns": CALL[:1]})
    assert opened.status_code == 201
    name = opened.json()["id"]
    assert opened.json()["state"]["turns"] == 1
    more = client.post(f"/live/{name}", json={"from": 1, "turns": CALL[1:]}).json()
    assert (more["turns"], more["changes"]) == (3, over_socket[1:])
    assert client.get(f"/live/{name}").json()["level"] == "high"
    assert client.delete(f"/live/{name}").status_code == 204
    assert client.get(f"/live/{name}").status_code == 404


@pytest.mark.parametrize("sent", [0, 2])
def test_turns_out_of_step_are_refused_and_told_from_where_to_go_on(make: Callable[..., TestClient], sent: int) -> None:
    client = make()
    name = client.post("/live", json={"turns": CALL[:1]}).json()["id"]
    answer = client.post(f"/live/{name}", json={"from": sent, "turns": CALL[1:]})
    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_step")
    assert "from 写 1" in answer.json()["errors"][0]["remedy"]
    assert client.get(f"/live/{name}").json()["timeline"] != []


def test_a_call_belongs_to_its_key(detector: Detector) -> None:
    from fanzha_api.keys import hash_of

    app = create_app(detector, Settings(api_keys=f"a:{hash_of('1')} b:{hash_of('2')}"))  # type: ignore[arg-type]
    mine, theirs = {"X-API-Key": "1"}, {"X-API-Key": "2"}
    name = ask(app, "POST", "/live", json={}, headers=mine).json()["id"]
    assert ask(app, "GET", f"/live/{name}", headers=mine).status_code == 200
    for method, path in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
        assert problem(ask(app, method, f"/live/{name}{path}", headers=theirs), 404)["code"] == "unknown_call"
    problem(ask(app, "GET", f"/live/{name}"), 401)


def test_silent_calls_are_taken_back_and_calls_are_bounded() -> None:
    now = [0.0]
    calls = Calls(Settings(max_calls=2, call_idle_seconds=10), clock=lambda: now[0])
    first = calls.hold(StubCall(), "me")  # type: ignore[arg-type]
    now[0] = 6
    second = calls.hold(StubCall(), "me")  # type: ignore[arg-type]
    with pytest.raises(Refusal):
        calls.hold(StubCall(), "me")  # type: ignore[arg-type]
    now[0] = 7
    calls.find(first, "me", 0)  # spoken in, so that it lives on
    now[0] = 16.5
    assert calls.find(first, "me").owner == "me"
    with pytest.raises(Refusal):
        calls.find(second, "me")
    assert calls.open == 1


class StubCall:
    turns = 0


# ── server-sent events ──


@asynccontextmanager
async def watching(app: Any, path: str, headers: dict[str, str] | None = None) -> AsyncIterator[Any]:
    """A watcher over plain ASGI (httpx waits for the end of an answer): an async function that gives the next event."""
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    gone = asyncio.Event()
    first = True

    async def receive() -> dict[str, Any]:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    given = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "root_path": "", "query_string": b"", "headers": given, "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }  # fmt: skip
    task = asyncio.create_task(app(scope, receive, sent.put))
    start = await sent.get()
    assert start["status"] == 200

    async def event() -> dict[str, str]:
        message = await asyncio.wait_for(sent.get(), 10)
        lines = message["body"].decode().strip().splitlines()
        return dict(line.split(": ", 1) for line in lines if line)

    try:
        yield event
    finally:
        gone.set()
        await asyncio.wait_for(task, 10)


def test_watchers_see_the_state_then_every_change_then_the_end(detector: Detector) -> None:
    app = create_app(detector, Settings())

    async def go() -> None:
        async with client_of(app) as client:
            name = (await client.post("/live", json={"turns": CALL[:1]})).json()["id"]
            async with watching(app, f"/live/{name}/events") as event:
                first = await event()
                assert (first["event"], first["id"], json.loads(first["data"])["turns"]) == ("state", "1", 1)
                told = (await client.post(f"/live/{name}", json={"from": 1, "turns": CALL[1:]})).json()["changes"]
                for change in told:
                    seen = await event()
                    assert (seen["event"], json.loads(seen["data"])) == ("change", change)
                await client.delete(f"/live/{name}")
                assert (await event())["event"] == "end"

    asyncio.run(go())


def test_a_watcher_that_comes_back_gets_what_it_missed(detector: Detector) -> None:
    app = create_app(detector, Settings(heartbeat_seconds=0.05))

    async def go() -> None:
        async with client_of(app) as client:
            name = (await client.post("/live", json={})).json()["id"]
            await client.post(f"/live/{name}", json={"from": 0, "turns": CALL})
            async with watching(app, f"/live/{name}/events", {"Last-Event-ID": "1"}) as event:
                assert [(await event())["id"] for _ in range(2)] == ["2", "3"]
                assert list(await event()) == [""]  # a comment: the heartbeat
            for unknown in ("99", "x", "-1"):
                async with watching(app, f"/live/{name}/events", {"Last-Event-ID": unknown}) as event:
                    assert (await event())["event"] == "state"
            assert app.state.service.calls.find(name, "anybody").watchers == set()

    asyncio.run(go())


def test_watchers_are_let_go_when_the_service_stops(detector: Detector) -> None:
    app = create_app(detector, Settings())

    async def go() -> None:
        async with client_of(app) as client:
            name = (await client.post("/live", json={})).json()["id"]
            async with watching(app, f"/live/{name}/events") as event:
                await event()
                app.state.service.stop()
                assert (await event())["event"] == "end"

    asyncio.run(go())


def client_of(app: Any) -> Any:
    import httpx

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fanzha")


def test_a_long_catch_up_keeps_the_order(detector: Detector) -> None:
    app = create_app(detector, Settings())

    async def go() -> list[int]:
        async with client_of(app) as client:
            name = (await client.post("/live", json={})).json()["id"]
            many = {"from": 0, "turns": SCAM["turns"] * 2000}
            both = await asyncio.gather(*(client.post(f"/live/{name}", json=many) for _ in range(2)))
            return sorted(response.status_code for response in both)

    assert asyncio.run(go()) == [200, 409]
