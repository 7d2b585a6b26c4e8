"""Who may ask: API keys by name, kept as hashes only, compared in constant time; and how often.

In: Settings, and what a request brought. Out: the Caller, or a Refusal. Keys are random and long, so that one pass of
SHA-256 keeps them; a slow hash would only let strangers keep the server busy. `python -m fanzha_api.new_key NAME`
makes one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from fanzha_api.errors import admin_only, too_often, wrong_key
from fanzha_api.settings import Settings

NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_ITEM = re.compile(rf"({NAME.pattern}):([0-9a-f]{{64}})(:admin)?")
_MOST_CALLERS = 10_000  # whose rate is remembered


class KeyFileError(ValueError):
    """The keys cannot be read; the message says where and how to mend it, and repeats no key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name of the key; without keys the address if there is a rate, else anybody."""

    name: str
    admin: bool = False


ANYBODY = Caller("anybody")


class Keys:
    """All keys of an app. Without any, everybody may ask, but nobody is an administrator."""

    def __init__(self, settings: Settings) -> None:
        self._callers = dict(_read(settings))
        self._rate = Rate(settings.rate, settings.burst) if settings.rate else None

    @property
    def needless(self) -> bool:
        """Whether it makes no difference who asks."""
        return not self._callers and self._rate is None

    @property
    def required(self) -> bool:
        """Whether a key is asked for."""
        return bool(self._callers)

    def identify(self, given: bytes, address: str) -> Caller:
        """Tell who brought this key. Raises Refusal for a wrong one, and beyond the rate of the right one."""
        caller = self._known(given) if self._callers else Caller(address)
        if caller is None:
            raise wrong_key()
        if self._rate is not None and (wait := self._rate.wait(caller.name)) > 0:
            raise too_often(wait)
        return caller

    def require_admin(self, caller: Caller) -> None:
        """Raise Refusal unless the caller is an administrator."""
        if not caller.admin:
            raise admin_only()

    def _known(self, given: bytes) -> Caller | None:
        digest = hashlib.sha256(given).digest()
        found = None  # every hash is compared, so that the time tells nothing
        for expected, caller in self._callers.items():
            if hmac.compare_digest(digest, expected):
                found = caller
        return found


class Rate:
    """A token bucket for each name: `rate` a second, `burst` at once."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """Take one token: 0, or the seconds until there is one."""
        now = self._clock()
        tokens, then = self._buckets.pop(name, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - then) * self._rate)
        allowed = tokens >= 1
        self._buckets[name] = (tokens - 1 if allowed else tokens, now)
        while len(self._buckets) > _MOST_CALLERS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self._rate


def hash_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def _read(settings: Settings) -> Iterator[tuple[bytes, Caller]]:
    if settings.api_key is not None:
        yield bytes.fromhex(hash_of(settings.api_key.get_secret_value())), Caller("default")
    if settings.api_keys is not None:
        yield from _items(re.split(r"[\s,]+", settings.api_keys.get_secret_value()), "FANZHA_API_KEYS")
    if settings.api_keys_file is not None:
        try:
            lines = settings.api_keys_file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyFileError(f"FANZHA_API_KEYS_FILE 读不了: {type(error).__name__}") from None
        yield from _items([line.partition("#")[0].strip() for line in lines], "FANZHA_API_KEYS_FILE")


def _items(items: list[str], source: str) -> Iterator[tuple[bytes, Caller]]:
    for number, item in enumerate(items, 1):
        if not item:
            continue
        found = _ITEM.fullmatch(item)
        if found is None:
            raise KeyFileError(
                f"{source} 第 {number} 项应写作 名字:散列 或 名字:散列:admin; 用 python -m fanzha_api.new_key 名字 生成"
            )
        yield bytes.fromhex(found[2]), Caller(found[1], admin=found[3] is not None)
