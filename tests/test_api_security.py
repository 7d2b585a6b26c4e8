"""What strangers try: keys, rates, heads and paths made to confuse, bombs, requests that never end. Origins: test_api_live."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import socket
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from fanzha import Detector
from fanzha_api import Settings, create_app
from fanzha_api.door import MAX_HEAD_BYTES, Door
from fanzha_api.errors import Refusal
from fanzha_api.keys import KeyFileError, Keys, Rate, hash_of
from fanzha_api.new_key import main
from server_process import serving
from test_api import CANARY, JSON, ask, post, problem, tiny  # noqa: F401 - a fixture

# ── keys ──


def keyed(**settings: Any) -> Keys:
    return Keys(Settings(**settings))


def test_several_keys_have_names_and_only_some_are_administrators() -> None:
    keys = keyed(api_keys=f"app:{hash_of('1')}, ops:{hash_of('2')}:admin", api_key="3")
    assert [keys.identify(key, "-").name for key in (b"1", b"2", b"3")] == ["app", "ops", "default"]
    assert [keys.identify(key, "-").admin for key in (b"1", b"2", b"3")] == [False, True, False]
    with pytest.raises(Refusal):
        keys.identify(b"4", "-")
    with pytest.raises(Refusal):
        keys.require_admin(keys.identify(b"1", "-"))


def test_keys_stand_in_a_file_with_comments(tmp_path: Any) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# ours\napp:{hash_of('1')}  # the app\n\n", "utf-8")
    assert keyed(api_keys_file=file).identify(b"1", "-").name == "app"


@pytest.mark.parametrize("item", ["app", "app:12", f"app:{'0' * 64}:root", f"a b:{'0' * 64}", f"{'a' * 50}:{'0' * 64}"])
def test_keys_that_cannot_be_read_stop_the_start(item: str, tmp_path: Any) -> None:
    file = tmp_path / "keys"
    file.write_text(item, "utf-8")
    for settings in ({"api_keys": item}, {"api_keys_file": file}):
        with pytest.raises(KeyFileError, match="第 1 项"):
            keyed(**settings)
    with pytest.raises(KeyFileError, match="读不了"):
        keyed(api_keys_file=tmp_path / "none")


def test_a_key_is_kept_as_a_hash_and_every_one_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    import hmac

    keys = keyed(api_keys=f"a:{hash_of(CANARY)} b:{hash_of('2')} c:{hash_of('3')}")
    assert CANARY not in repr(vars(keys))
    compared = []
    honest = hmac.compare_digest
    monkeypatch.setattr("hmac.compare_digest", lambda one, other: compared.append(1) or honest(one, other))
    for key in (CANARY.encode(), b"3", b"wrong"):
        compared.clear()
        with contextlib.suppress(Refusal):
            keys.identify(key, "-")
        assert len(compared) == 3


def test_a_made_key_works(capsys: pytest.CaptureFixture[str]) -> None:
    main(["app"])
    kept, told = capsys.readouterr()
    key = told.split()[-1]
    assert keyed(api_keys=kept).identify(key.encode(), "-").name == "app"
    assert key not in kept
    with pytest.raises(SystemExit):
        main(["a b"])


@pytest.mark.parametrize(
    ("method", "path", "open_to_all"),
    [
        ("POST", "/score", False),
        ("POST", "/score/batch", False),
        ("POST", "/score/stream", False),
        ("POST", "/score/file", False),
        ("GET", "/rules", False),
        ("GET", "/rules/x", False),
        ("POST", "/rules/check", False),
        ("POST", "/rules/reload", False),
        ("POST", "/live", False),
        ("POST", "/live/x", False),
        ("GET", "/live/x", False),
        ("GET", "/live/x/events", False),
        ("DELETE", "/live/x", False),
        ("GET", "/metrics", False),
        ("GET", "/", True),
        ("GET", "/info", True),
        ("GET", "/healthz", True),
        ("GET", "/readyz", True),
        ("GET", "/docs", True),
        ("GET", "/openapi.json", True),
    ],
)
def test_only_what_shows_nothing_is_open_without_a_key(tiny: Detector, method: str, path: str, open_to_all: bool) -> None:  # noqa: F811
    app = create_app(tiny, Settings(api_key="k"))
    response = ask(app, method, path)
    if open_to_all:
        assert response.status_code == 200
    else:
        assert problem(response, 401)["code"] == "wrong_key"


# ── rates ──


def test_a_rate_holds_for_each_key_alone() -> None:
    now = [0.0]
    rate = Rate(2, 3, clock=lambda: now[0])
    assert [rate.wait("a") for _ in range(3)] == [0, 0, 0]
    assert rate.wait("a") == pytest.approx(0.5)
    assert rate.wait("b") == 0
    now[0] = 0.5
    assert (rate.wait("a"), rate.wait("a") > 0) == (0, True)
    now[0] = 1000
    assert [rate.wait("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_beyond_the_rate_one_is_told_when_to_come_back(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(api_key="k", rate=0.1, burst=1))
    key = {"X-API-Key": "k"}
    assert post(app, {"text": "您好"}, headers=key).status_code == 200
    response = post(app, {"text": "您好"}, headers=key)
    assert (problem(response, 429)["code"], response.headers["retry-after"]) == ("too_often", "10")
    assert ask(app, "GET", "/healthz").status_code == 200
    problem(post(app, {"text": "您好"}, headers={"X-API-Key": "wrong"}), 401)


def test_the_memory_of_rates_is_bounded() -> None:
    rate = Rate(1, 1)
    for number in range(12_000):
        rate.wait(str(number))
    assert len(rate._buckets) <= 10_000


# ── paths and heads, in process ──


@pytest.mark.parametrize(
    "path",
    ["/web/../app.py", "/web/..%2fapp.py", "/web/%2e%2e/app.py", "/web//etc/passwd", "/web/..\\app.py", "/docs/../app.py", "/docs/%00"],
)
def test_no_path_leads_out(tiny: Detector, path: str) -> None:  # noqa: F811
    problem(ask(create_app(tiny, Settings()), "GET", path), 404)


def test_an_id_of_a_proxy_comes_back_and_nothing_else_does(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings())
    for given, taken in (("0af7651916cd43dd", True), ("short", False), (f"x{CANARY}" * 2, False), ("a" * 65, False), ("a b\tc d e f", False)):
        answer = post(app, {"text": "您好"}, headers={"X-Request-ID": given.encode()})
        assert (answer.headers["x-request-id"] == given) is taken
    one, other = (post(app, {"text": "您好"}).headers["x-request-id"] for _ in range(2))
    assert one != other


@pytest.mark.parametrize(
    ("prefix", "shown"),
    [("/fz", "/fz"), ("/a/b/", "/a/b"), ("//evil.example", None), ("https://evil.example", None), ("/a b", None), ('/"><script>', None), ("/../x", "/../x")],
)
def test_a_prefix_is_taken_from_a_proxy_only_where_it_is_trusted(tiny: Detector, prefix: str, shown: str | None) -> None:  # noqa: F811
    headers = {"X-Forwarded-Prefix": prefix}
    trusting, wary = create_app(tiny, Settings(trust_prefix=True)), create_app(tiny, Settings())
    servers = ask(trusting, "GET", "/openapi.json", headers=headers).json().get("servers")
    assert servers == ([{"url": shown}] if shown else None)
    assert "servers" not in ask(wary, "GET", "/openapi.json", headers=headers).json()


def test_behind_a_prefix_everything_is_found_with_it_and_without(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(root_path="/fanzha/"))
    for path in ("/fanzha/healthz", "/healthz", "/fanzha/docs", "/fanzha/docs/start.js"):
        assert ask(app, "GET", path).status_code == 200
    assert ask(app, "GET", "/fanzha/openapi.json").json()["servers"] == [{"url": "/fanzha"}]
    with pytest.raises(ValueError, match="prefix"):
        Settings(root_path="https://evil.example/")


def test_answers_are_kept_in_no_cache_and_sniffed_by_nobody(tiny: Detector) -> None:  # noqa: F811
    answer = post(create_app(tiny, Settings()), {"text": "您好"})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_the_pages_named_may_read_answers(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(origins="https://friend.example"))
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-api-key"}
    for origin, allowed in (("https://friend.example", True), ("https://evil.example", False)):
        preflight = ask(app, "OPTIONS", "/score", headers={"Origin": origin, **asked})
        assert ("access-control-allow-origin" in preflight.headers) is allowed
        answer = post(app, {"text": "您好"}, headers={"Origin": origin})
        assert ("access-control-allow-origin" in answer.headers) is allowed
    answer = post(create_app(tiny, Settings()), {"text": "您好"}, headers={"Origin": "https://friend.example"})
    assert "access-control-allow-origin" not in answer.headers


# ── bombs and requests without end ──


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "identity, gzip", "GZIP"])
@pytest.mark.parametrize("path", ["/score", "/score/batch", "/score/stream", "/score/file", "/rules/check", "/live"])
def test_nothing_compressed_is_unpacked(tiny: Detector, path: str, encoding: str) -> None:  # noqa: F811
    bomb = gzip.compress(bytes(10_000_000))
    kind = "application/x-ndjson" if path.endswith("stream") else "application/json"
    headers = {"Content-Type": kind, "Content-Encoding": encoding}
    problem(ask(create_app(tiny, Settings()), "POST", path, content=bomb, headers=headers), 415)


def test_a_zip_bomb_of_a_spreadsheet_is_a_problem(tiny: Detector) -> None:  # noqa: F811
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/workbook.xml", "w", force_zip64=True) as part:
            for _ in range(40):
                part.write(bytes(1_000_000))
    response = ask(create_app(tiny, Settings()), "POST", "/score/file?name=a.xlsx", content=packed.getvalue())
    assert response.status_code in (413, 422)


def test_a_body_that_does_not_arrive_is_given_up(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(read_seconds=0.05))

    async def never() -> Any:
        yield b'{"text": '
        await asyncio.sleep(30)

    response = post(app, content=never(), headers=JSON)
    assert problem(response, 408)["code"] == "slow_body"
    lines = ask(app, "POST", "/score/stream", content=never(), headers={"Content-Type": "application/x-ndjson"})
    assert '"slow_body"' in lines.text
    assert app.state.service.gate.inside == app.state.service.stream_gate.inside == 0


def test_work_on_a_conversation_is_bounded_in_time_and_size(tiny: Detector) -> None:  # noqa: F811
    app = create_app(tiny, Settings(max_seconds=1e-9, max_turns=2000, max_turn_chars=100))
    assert problem(post(app, {"turns": [{"text": "您好"}] * 1500}), 413)["code"] == "too_much_work"
    assert problem(post(app, {"turns": [{"text": "您好"}] * 2001}), 413)["errors"][0]["field"] == "turns"
    assert problem(post(app, {"text": "长" * 101}), 413)["errors"][0]["field"] == "text"
    assert problem(post(app, {"turns": [{"text": "您好"}, {"text": "长" * 101}]}), 413)["errors"][0]["field"] == "turns[1].text"


# ── heads, over the wire ──


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as (_, address):
        yield int(address.rpartition(":")[2])


def talk(port: int, *parts: bytes) -> bytes:
    """What the server says until it hangs up."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            while chunk := connection.recv(65_536):
                got += chunk
        except ConnectionError:
            pass
    return got


