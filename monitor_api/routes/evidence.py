"""The pictures that head counts were made from, and the records of what the counts rest on."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, Path, Response

from collateral.store import evidence
from monitor_api.access import AnyPerson
from monitor_api.errors import NotFound, documented

router = APIRouter(tags=["evidence"])
Sha256 = Annotated[str, Path(description="Hash of the frame as it came, or of the picture; 64 lower-case hex digits.")]
RecordName = Annotated[str, Path(description="Name of the record, or hash of its frame or picture.")]
# What a hash names never changes; it is still nobody else's to keep.
_HEADERS = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
_PICTURE = {"content": {"image/jpeg": {}}, "description": "The picture; Frame-SHA256 and Repr-Digest are its hashes."}
_RECORD = {"content": {"application/json": {}}, "description": "The record, in the very bytes that its name hashes."}


@router.get("/evidence/{sha256}", response_class=Response, responses={200: _PICTURE, **documented(401, 404, 422, 503)})
def picture(sha256: Sha256, caller: AnyPerson) -> Response:
    """The annotated picture of a frame of a camera one may see, with people made unrecognisable.

    `Repr-Digest` (RFC 9530) is the hash of these bytes, `Frame-SHA256` that of the frame as it came from the camera.
    """
    with caller.sight() as connection:
        found = evidence.picture(connection, sha256)
    if found is None:
        raise NotFound("picture")
    proof = {"Repr-Digest": digest(found.picture_sha256), "Frame-SHA256": found.frame_sha256}
    return Response(found.content, media_type=found.media_type, headers={**_HEADERS, **proof})


@router.get(
    "/evidence/{sha256}/record", response_class=Response, responses={200: _RECORD, **documented(401, 404, 422, 503)}
)
def record(sha256: RecordName, caller: AnyPerson) -> Response:
    """What a count rests on: frame, picture, model, regions, times, boxes, and the record before it.

    The bytes hash to the record's name, which `Repr-Digest` repeats and the next record of the camera holds.
    """
    with caller.sight() as connection:
        found = evidence.record(connection, sha256)
    if found is None:
        raise NotFound("record")
    proof = {"Repr-Digest": digest(found.record_sha256), "Record-SHA256": found.record_sha256}
    return Response(found.content, media_type="application/json", headers={**_HEADERS, **proof})


def digest(sha256: str) -> str:
    """A hex SHA-256 as a digest header says it."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
