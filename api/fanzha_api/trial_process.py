"""The process in which strangers' rules are tried: `python -m fanzha_api.trial_process FOLDER…`.

In: one JSON object a line on stdin, {"yaml", "turns"}. Out: one JSON object a line on stdout; "ready" comes first. It
may be ended at any moment, and bounds its own memory; it writes nothing else, for the text is somebody's.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from fanzha import Conversation, InputError
from fanzha.pack.load import load_pack
from fanzha.trial import try_rules

MEMORY_BYTES = 1536 * 1024 * 1024


def main(folders: Sequence[str]) -> None:
    """Answer until stdin ends."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on Windows, or held lower already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    pack = load_pack([Path(folder) for folder in folders])
    _say({"ready": True})
    for line in sys.stdin.buffer:
        asked = orjson.loads(line)
        turns = asked["turns"]
        try:
            conversation = None if turns is None else Conversation.from_turns(turns, self_name=asked["self_name"])
            trial = try_rules(pack, asked["yaml"], conversation)
        except InputError as error:
            _say({"refused": str(error).removeprefix(f"{error.where}: "), "where": error.where})
            continue
        _say(
            {
                "diagnostics": trial.diagnostics,
                "signals": trial.signals,
                "verdict": trial.verdict.model_dump() if trial.verdict is not None else None,
            }
        )


def _say(what: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(what) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
