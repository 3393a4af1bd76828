"""What an image file holds beside its pixels, and how it gets into the file of the result."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from PIL import ExifTags, Image

from .chunks import Chunk, insert
from .options import KEEP

_XMP: Final = b"XML:com.adobe.xmp"
_RAW: Final = b"Raw profile type "  # ImageMagick's way to say EXIF and others in text
_EXIF: Final = b"Exif\0\0"
_TURNED: Final = re.compile(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)[2-8]")
_INCH: Final = 0.0254  # of a metre
_DESCRIBING: Final = (
    *(ExifTags.Base.ImageDescription, ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.Software),
    *(ExifTags.Base.DateTime, ExifTags.Base.Artist, ExifTags.Base.Copyright),
)
"""Of the tags of a TIFF those that say nothing about how its pixels are stored, and that Pillow writes."""


@dataclass(frozen=True)
class Metadata:
    """What an image file holds beside its pixels.

    Attributes:
        profile: the ICC profile of the pixels; empty when they are sRGB.
        resolution: as PNG has it: pixels a unit in x and in y, and 1 for a metre or 0 where only their ratio is known.
        exif: what cameras tell, as TIFF without a prefix, upright: the pixels are turned already; may be empty.
        xmp: a packet of XMP, upright as well; may be empty.
        text: remarks, as chunks tEXt, zTXt and iTXt of a PNG.
        other: chunks of a PNG that are not of the specification, and safe to copy.
    """

    profile: bytes = b""
    resolution: tuple[int, int, int] | None = None
    exif: bytes = b""
    xmp: bytes = b""
    text: tuple[Chunk, ...] = ()
    other: tuple[Chunk, ...] = ()

    @classmethod
    def of(cls, image: Image.Image, chunks: Sequence[Chunk] = ()) -> Metadata:
        """Return what is known of a decoded image but for its profile; what is broken is left out.

        Args:
            image: as Pillow decoded it.
            chunks: those of its file, if that is a PNG.
        """
        texts = [chunk for chunk in chunks if chunk.kind in (b"tEXt", b"zTXt", b"iTXt")]
        comment = image.info.get("comment")
        if comment and not texts:
            words = comment.decode("utf-8", "replace") if isinstance(comment, bytes) else str(comment)
            texts = [_comment(words)]
        return cls(
            resolution=_resolution(image, chunks),
            exif=_exif(image),
            xmp=_TURNED.sub(rb"\g<1>1", _xmp(image)),
            text=tuple(chunk for chunk in texts if not chunk.data.startswith((_XMP + b"\0", _RAW))),
            other=tuple(chunk for chunk in chunks if not chunk.is_known and chunk.is_safe_to_copy),
        )

    def only(self, kinds: Iterable[str]) -> Metadata:
        """Return some kinds of it, of `options.KEEP`; the profile stays, as the pixels mean nothing without.

        Raises:
            ValueError: one is none of these.
        """
        kept = [KEEP.check(kind) for kind in kinds]
        lost = [] if "all" in kept else [kind for kind in KEEP.choices if kind not in (*kept, "all")]
        empty = Metadata()
        return replace(self, **{kind: getattr(empty, kind) for kind in lost})

    def __bool__(self) -> bool:
        return self != Metadata()

    def settings(self, format: str) -> dict[str, Any]:  # noqa: A002 what it is everywhere
        """Return keywords with which Pillow writes it.

        Into WebP and TIFF goes all but text, of EXIF into TIFF what are names and dates; into BMP the resolution.
        """
        found: dict[str, Any] = {}
        if format in ("tiff", "bmp") and self.resolution is not None and self.resolution[2]:
            found["dpi"] = tuple(round(density * _INCH, 2) for density in self.resolution[:2])
        if format in ("tiff", "webp") and self.profile:
            found["icc_profile"] = self.profile
        if format == "webp":
            found |= {"exif": _EXIF + self.exif} if self.exif else {}
            found |= {"xmp": self.xmp} if self.xmp else {}
        if format == "tiff" and (self.exif or self.xmp):
            found["exif"] = tags = Image.Exif()
            tags.update(_described(self.exif))
            if self.xmp:
                tags[ExifTags.Base.XMLPacket] = self.xmp
        return found

    def embed(self, data: bytes, format: str) -> bytes:  # noqa: A002 what it is everywhere
        """Return the file of a result with what Pillow had no part in: of PNG all of it, of GIF the remarks."""
        if format == "png":
            return insert(data, self._chunks())
        if format == "gif" and self.text:
            return _with_comments(data, [words for chunk in self.text if (words := _words(chunk))])
        return data

    def _chunks(self) -> list[Chunk]:
        chunks = []
        if self.profile:
            chunks.append(Chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(self.profile, 9)))
        if self.resolution is not None:
            chunks.append(Chunk(b"pHYs", struct.pack(">IIB", *self.resolution)))
        if self.exif:
            chunks.append(Chunk(b"eXIf", self.exif))
        if self.xmp:
            chunks.append(Chunk(b"iTXt", _XMP + bytes(5) + self.xmp))
        return [*chunks, *self.text, *self.other]


def _resolution(image: Image.Image, chunks: Sequence[Chunk]) -> tuple[int, int, int] | None:
    for chunk in chunks:
        if chunk.kind == b"pHYs" and len(chunk.data) == 9:
            x, y, unit = struct.unpack(">IIB", chunk.data)
            return (x, y, unit) if x and y and unit <= 1 else None
    try:
        x, y = (round(float(dpi) / _INCH) for dpi in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None
    return (x, y, 1) if 0 < x < 1 << 31 and 0 < y < 1 << 31 else None


def _exif(image: Image.Image) -> bytes:
    given = image.info.get("exif") or b""
    try:
        if image.format == "TIFF":
            tags, described = image.getexif(), Image.Exif()
            described.update({tag: tags[tag] for tag in _DESCRIBING if tag in tags})
            for folder in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
                if entries := tags.get_ifd(folder):
                    described[folder] = entries
            given = described.tobytes() if len(described) else b""
        elif not given and any(str(key).startswith(_RAW.decode()) for key in image.info):
            given = image.getexif().tobytes()
    except Exception:  # broken EXIF fails in many ways, none of which concerns the pixels
        return b""
    return _upright(bytes(given).removeprefix(_EXIF))


def _described(exif: bytes) -> dict[int, Any]:
    """Return what EXIF says in tags that a TIFF written by Pillow holds, too: it writes no folders of tags."""
    tags = Image.Exif()
    try:
        tags.load(exif)
        return {tag: tags[tag] for tag in _DESCRIBING if tag in tags}
    except Exception:  # as above
        return {}


def _upright(exif: bytes) -> bytes:
    """Return EXIF whose orientation is 1, and which is the same otherwise; empty where it is broken."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return b""
    result = bytearray(exif)
    try:
        (place,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, place)
        for entry in range(place + 2, place + 2 + 12 * count, 12):
            tag, kind, number = struct.unpack_from(order + "HHI", exif, entry)
            if tag == ExifTags.Base.Orientation and kind == 3 and number == 1:
                struct.pack_into(order + "H", result, entry + 8, 1)
    except struct.error:
        return b""
    return bytes(result)


