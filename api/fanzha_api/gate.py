"""A bounded queue in front of the work: what comes beyond it is refused at once; those inside are answered soon.

In: requests that want to work. Out: a place, or Refusal 503. Health, metrics and the page never stand here.
"""

from __future__ import annotations

import asyncio

from fanzha_api.errors import busy


class Gate:
    """At most `most` requests at a time, in work or waiting for it."""

    def __init__(self, most: int, what: str = "请求") -> None:
        self.most = most
        self.inside = 0
        self._what = what

    @property
    def full(self) -> bool:
        """Whether the next one would be refused."""
        return self.inside >= self.most

    async def __aenter__(self) -> None:
        if self.inside >= self.most:
            raise busy(self._what)
        self.inside += 1
        try:
            # Those that came in the same moment are counted before any of them is served: each small one is served
            # in one go, so without this nobody would ever see another.
            await asyncio.sleep(0)
        except BaseException:
            self.inside -= 1
            raise

    async def __aexit__(self, *_: object) -> None:
        self.inside -= 1
