"""Files that are being written are scored once they are whole."""

from __future__ import annotations

from pathlib import Path

from fanzha.batch.arrivals import Arrivals, Stamp, stamp_of


def test_a_file_is_whole_once_nothing_was_written_for_a_while() -> None:
    sizes: dict[str, Stamp] = {"a": (1, 0), "b": (1, 0)}
    arrivals = Arrivals(1.0, sizes.get)
    arrivals.changed("b", 0.0)
    arrivals.changed("a", 0.0)
    assert arrivals.whole(0.5) == []
    sizes["a"] = (2, 0)
    assert arrivals.whole(1.0) == ["b"]
    assert arrivals.whole(1.9) == []
    assert arrivals.whole(2.0) == ["a"]
    assert (arrivals.whole(9.0), len(arrivals)) == ([], 0)


def test_a_file_that_has_gone_is_forgotten() -> None:
    sizes: dict[str, Stamp] = {"a": (1, 0)}
    arrivals = Arrivals(1.0, sizes.get)
    arrivals.changed("a", 0.0)
    arrivals.changed("none", 0.0)
    sizes.clear()
    assert (arrivals.whole(5.0), len(arrivals)) == ([], 0)


def test_a_stamp_changes_with_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert stamp_of(str(path)) is None
    path.write_text("a")
    before = stamp_of(str(path))
    path.write_text("ab")
    assert stamp_of(str(path)) != before
