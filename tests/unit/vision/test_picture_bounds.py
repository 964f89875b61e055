"""Pictures of every kind and size: what is refused before it is decoded, and what becomes 8-bit BGR."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from tests.unit.vision.builders import jpeg, sunny_pen
from tests.unit.vision.films import exif_jpeg
from vision.picture import UnreadablePicture, decode_picture
from vision.picture_size import declared_size

PEN = sunny_pen(320, 192)
KINDS = pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "WEBP", "TIFF"])


def encoded(kind: str, mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    Pillow.fromarray(PEN[:, :, ::-1]).convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def png_that_promises(width: int, height: int) -> bytes:
    """A few bytes that promise a picture."""
    chunks = [
        (b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(1000))),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg_that_promises(width: int, height: int) -> bytes:
    data = bytearray(jpeg(PEN))
    at = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, at + 5, height, width)
    return bytes(data)


@KINDS
def test_a_pictures_size_is_known_before_it_is_decoded(kind: str) -> None:
    assert declared_size(encoded(kind)) == (320, 192)


def test_every_kind_of_webp_tells_its_size() -> None:
    assert declared_size(encoded("WEBP", lossless=True)) == (320, 192)
    assert declared_size(encoded("WEBP", "RGBA", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0")) == (320, 192)


@KINDS
def test_every_kind_becomes_the_same_picture(kind: str) -> None:
    image = decode_picture(encoded(kind)).image
    assert image.shape == PEN.shape
    assert np.abs(image.astype(int) - PEN).mean() < 12, "colours in another order would be 60 apart"


@KINDS
@pytest.mark.parametrize("share", [0.95, 0.5, 0.02])
def test_every_kind_is_refused_when_cut_off(kind: str, share: float) -> None:
    data = encoded(kind)
    with pytest.raises(UnreadablePicture):
        decode_picture(data[: int(len(data) * share)])


@pytest.mark.parametrize("bomb", [png_that_promises(20_000, 20_000), jpeg_that_promises(20_000, 20_000)])
def test_a_bomb_is_refused_before_it_is_decoded(bomb: bytes) -> None:
    with pytest.raises(UnreadablePicture, match="20000 x 20000 pixels are more than the 100 million"):
        decode_picture(bomb)


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (15, 400)])
def test_a_picture_too_small_for_an_animal_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UnreadablePicture, match="too few to show an animal"):
        decode_picture(jpeg(np.zeros((size[1], size[0], 3), np.uint8)))


def test_a_jpeg_for_print_becomes_colours_again() -> None:
    image = decode_picture(encoded("JPEG", "CMYK", quality=95)).image
    assert np.abs(image.astype(int) - PEN).mean() < 6


@pytest.mark.parametrize(
    ("shape", "kind"), [((64, 96), np.uint8), ((64, 96), np.uint16), ((64, 96, 3), np.uint16), ((64, 96, 4), np.uint8)]
)
def test_grey_deep_and_see_through_pictures_become_8_bit_colour(shape: tuple[int, ...], kind: type) -> None:
    top = 255 if kind is np.uint8 else 65_535
    picture = np.full(shape, top // 2, kind)
    image = decode_picture(cv2.imencode(".png", picture)[1].tobytes()).image
    assert image.shape == (64, 96, 3)
    assert image.dtype == np.uint8
    assert abs(int(image[5, 5, 0]) - 127) <= 1


def test_a_picture_is_turned_as_its_exif_says() -> None:
    turned = decode_picture(exif_jpeg(jpeg(PEN), "2026:05:01 10:20:30", orientation=6)).image
    assert turned.shape == (320, 192, 3)
    straight = decode_picture(jpeg(PEN)).image
    assert np.array_equal(turned, np.rot90(straight, -1))


@pytest.mark.parametrize(
    "data", [b"GIF89a" + bytes(200), b"P6 4 4 255 " + bytes(48), b"\xff\xd8\xff\xd9", b"RIFF" + bytes(60)]
)
def test_other_kinds_are_no_pictures(data: bytes) -> None:
    with pytest.raises(UnreadablePicture):
        decode_picture(data)


@given(
    st.sampled_from([encoded(k) for k in ("JPEG", "PNG", "BMP", "WEBP", "TIFF")]),
    st.binary(max_size=40),
    st.integers(0, 60),
)
def test_a_broken_head_never_breaks_the_reader(data: bytes, noise: bytes, at: int) -> None:
    size = declared_size(data[:at] + noise + data[at + len(noise) :])
    assert size is None or len(size) == 2
