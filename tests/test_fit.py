"""The fit: exact on ledgers, bounded, repeatable, and no set dominates by its size."""

import json

import numpy as np
import pytest

from fanzha.errors import InputError
from fanzha.measure.fit import BOUNDS, SEEN, _Problem, fit, levels_for
from fanzha.measure.ledger import Earned, ledger_row, read_ledgers
from fanzha.measure.weights import weights_file
from fanzha.pack.load import bundled_rules, load_pack


@pytest.fixture(scope="module")
def pack():
    return load_pack([bundled_rules()])


def earned_of(detector, conversation, name="s", scam=True):
    session = detector.session()
    for turn in conversation:
        session.feed(turn)
    row = ledger_row(detector.rules, session.ledger())
    line = json.dumps({"set": name, "id": "1", "label": "scam" if scam else "benign", "earned": row})
    return line, session.verdict()


def read(tmp_path, detector, *lines):
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines), "utf-8")
    return list(read_ledgers([log], detector.rules.authored))


def test_a_ledger_gives_the_total_that_the_judge_gave(tmp_path, detector, pack, samples):
    weights = {name: model.weight for name, model in pack.signals.items()}
    if pack.fit is not None:
        weights |= pack.fit.weights
    scale = pack.fit.scale if pack.fit is not None else 1.0
    base = pack.fit.base if pack.fit is not None else pack.pack.base
    for sample in samples:
        line, verdict = earned_of(detector, sample.conversation.turns)
        problem = _Problem(detector.rules, weights, read(tmp_path, detector, line), scale)
        total = problem.totals(base, scale, np.ones(len(problem.names)))[0]
        assert total == pytest.approx(verdict.log_odds, abs=0.02), sample.name


def made(name, number, scam, **shares):
    shares = {signal.replace("_x_", "."): 1.0 for signal in shares}
    return Earned(name, f"{name}{number}", scam, shares, (), ())


@pytest.fixture(scope="module")
def ledgers():
    """ask.code stands in scams, ask.face only in benign text; the benign set is ten times as large."""
    scams = [made("scams", n, True, ask_x_code=1) for n in range(SEEN * 2)]
    benign = [made("benign", n, False, **({"ask_x_face": 1} if n % 2 else {})) for n in range(SEEN * 20)]
    return scams + benign


def written(pack):
    return {name: model.weight for name, model in pack.signals.items()}


def test_evidence_moves_within_its_bounds_and_towards_what_it_says(detector, pack, ledgers):
    learnt = fit(detector.rules, written(pack), ledgers)
    assert set(learnt.weights) == {"ask.code", "ask.face"}
    code, face = (learnt.weights[name] / pack.signals[name].weight for name in ("ask.code", "ask.face"))
    assert BOUNDS[0] - 0.01 <= face < 1 < code <= BOUNDS[1] + 0.01
    assert learnt.loss[1] < learnt.loss[0]


def test_the_same_log_in_any_order_gives_the_same_file(detector, pack, ledgers):
    first = weights_file(fit(detector.rules, written(pack), ledgers), ["scams", "benign"])
    second = weights_file(fit(detector.rules, written(pack), ledgers[::-1]), ["benign", "scams"])
    assert first == second


def test_a_set_counts_the_same_however_large(detector, pack, ledgers):
    once = fit(detector.rules, written(pack), ledgers)
    more = [Earned(one.set, f"{one.id}+{copy}", one.scam, one.shares, (), ()) for one in ledgers for copy in range(3)]
    thrice = fit(detector.rules, written(pack), more)
    assert thrice.base == pytest.approx(once.base, abs=0.02)
    assert thrice.weights == pytest.approx(once.weights, abs=0.05)


def test_levels_rise_and_keep_to_their_budgets(detector, pack, ledgers):
    problem = _Problem(detector.rules, written(pack), ledgers, 1.0)
    calm = levels_for(problem, np.where(problem.sign > 0, 5.0, -5.0))
    noisy = levels_for(problem, np.full(len(problem.sign), 2.0))
    assert list(calm.values()) == sorted(set(calm.values()))
    assert calm["high"] >= 50
    assert noisy["low"] > 88


def test_a_log_of_other_rules_is_refused(tmp_path, detector):
    line = json.dumps({"set": "s", "id": "1", "label": "scam", "earned": {"rules": "other"}})
    with pytest.raises(InputError, match="重新"):
        read(tmp_path, detector, line)


@pytest.mark.parametrize("line", ["不是", "[]", '{"set": "s"}', '{"set": "s", "id": "1", "label": "scam", "earned": 3}'])
def test_a_file_that_is_no_log_is_told_with_its_line(tmp_path, detector, line):
    with pytest.raises(InputError) as caught:
        read(tmp_path, detector, line)
    assert ":1" in str(caught.value)


def test_unlabelled_conversations_teach_nothing(tmp_path, detector):
    row = {"set": "s", "id": "1", "label": "unknown", "earned": {"rules": detector.rules.authored}}
    assert read(tmp_path, detector, json.dumps(row)) == []


def test_an_opening_alone_stays_below_the_alert(detector, pack, ledgers):
    problem = _Problem(detector.rules, written(pack), ledgers, 1.0)
    calm = np.where(problem.sign > 0, 5.0, -5.0)
    assert levels_for(problem, calm, opening=2.0)["high"] == 89