def _xmp(image: Image.Image) -> bytes:
    packet = image.info.get("xmp") or image.info.get(_XMP.decode()) or b""
    return packet.encode() if isinstance(packet, str) else bytes(packet)


def _comment(words: str) -> Chunk:
    try:
        return Chunk(b"tEXt", b"Comment\0" + words.replace("\0", "").encode("latin-1"))
    except UnicodeEncodeError:
        return Chunk(b"iTXt", b"Comment" + bytes(5) + words.replace("\0", "").encode())


def _words(chunk: Chunk) -> str:
    """Return what a chunk says, led by its keyword unless that is "Comment"; empty when it can't be read."""
    keyword, _, rest = chunk.data.partition(b"\0")
    try:
        if chunk.kind == b"iTXt":
            packed, rest = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[2]
            words = (_unpacked(rest) if packed else rest).decode()
        else:
            words = (_unpacked(rest[1:]) if chunk.kind == b"zTXt" else rest).decode("latin-1")
    except (IndexError, UnicodeDecodeError, zlib.error):
        return ""
    return words if keyword == b"Comment" else f"{keyword.decode('latin-1')}: {words}"


def _unpacked(data: bytes, most: int = 1 << 20) -> bytes:
    """Return what zlib packed, at most so many bytes of it: a small chunk can claim to be enormous."""
    return zlib.decompressobj().decompress(data, most)


def _with_comments(gif: bytes, comments: Iterable[str]) -> bytes:
    """Return a GIF with comments after its table of colors (CompuServe, "GIF Version 89a", 1990)."""
    place = 13 + (3 << (gif[10] & 7) + 1 if gif[10] & 0x80 else 0)
    blocks = b""
    for words in comments:
        text = words.encode()
        parts = (text[i : i + 255] for i in range(0, len(text), 255))
        blocks += b"\x21\xfe" + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
    return b"GIF89a" + gif[6:place] + blocks + gif[place:]
