"""What rules stats counts: rates as means over sets, partners, decisive signals, dead ones, cost."""

import json

import pytest

from conftest import signal
from fanzha.measure.records import RawLine, Record, parse_record
from fanzha.measure.stats import signal_stats, total_without


def record(name, number, label, *texts):
    data = {"id": f"{name}{number}", "label": label, "turns": [{"speaker": "对方", "text": text} for text in texts]}
    parsed = parse_record(RawLine(name, number, json.dumps(data).encode()))
    assert isinstance(parsed, Record)
    return name, parsed


@pytest.fixture(scope="module")
def tiny(make_detector):
    return make_detector(
        [
            signal("a.hook", match=["蓝色钥匙"], stage="hook", weight=3.0),
            signal("a.ask", match=["绿色箱子"], stage="extract", weight=3.0),
            signal("a.dead", match=["紫色风车"], stage="pressure", weight=1.0),
        ]
    )


def by_id(rows):
    return {row.id: row for row in rows}


def test_rates_are_means_over_sets_whatever_their_size(tiny):
    small = [record("small", 0, "scam", "蓝色钥匙")]
    large = [record("large", number, "scam", "好的") for number in range(9)]
    assert by_id(signal_stats(tiny, small + large))["a.hook"].in_scams == pytest.approx(0.5)


def test_precision_weighs_scams_against_benign_text(tiny):
    rows = [record("s", n, "scam", "蓝色钥匙") for n in range(3)] + [record("b", n, "benign", "蓝色钥匙") for n in range(1)]
    rows += [record("b", n, "benign", "好的") for n in range(1, 3)]
    assert by_id(signal_stats(tiny, rows))["a.hook"].precision == pytest.approx(0.75)


def test_a_signal_without_which_the_alert_falls_is_decisive(tiny):
    row = by_id(signal_stats(tiny, [record("s", 0, "scam", "蓝色钥匙", "绿色箱子")]))
    assert (row["a.hook"].decisive, row["a.ask"].decisive, row["a.dead"].decisive) == (1, 1, 0)


def test_partners_are_told_by_how_much_they_overlap(tiny):
    rows = [record("s", 0, "scam", "蓝色钥匙", "绿色箱子"), record("s", 1, "scam", "蓝色钥匙")]
    row = by_id(signal_stats(tiny, rows))["a.ask"]
    assert (row.partner, row.overlap) == ("a.hook", pytest.approx(0.5))


def test_a_warning_is_counted_as_discounted(detector):
    rows = by_id(signal_stats(detector, [record("s", 0, "benign", "千万不要把验证码告诉我以外的任何人, 不要把验证码发给客服")]))
    assert rows["ask.code"].discounted == 1
    assert rows["ask.code"].conversations == 0


def test_dead_signals_have_no_precision_and_cost_nothing(tiny):
    row = by_id(signal_stats(tiny, [record("s", 0, "scam", "蓝色钥匙")]))["a.dead"]
    assert (row.conversations, row.precision, row.microseconds) == (0, None, 0)


def test_the_whole_ledger_gives_the_total_of_the_verdict(detector, samples):
    for sample in samples:
        session = detector.session()
        for turn in sample.conversation.turns:
            session.feed(turn)
        ledger = session.ledger()
        if ledger is not None:
            assert total_without(detector.rules, ledger) / 1000 == pytest.approx(session.verdict().log_odds), sample.name
