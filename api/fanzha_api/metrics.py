"""Counters for Prometheus: requests, time, verdicts by level and script, the queue, the calls. Never any text.

In: what happened. Out: the exposition. Every app has a registry of its own. With several workers each writes its
numbers into a file of PROMETHEUS_MULTIPROC_DIR, which `serve` makes, and any of them tells the sum.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from fanzha import Verdict, __version__

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SEVERAL = "PROMETHEUS_MULTIPROC_DIR" in os.environ  # as prometheus_client itself decides, when it is imported
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The numbers of one app. The labels are routes, methods and statuses, levels and scripts: few, and none given."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "fanzha_requests", "Answers by route, method and status", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "fanzha_request_seconds", "From the head of a request to the end of its answer", ["route"],
            registry=registry, buckets=_SECONDS,
        )  # fmt: skip
        self._verdicts = Counter(
            "fanzha_verdicts", "Verdicts by level and script", ["level", "script"], registry=registry
        )
        self._queue = Gauge(
            "fanzha_queue", "Requests in work or waiting for it", registry=registry, multiprocess_mode="livesum"
        )
        self._calls = Gauge("fanzha_live_calls", "Live calls open", registry=registry, multiprocess_mode="livesum")
        self._build = Gauge(
            "fanzha_build", "1 for the version and rules in force", ["version", "pack"],
            registry=registry, multiprocess_mode="livemax",
        )  # fmt: skip
        # What labels() finds again and again, found once.
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._told: dict[tuple[str, str | None], Counter] = {}

    def answer(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (route, method, status)
        found = self._answered.get(key)
        if found is None:
            found = self._answered[key] = (
                self._requests.labels(route, method, str(status)),
                self._seconds.labels(route),
            )
        found[0].inc()
        found[1].observe(seconds)

    def verdict(self, verdict: Verdict) -> None:
        """Count one verdict."""
        key = (verdict.level, verdict.script)
        found = self._told.get(key)
        if found is None:
            found = self._told[key] = self._verdicts.labels(verdict.level, verdict.script or "")
        found.inc()

    def load(self, queue: int, calls: int) -> None:
        """Note how much is going on."""
        self._queue.set(queue)
        self._calls.set(calls)

    def rules(self, pack: str) -> None:
        """Note which rules are in force."""
        if not _SEVERAL:
            self._build.clear()
        self._build.labels(__version__, pack).set(1)

    def close(self) -> None:
        """Take the numbers of the moment back; the counts stay."""
        if _SEVERAL:
            mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]

    def exposition(self) -> bytes:
        """Everything, as Prometheus reads it."""
        if not _SEVERAL:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)
