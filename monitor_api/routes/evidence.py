"""The pictures that head counts were made from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from collateral.store import evidence
from monitor_api.access import AnyPerson
from monitor_api.errors import NotFound, documented

router = APIRouter(tags=["evidence"])
Sha256 = Annotated[str, Path(description="Hash of the picture's bytes, 64 lower-case hex digits.")]


@router.get(
    "/evidence/{sha256}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The picture."}, **documented(401, 404, 422, 503)},
)
def picture(sha256: Sha256, caller: AnyPerson) -> Response:
    """A frame of a camera one may see; its bytes have the hash that was asked for."""
    with caller.sight() as connection:
        found = evidence.picture(connection, sha256)
    if found is None:
        raise NotFound("picture")
    # What a hash names never changes; it is still nobody else's to keep.
    headers = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(found.content, media_type=found.media_type, headers=headers)
