"""The page and the samples over HTTP: what is sent, under which headers, and that no path leads elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from conftest import ROOT
from fanzha import Detector
from fanzha_api import Settings, create_app
from fanzha_api.page import load_assets
from fanzha_api.samples import samples_folder
from test_api import ask, problem
from tiny_pack import TINY

BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def app(write_rules: Callable[..., Any]) -> Any:
    return create_app(Detector(write_rules(TINY), bundled=False), Settings(api_key=None))


def test_the_policy_lets_nothing_in_but_the_page_itself(app: Any) -> None:
    for path in ("/", "/web/js/main.js", "/web/css/base.css"):
        headers = ask(app, "GET", path).headers
        rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
        assert rules["img-src"] == "'self' data:"
        assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html; charset=utf-8"), ("/web/js/main.js", "text/javascript; charset=utf-8"), ("/web/css/base.css", "text/css; charset=utf-8"), ("/web/icon.svg", "image/svg+xml")],
)  # fmt: skip
def test_what_the_browser_has_is_not_sent_again(app: Any, path: str, kind: str) -> None:
    first = ask(app, "GET", path)
    assert (first.status_code, first.headers["content-type"]) == (200, kind)
    assert first.headers["cache-control"] == "no-cache"
    for tag in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = ask(app, "GET", path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert ask(app, "GET", path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert ask(app, "HEAD", path).headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    "path",
    ["/web/", "/web/index.html", "/web/../app.py", "/web/%2e%2e/app.py", "/web/..%2fapp.py", "/web/js/../../app.py", "/web/js", "/web/%00", "/web/js\\main.js",
     "/samples/../app", "/samples/..%2f..%2fREADME", "/samples/expected", "/samples/expected.yaml", "/samples/01_seed_parcel_loan.txt", "/samples/%2e%2e"],
)  # fmt: skip
def test_no_path_leads_out_of_the_page(app: Any, path: str) -> None:
    problem(ask(app, "GET", path), 404)


def test_the_page_is_whole_and_names_no_other_place() -> None:
    assets = {path: asset.body.decode() for path, asset in load_assets().items()}
    for path, text in assets.items():
        folder = path.rpartition("/")[0]
        for name in re.findall(r'(?:from|import\()\s*"(\./[^"]+)"', text):
            assert f"{folder}/{name[2:]}" in assets, (path, name)
        assert not re.findall(r'(?:href|src|from|fetch\(|ask\()\s*=?\s*["\'`]/', text), path
        assert not re.findall(r"https?://(?!www\.w3\.org/)", text), path
        assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|localStorage|sessionStorage|\sstyle=|\son[a-z]+=\"", text), path
    for name in re.findall(r'(?:href|src)="web/([^"]+)"', assets["index.html"]):
        assert name in assets


def test_every_word_of_the_page_stands_in_both_languages() -> None:
    page = load_assets()["index.html"].body.decode()
    for tag, text in re.findall(r"<([a-z][^>]*)>\s*([^<\s][^<]*)</", page):
        chinese = re.search("[\u4e00-\u9fff]", text) and text.strip() != "反诈"
        assert not chinese or "data-en=" in tag or tag.startswith(("title", "p class=\"notice\"")) or "JavaScript" in text, (tag, text)


def test_the_samples_are_those_of_the_folder_and_can_be_scored(app: Any) -> None:
    listed = ask(app, "GET", "/samples").json()["samples"]
    assert {one["name"] for one in listed} == {path.stem for path in (ROOT / "samples").glob("*.txt")}
    assert samples_folder() == ROOT / "samples"
    assert {one["label"] for one in listed} == {"scam", "benign"}
    sample = ask(app, "GET", f"/samples/{listed[0]['name']}").json()
    assert sample["title"] == listed[0]["title"]
    assert len(sample["turns"]) > 5
    assert len(ask(app, "POST", "/score", json={"turns": sample["turns"]}).json()["timeline"]) == len(sample["turns"])


def test_the_first_samples_of_the_page_exist(app: Any) -> None:
    names = {one["name"] for one in ask(app, "GET", "/samples").json()["samples"]}
    first = re.search(r"const FIRST = \[([^\]]+)\];", load_assets()["js/samples.js"].body.decode())
    assert first is not None
    assert set(re.findall(r'"([^"]+)"', first[1])) <= names


def test_names_of_stages_are_those_of_the_rules(detector: Detector) -> None:
    text = load_assets()["js/names.js"].body.decode()
    stages = text[text.index("export const STAGES") : text.index("const STANCES")]
    assert dict(re.findall(r'^  (\w+): \["([^"]+)"', stages, re.MULTILINE)) == detector.rules.stages
    scripts = text[text.index("const SCRIPTS") : text.index("const named")]
    assert {script.id for script in detector.rules.scripts} <= set(re.findall(r"(\w+): \"", scripts))


# ── reading ──


def test_pasted_words_become_turns(app: Any) -> None:
    told = ask(app, "POST", "/read", content="客服：您好\n我：😀𠮷".encode(), headers=BYTES).json()
    assert [(turn["speaker"], turn["text"], turn["party"]) for turn in told["conversations"][0]["turns"]] == [
        ("客服", "您好", "other"),
        ("我", "😀𠮷", "self"),
    ]
    assert (told["more"], told["notes"]) == (0, [])


def test_a_file_is_told_by_its_content_and_read_in_its_encoding(app: Any) -> None:
    words = "客服：您的快递丢了，我们给您理赔\n我：好的，那怎么赔给我呢"
    told = ask(app, "POST", "/read", content=words.encode("gb18030"), headers={**BYTES, "X-File-Name": "%E5%BD%95.txt"}).json()
    assert told["encoding"] == "gb18030"
    assert told["conversations"][0]["turns"][0]["text"] == "您的快递丢了，我们给您理赔"


def test_a_file_of_many_conversations_gives_the_first_and_counts_the_rest(app: Any) -> None:
    rows = "\n".join(json.dumps({"messages": [{"role": "user", "content": f"第{number}段话"}, {"role": "assistant", "content": "好"}]}, ensure_ascii=False) for number in range(130))
    told = ask(app, "POST", "/read", content=rows.encode(), headers={**BYTES, "X-File-Name": "many.jsonl"}).json()
    assert (len(told["conversations"]), told["more"]) == (100, 30)


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", BYTES, 422),
        (bytes(range(256)) * 20, BYTES, 422),
        (b"x" * (2 * 1024 * 1024 + 1), BYTES, 413),
        ("您好".encode(), {"Content-Type": "text/plain"}, 415),
        ("您好".encode(), {**BYTES, "Content-Encoding": "gzip"}, 415),
    ],
)
def test_what_cannot_be_read_is_told(app: Any, content: bytes, headers: dict[str, str], status: int) -> None:
    problem(ask(app, "POST", "/read", content=content, headers=headers), status)


def test_reading_asks_for_the_key_and_the_page_does_not(write_rules: Callable[..., Any]) -> None:
    guarded = create_app(Detector(write_rules(TINY), bundled=False), Settings(api_key="geheim"))  # type: ignore[arg-type]
    assert ask(guarded, "GET", "/").status_code == 200
    assert ask(guarded, "GET", "/samples").status_code == 200
    problem(ask(guarded, "POST", "/read", content="您好".encode(), headers=BYTES), 401)
