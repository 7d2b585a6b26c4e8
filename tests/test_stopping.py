"""Ctrl-C in a long run: where it may come, and what is finished first."""

from __future__ import annotations

import signal

import pytest

from fanzha.cli.stopping import Stopping


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_it_waits_until_it_is_allowed() -> None:
    done = []
    with Stopping() as stop:
        press()
        done.append("written")
        with pytest.raises(KeyboardInterrupt), stop.allowed():
            done.append("never")
    assert done == ["written"]


def test_it_comes_at_once_where_it_is_allowed() -> None:
    with Stopping() as stop, pytest.raises(KeyboardInterrupt), stop.allowed():
        press()


def test_what_is_held_is_finished_first() -> None:
    done = []

    def write(stop: Stopping) -> None:
        with stop.allowed():
            with stop.held():
                press()
                done.append("written")
            done.append("never")

    with Stopping() as stop, pytest.raises(KeyboardInterrupt):
        write(stop)
    assert done == ["written"]


def test_a_second_one_comes_at_once() -> None:
    with Stopping():
        press()
        with pytest.raises(KeyboardInterrupt):
            press()


def test_afterwards_it_is_as_it_was() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Stopping():
        pass
    assert signal.getsignal(signal.SIGINT) is before
