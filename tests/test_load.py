"""Reading packs from folders: merging, and every fault at once with file, line and column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from conftest import HEAD, pack, signal
from fanzha import Detector, Diagnostic, PackError
from fanzha.pack.load import bundled_rules, load_pack

Write = Callable[..., Path]


def faults(folder: Path, **more: Any) -> tuple[Diagnostic, ...]:
    with pytest.raises(PackError) as caught:
        Detector(folder, bundled=False, **more)
    return caught.value.diagnostics


def test_files_of_a_folder_make_one_pack(write_rules: Write) -> None:
    folder = write_rules({"pack": HEAD}, {"terms": {"parcel": ["快递", "包裹"]}}, {"signals": [signal()]})
    loaded = load_pack([folder])
    assert not loaded.diagnostics
    assert loaded.pack is not None
    assert (loaded.pack.id, list(loaded.terms), list(loaded.signals)) == ("tiny", ["parcel"], ["hook.lost"])


def test_folders_below_and_both_endings_are_read(write_rules: Write) -> None:
    folder = write_rules({"pack": HEAD})
    (folder / "deep").mkdir()
    (folder / "deep" / "more.yml").write_text("terms: {parcel: [快递]}", "utf-8")
    assert list(load_pack([folder]).terms) == ["parcel"]


def test_a_later_folder_replaces_what_has_the_same_id_and_adds_the_rest(write_rules: Write) -> None:
    first = write_rules(pack([signal(title="旧"), signal("hook.kept")]))
    second = write_rules({"signals": [signal(title="新"), signal("hook.added")]})
    merged = load_pack([first, second])
    assert not merged.diagnostics
    assert merged.signals["hook.lost"].title == "新"
    assert set(merged.signals) == {"hook.lost", "hook.kept", "hook.added"}


def test_a_term_replaces_or_extends(write_rules: Write) -> None:
    first = write_rules({"pack": HEAD, "terms": {"a": ["甲乙"], "b": ["甲乙"]}})
    second = write_rules({"terms": {"a": ["丙丁"], "b": {"words": ["丙丁"], "extend": True}}})
    terms = load_pack([first, second]).terms
    assert (terms["a"].words, terms["b"].words) == (["丙丁"], ["甲乙", "丙丁"])


def test_a_detector_takes_one_folder_or_several(write_rules: Write) -> None:
    first, second = write_rules(pack([signal()])), write_rules({"signals": [signal("hook.more", "包裹破")]})
    detector = Detector([str(first), second], bundled=False)
    assert [rule.id for rule in detector.rules.signals] == ["hook.lost", "hook.more"]


def test_the_id_follows_the_content_of_the_rules_only(write_rules: Write) -> None:
    def identity(content: Any) -> str:
        return Detector(write_rules(content), bundled=False).pack

    spaced = "# 注释\n" + "\n\npack: " + repr(HEAD)
    assert identity({"pack": HEAD}) == identity(spaced)
    assert identity({"pack": HEAD}).startswith("tiny-1-")
    assert identity({"pack": HEAD}) != identity({"pack": {**HEAD, "base": -3.0}})


def test_bundled_rules_are_there_and_load() -> None:
    assert not [one for one in load_pack([bundled_rules()]).diagnostics if one.severity == "error"]


# ── faults ──


def test_a_fault_has_file_line_and_column(write_rules: Write) -> None:
    folder = write_rules(
        {"pack": HEAD},
        dedent("""\
            signals:
              - id: hook.lost
                title: 丢件
                stage: hoook
                match: 快递丢
                why: 缘由
                falsepositives: 误伤
                hits: [甲, 乙]
                misses: [丙, 丁]
            """),
    )
    (fault,) = faults(folder)
    assert (fault.file, fault.line, fault.column) == (f"{folder.name}/1.yaml", 4, 12)
    assert str(fault).startswith(f"{folder.name}/1.yaml:4:12: error: stage:")


def test_a_missing_key_is_told_at_the_rule(write_rules: Write) -> None:
    broken = {key: value for key, value in signal().items() if key != "why"}
    (fault,) = faults(write_rules({"pack": HEAD, "signals": [broken]}))
    assert "why: 缺少这一项" in fault.message


def test_a_misspelt_key_is_told(write_rules: Write) -> None:
    (fault,) = faults(write_rules({"pack": HEAD, "signals": [signal(wieght=1)]}))
    assert "wieght: 不认识的键" in fault.message


def test_a_fault_inside_a_pattern_points_at_the_pattern(write_rules: Write) -> None:
    folder = write_rules(
        {"pack": HEAD},
        dedent("""\
            signals:
              - {id: a, title: t, stage: hook, why: w, falsepositives: f, hits: [x, y], misses: [x, y],
                 match: {any: [快递丢,
                               "[坏"]}}
            """),
    )
    (fault,) = faults(folder)
    assert (fault.line, fault.column) == (4, 20)


def test_all_faults_of_all_files_come_at_once(write_rules: Write) -> None:
    folder = write_rules(
        {"pack": {**HEAD, "base": 3}},
        {"signals": [signal(weight=99), signal("b", "[坏"), signal("c", {"any": []})]},
        "signals: [",
        {"terms": {"t": []}, "surprise": 1},
    )
    told = "\n".join(map(str, faults(folder)))
    for file, what in (("0", "base"), ("1", "weight"), ("1", "括号"), ("1", "非空"), ("2", "YAML"), ("3", "surprise")):
        assert any(f"/{file}.yaml:" in line and what in line for line in told.split("\n")), what


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("signals: [", "YAML 写法有误"),
        ("a: 1\na: 2\n", "键 'a' 重复"),
        ("- just\n- a list\n", "应为映射"),
        ("terms: [甲]", "terms 应为"),
        ("signals: {a: 1}", "signals 应为列表"),
        ("scripts: 5", "scripts 应为列表"),
        ("signals: [5]", "dictionary"),
        ("terms: !!python/name:os.system x", "YAML 写法有误"),
        ("terms: 2024-99-99", "这个值读不了"),
        ("terms: {t: [!!int x]}", "这个值读不了"),
        ("terms: {2024-01-01: [甲乙]}", "键应为文字"),
        ("? [terms]\n: 1", "键应为文字"),
        ("&a [*a]", "嵌套太深"),
        ("\x00", "读不了"),
        ("\t- x", "YAML 写法有误"),
        ("terms: {t: {words: [甲], sound: 5}}", "sound"),
    ],
)
def test_broken_files_are_told(write_rules: Write, content: str, says: str) -> None:
    told = faults(write_rules({"pack": HEAD}, content))
    assert any(says in str(fault) for fault in told), told


def test_a_file_that_is_no_utf8_is_told(write_rules: Write) -> None:
    folder = write_rules({"pack": HEAD})
    (folder / "gbk.yaml").write_bytes("terms: {快递: [包裹]}".encode("gbk"))
    (fault,) = faults(folder)
    assert "UTF-8" in fault.message


def test_the_same_id_twice_in_a_folder_is_told_with_the_first_place(write_rules: Write) -> None:
    folder = write_rules({"pack": HEAD, "signals": [signal()]}, {"signals": [signal()]})
    (fault,) = faults(folder)
    assert f"已在 {folder.name}/0.yaml:" in fault.message


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "没有这个规则目录" in faults(tmp_path / "nowhere")[0].message


def test_a_folder_without_rules_is_told(tmp_path: Path) -> None:
    assert "没有 .yaml" in faults(tmp_path)[0].message


def test_a_pack_without_its_head_is_told(write_rules: Write) -> None:
    (fault,) = faults(write_rules({"terms": {"t": ["甲乙"]}}))
    assert "pack.yaml" in fault.message


def test_no_folder_at_all_is_told() -> None:
    with pytest.raises(PackError, match="pack"):
        Detector(bundled=False)


def test_local_rules_come_last_and_may_extend_and_replace(write_rules):
    folder = write_rules(pack([signal("z.box", match=["{box}"])], terms={"box": ["绿色箱子"]}))
    local = folder / "local"
    local.mkdir()
    (local / "a.yaml").write_text(
        "terms: {box: {extend: true, words: [蓝色箱子]}}\n"
        "signals: [{id: z.box, title: 换了, stage: hook, weight: 3, match: ['{box}'], why: w, falsepositives: f,"
        " hits: [蓝色箱子, 绿色箱子], misses: [好的, 您好]}]\n",
        "utf-8",
    )
    loaded = load_pack([folder])
    assert loaded.diagnostics == []
    assert loaded.terms["box"].words == ["绿色箱子", "蓝色箱子"]
    assert loaded.signals["z.box"].title == "换了"