BODY = b'{"text": "hi"}'
HEAD = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: 14\r\n", b"200"),
        (b"Content-Length: 14\r\nContent-Length: 5\r\n", b"400"),
        (b"Content-Length: 14\r\nTransfer-Encoding: chunked\r\n", b"400"),
        (b"Content-Length: -1\r\n", b"400"),
        (b"Content-Length: 99999999999999999999\r\n", b"400"),
        (b"Content-Length: 1000000000000\r\n", b"413"),
        (b"X: a\x00b\r\nContent-Length: 14\r\n", b"400"),
        (b"X: a\nY: b\r\nContent-Length: 14\r\n", b"400"),
        (b"X : a\r\nContent-Length: 14\r\n", b"400"),
    ],
)
def test_a_head_that_two_servers_could_read_two_ways_is_refused(port: int, head: bytes, status: bytes) -> None:
    assert talk(port, HEAD + head + b"\r\n" + BODY).split(b" ")[1] == status


def test_a_head_without_end_is_refused(port: int) -> None:
    lines = [b"X-%d: " % number + b"a" * 1000 + b"\r\n" for number in range(MAX_HEAD_BYTES // 500)]
    answer = talk(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n", *lines)
    assert answer == b"" or b"400 Bad Request" in answer  # the refusal may be lost, as we are still sending
    assert b"200" in talk(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[:20]


def test_a_head_that_does_not_arrive_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fanzha_api.door.HEAD_SECONDS", 0.1)

    async def go() -> bytes:
        import uvicorn

        config = uvicorn.Config(lambda *_: None, http=Door, lifespan="off", log_config=None)
        config.load()
        from uvicorn.server import ServerState

        loop = asyncio.get_running_loop()
        state = ServerState()
        server = await loop.create_server(lambda: Door(config=config, server_state=state, app_state={}), "127.0.0.1", 0)
        async with server:
            place = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(*place)
            writer.write(b"GET /healthz HTTP/1.1\r\nHo")
            got = await asyncio.wait_for(reader.read(), 20)
            writer.close()
        return got

    assert asyncio.run(go()) == b""
