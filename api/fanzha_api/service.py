"""What all requests of one app share: the rules of the moment, the keys, the queue, the calls. One object, no globals.

In: a Detector, Settings, and how to load the rules anew. It serves no request itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import HTTPConnection

from fanzha import Detector
from fanzha_api.calls import Calls
from fanzha_api.edition import Edition
from fanzha_api.gate import Gate
from fanzha_api.keys import ANYBODY, Caller, Keys
from fanzha_api.metrics import Metrics
from fanzha_api.settings import Settings
from fanzha_api.trials import Trials

_BYTES_A_CHAR = 3  # of Han text in UTF-8
_MOST_TRIALS = 8  # that wait for each other


class Service:
    """The state of one app. `load` makes a Detector of the rules as they are now; it may raise PackError."""

    def __init__(self, detector: Detector, settings: Settings, load: Callable[[], Detector]) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.edition = Edition(detector)
        self.metrics.rules(self.edition.pack)
        self.keys = Keys(settings)
        self.gate = Gate(settings.max_queue)
        self.calls = Calls(settings)
        self.stopping = False
        self.restart: Callable[[], object] | None = None  # replaces all processes, where there are several
        # A large conversation is scored in a thread: in the event loop it would hold up everybody's short
        # messages until it is done, while a thread hands the interpreter over every few milliseconds. A small one
        # is done sooner than a thread is asked (0.1 ms). One large one at a time: scoring is Python, so two
        # threads together take longer than one after the other.
        self.inline_bytes = settings.inline_chars * _BYTES_A_CHAR
        self.large_ones = CapacityLimiter(1)
        self.readers = CapacityLimiter(2)  # threads that read rules
        self.triers = CapacityLimiter(1)  # threads that wait for a trial
        self.trial_gate = Gate(_MOST_TRIALS, "规则检查")
        self.stream_gate = Gate(settings.max_streams, "流")
        self._trials: Trials | None = None
        self._load = load
        self._loading = threading.Lock()

    def caller(self, connection: HTTPConnection, key: bytes | None = None) -> Caller:
        """Tell who asks, by the usual headers or the key given. Raises Refusal."""
        if self.keys.needless:
            return ANYBODY
        given = key if key is not None else given_key(connection)
        caller = self.keys.identify(given or b"", connection.client.host if connection.client else "-")
        if self.keys.required:  # an address is nobody's business
            connection.scope["fanzha_caller"] = caller.name
        return caller

    def trials(self) -> Trials:
        """Where rules are tried: beside the rules of the moment."""
        if self._trials is None:
            self._trials = Trials(self.edition.folders, self.settings.check_seconds)
        return self._trials

    async def reload(self) -> bool:
        """Take the rules as they are now, or keep the old ones and raise PackError; whether they differ."""
        edition = await anyio.to_thread.run_sync(self._loaded, limiter=self.readers)
        changed = edition.pack != self.edition.pack
        if self.restart is not None:  # every process has rules of its own
            if changed:
                self.restart()
            return changed
        self.edition = edition
        self.metrics.rules(edition.pack)
        if changed:
            self._trials = None  # one that is at work is finished, by the rules that it began with
        return changed

    async def start(self) -> None:
        """Get ready for the first request, which would otherwise stop the loop for a second."""
        self.stopping = False
        await anyio.to_thread.run_sync(self.edition.rehearse)

    def stop(self) -> None:
        """Begin to stop: what is in work is finished, watchers are let go, and nobody is sent here any more."""
        self.stopping = True
        self.calls.let_go()

    def close(self) -> None:
        """End what was started."""
        self.stop()
        if self._trials is not None:
            self._trials.close()
            self._trials = None
        self.metrics.close()

    def _loaded(self) -> Edition:
        with self._loading:
            edition = Edition(self._load())
        edition.rehearse()
        return edition


def given_key(connection: HTTPConnection) -> bytes | None:
    """The bytes of the key that a request brought, in either of the usual headers; None where it brought none."""
    headers = connection.headers
    key = headers.get("x-api-key")
    if key is None:
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        key = credentials.strip() if scheme.lower() == "bearer" else None
    return key.encode("latin-1") if key is not None else None
