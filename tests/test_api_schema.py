"""The whole OpenAPI document, asked as it says and as it does not: nothing is a server error, every refusal is a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation.modes import GenerationMode

from fanzha import Detector
from fanzha_api import Settings, create_app
from fanzha_api.keys import hash_of
from tiny_pack import TINY

FOR_PEOPLE = {"/", "/docs", "/docs/{name}", "/openapi.json", "/web/{path:path}"}


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def app(write_rules: Callable[..., Path]) -> Iterator[Any]:
    """An app with small limits, so that its refusals are reached."""
    detector = Detector(write_rules(TINY), bundled=False)
    keys = f"all:{hash_of('k')}:admin"
    made = create_app(detector, Settings(api_keys=keys, max_items=5, max_calls=50, heartbeat_seconds=0.1))  # type: ignore[arg-type]
    yield made
    made.state.service.close()


@pytest.fixture(scope="module")
def operations(app: Any) -> dict[str, Any]:
    """Every operation of the document by method and path."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    found = (result.ok() for result in schema.get_all_operations())
    return {f"{one.method.upper()} {one.path}": one for one in found}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(
    "name",
    [
        "POST /score", "POST /score/batch", "POST /score/stream", "POST /score/file", "POST /read",
        "GET /rules", "GET /rules/{id}", "POST /rules/check", "POST /rules/reload",
        "POST /live", "POST /live/{id}", "GET /live/{id}", "GET /live/{id}/events", "DELETE /live/{id}",
        "GET /samples", "GET /samples/{name}", "GET /info", "GET /healthz", "GET /readyz", "GET /metrics",
    ],
)  # fmt: skip
def test_nothing_that_can_be_asked_is_a_server_error(operations: dict[str, Any], name: str, mode: GenerationMode) -> None:
    if mode is GenerationMode.NEGATIVE and not is_asked_anything(operations[name]):
        return

    @settings(max_examples=5, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
    @given(case=operations[name].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        response = case.call(headers={"X-API-Key": "k"})
        assert response.status_code in (*range(200, 500), 503), (case.as_curl_command(), response.text)
        if 400 <= response.status_code < 500:
            assert response.headers["content-type"] == ["application/problem+json"], response.text
            assert response.json()["errors"]

    ask()


def is_asked_anything(operation: Any) -> bool:
    """Whether there is anything in a request that could be wrong."""
    return bool(operation.body) or bool(operation.query)


def test_every_route_is_in_the_document_or_meant_for_people(app: Any, operations: dict[str, Any]) -> None:
    documented = {name.split()[1] for name in operations}
    routes = {route.path for route in app.routes} - FOR_PEOPLE
    assert routes <= documented
