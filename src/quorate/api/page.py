"""The dashboard's files, as the build left them: index for every route of the page, hashed assets for ever."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from quorate.api.boundary.rules import is_api

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.types import Receive, Send

INDEX = "index.html"
ASSETS = "assets/"
"""Folder of files whose name changes with their content."""
FILE_BYTES_MAX = 20_000_000
FILES_MAX = 2_000
COMPRESS_BYTES_MIN = 1_024
COMPRESSIBLE = frozenset(
    {"text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
)
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
NOT_BUILT = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Quorate</title>"
    "<p>The page has not been built yet: run <code>make run</code>, or <code>npm run build</code> in <code>web/</code>."
    " The API is up; see <a href=/v1/status/health>its health</a>.</p></html>"
)


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file, in every encoding there is."""

    media_type: str
    etag: str
    cache_control: str
    bodies: dict[str, bytes]
    """encoding ("" for none) -> bytes."""


def default_folder() -> Path:
    """Where the built page is: inside the installed package, or in the project's own tree."""
    inside = Path(__file__).parent / "dist"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "web" / "dist"


class Page:
    """Serves one folder from memory; reads it again when its index has changed."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder if folder is not None else default_folder()
        self._files: dict[str, PageFile] = {}
        self._stamp = 0

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a path that no route of the API has taken."""
        path = str(scope["path"])
        request = Request(scope, receive)
        if is_api(path):
            raise HTTPException(404)
        if request.method not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        self._refresh()
        name = path.lstrip("/") or INDEX
        found = self._files.get(name)
        if found is None and (name == INDEX or "." not in name.rpartition("/")[2]):
            found = self._files.get(INDEX)
            if found is None:
                await Response(NOT_BUILT, 503, media_type="text/html", headers={"Cache-Control": "no-store"})(
                    scope, receive, send
                )
                return
        if found is None:
            raise HTTPException(404)
        await _response(found, request)(scope, receive, send)

    def _refresh(self) -> None:
        try:
            stamp = (self._folder / INDEX).stat().st_mtime_ns
        except OSError:
            self._files, self._stamp = {}, 0
            return
        if stamp != self._stamp:
            self._files, self._stamp = _read(self._folder), stamp


def _read(folder: Path) -> dict[str, PageFile]:
    found: dict[str, PageFile] = {}
    for path in sorted(folder.rglob("*"))[:FILES_MAX]:
        if path.suffix in (".br", ".gz", ".map") or not path.is_file() or path.stat().st_size > FILE_BYTES_MAX:
            continue
        found[path.relative_to(folder).as_posix()] = _file(path, path.relative_to(folder).as_posix())
    return found


def _file(path: Path, name: str) -> PageFile:
    body = path.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    bodies = {"": body}
    for encoding, suffix in ENCODINGS:
        ready = path.with_name(path.name + suffix)
        if ready.is_file():
            bodies[encoding] = ready.read_bytes()
    if "gzip" not in bodies and media_type in COMPRESSIBLE and len(body) >= COMPRESS_BYTES_MIN:
        bodies["gzip"] = gzip.compress(body, mtime=0)
    return PageFile(
        media_type=media_type,
        etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        cache_control="public, max-age=31536000, immutable" if name.startswith(ASSETS) else "no-cache",
        bodies=bodies,
    )


def _response(file: PageFile, request: Request) -> Response:
    headers = {"ETag": file.etag, "Cache-Control": file.cache_control}
    if len(file.bodies) > 1:
        headers["Vary"] = "Accept-Encoding"
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    accepted = {word.partition(";")[0].strip() for word in request.headers.get("accept-encoding", "").split(",")}
    encoding = next((name for name, _ in ENCODINGS if name in accepted and name in file.bodies), "")
    if encoding:
        headers["Content-Encoding"] = encoding
    body = file.bodies[encoding]
    if request.method == "HEAD":
        headers["Content-Length"] = str(len(body))
        return Response(headers=headers, media_type=file.media_type)
    return Response(body, headers=headers, media_type=file.media_type)
