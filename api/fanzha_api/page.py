"""The page for people: the files of web/, as they are, at `/` and `/web/…`, under a policy that lets nothing else in.

In: nothing but a path. Out: one of the files that were there when the service started; every other path is unknown,
so no path can lead out of the folder. The page asks no other machine for anything and keeps nothing of what is typed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_INDEX = "index.html"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# No inline script or style, and no text is ever read as HTML (require-trusted-types-for): what a conversation
# says can only become text.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Asked for again each time, answered by 304 while unchanged: a new version is never mixed with an old one.
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page, and the headers that it is sent with."""

    body: bytes
    media_type: str
    etag: str

    def answer(self, request: Request) -> Response:
        """Send it, or say that what the browser has is still right."""
        headers = {**_HEADERS, "ETag": self.etag}
        known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
        if self.etag in known or "*" in known:
            return Response(status_code=304, headers=headers)
        return Response(self.body, headers=headers, media_type=self.media_type)


def build_page() -> APIRouter:
    """Build the routes of the page; the files are read once, here."""
    assets = load_assets()
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def index(request: Request) -> Response:
        return assets[_INDEX].answer(request)

    @router.api_route("/web/{path:path}", methods=["GET", "HEAD"])
    async def asset(request: Request, path: str) -> Response:
        found = assets.get(path)
        if found is None or path == _INDEX:
            raise HTTPException(404)
        return found.answer(request)

    return router


def load_assets() -> dict[str, Asset]:
    """The files of web/ by their path in it: "js/main.js"."""
    return dict(_walk(files("fanzha_api") / "web", ""))


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        if item.is_dir():
            found += _walk(item, f"{prefix}{item.name}/")
            continue
        media_type = _TYPES.get(f".{item.name.rpartition('.')[2]}")
        if media_type is not None:
            body = item.read_bytes()
            found.append((prefix + item.name, Asset(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:20]}"')))
    return found
