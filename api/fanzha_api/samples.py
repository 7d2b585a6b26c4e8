"""The sample conversations, for the page and for trying the service: GET /samples, GET /samples/{name}.

In: the files of samples/, shipped in the wheel. Out: what there is, and one conversation as POST /score takes it.
All of them were made up for this project; nobody's call is among them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import anyio.to_thread
import yaml
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from fanzha.formats.plain import read_plain
from fanzha_api.reading import turn_in
from fanzha_api.schemas import TurnIn
from fanzha_api.service import Service

_EXPECTED = "expected.yaml"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "没有这段样例", "content": _PROBLEM}}


class Sample(BaseModel):
    """一段样例: 骗局, 或与它相像的正当来电."""

    name: str = Field(description="取 /samples/{name} 用的名字")
    title: str
    label: Literal["scam", "benign"]
    script: str = Field(description="讲的是哪个剧本, 或与哪个剧本相像")
    script_title: str


class SampleList(BaseModel):
    """全部样例, 按文件名排列."""

    samples: list[Sample]


class SampleConversation(Sample):
    """一段样例的全文; turns 可以原样交给 POST /score."""

    turns: list[TurnIn]


def samples_folder() -> Path:
    """Where the samples stand: in the package when installed, at the top of a checkout otherwise."""
    inside = Path(__file__).parent / "samples"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "samples"


def build_samples(service: Service) -> APIRouter:
    """Build the routes; the files are read when somebody first asks."""
    router = APIRouter(prefix="/samples", tags=["samples"])

    def titles() -> dict[str, str]:
        return {script.id: script.title for script in service.edition.detector.rules.scripts}

    @router.get("", summary="样例对话的目录", operation_id="samples")
    async def samples() -> SampleList:
        found = await anyio.to_thread.run_sync(_read_list)
        named = titles()
        return SampleList(samples=[_entry(name, row, named) for name, row in found.items()])

    @router.get("/{name}", summary="一段样例对话", operation_id="sample", responses=_UNKNOWN)
    async def sample(name: str) -> SampleConversation:
        found = await anyio.to_thread.run_sync(_read_list)
        if name not in found:  # a name is looked up, never joined to a path unseen
            raise HTTPException(404)
        turns = await anyio.to_thread.run_sync(_read_turns, name)
        return SampleConversation(**_entry(name, found[name], titles()).model_dump(), turns=list(turns))

    return router


def _entry(name: str, row: dict[str, str], titles: dict[str, str]) -> Sample:
    script = row["script"]
    return Sample.model_validate(
        {
            "name": name,
            "title": row["title"],
            "label": row["label"],
            "script": script,
            "script_title": titles.get(script, script),
        }
    )


@cache
def _read_list() -> dict[str, dict[str, str]]:
    """Rows of expected.yaml by name, without the suffix."""
    rows = yaml.safe_load((samples_folder() / _EXPECTED).read_text("utf-8"))
    return {Path(name).stem: row for name, row in sorted(rows.items())}


@cache
def _read_turns(name: str) -> tuple[TurnIn, ...]:
    return tuple(map(turn_in, read_plain(samples_folder() / f"{name}.txt").turns))
