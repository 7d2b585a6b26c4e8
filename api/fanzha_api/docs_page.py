"""The documentation page at /docs: Swagger UI from this machine, never from a CDN, at any prefix.

In: nothing but a path. Out: one of the files of the fastapi-offline package, or the page around them. Swagger UI styles
its elements in place, so this page alone allows inline styles; no script but the files named here can run.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from fanzha_api.envelope import PlainRoute

_PAGE = """<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>fanzha 反诈 · 接口文档</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon.png">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>接口的全部描述在 <a href="openapi.json">openapi.json</a></noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""
_TYPES = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "favicon.png": "image/png",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "max-age=3600",
}


def build_docs() -> APIRouter:
    """Build the routes of the page."""
    router = APIRouter(route_class=PlainRoute, include_in_schema=False)

    @router.get("/docs")
    async def docs(_: Request) -> Response:
        return Response(_PAGE, headers=_HEADERS, media_type="text/html; charset=utf-8")

    @router.get("/docs/{name}")
    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name == "start.js":
            return Response(_START, headers=_HEADERS, media_type=_TYPES["swagger-ui-bundle.js"])
        if name not in _TYPES:
            raise HTTPException(404)
        return Response(_read(name), headers=_HEADERS, media_type=_TYPES[name])

    return router


@cache
def _read(name: str) -> bytes:
    return (files("fastapi_offline") / "static" / name).read_bytes()
