"""CSV files before the engine reads them: encoding, header line, and whether every record can be delimited.

Belongs here: what can be refused with the offset, the row and the number of values in hand. Does not belong here:
what the values say. The engine is more lenient than our rules (it drops an empty value too many at the end of a
row and takes a lone carriage return for a line end), so every record is counted here first.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from assets.feeds.reasons import RefusalError, Refused, quoted

_CHUNK = 1 << 20
_LONGEST_HEADER = 1 << 16
#: As much as the engine takes in one line.
_LONGEST_FIELD = 2_000_000


def require_utf8(path: Path) -> None:
    """RefusalError with the offset of the first byte of the file that is not UTF-8, if there is one."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    read = 0
    for chunk in _chunks(path):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            offset = read - held + error.start
            raise RefusalError(
                Refused.NOT_UTF8,
                f"{quoted(path.name)} is not UTF-8: the byte at offset {offset} cannot be decoded",
            ) from None
        read += len(chunk)


def _chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file in pieces, with an empty piece at the end."""
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk
    yield b""


def csv_header(path: Path) -> list[str]:
    """The names in the header line of a UTF-8 file; RefusalError when it cannot be read."""
    with path.open("rb") as handle:
        start = handle.read(_LONGEST_HEADER)
    text = codecs.getincrementaldecoder("utf-8-sig")().decode(start)
    line = text.split("\n", 1)[0].removesuffix("\r")
    if "\r" in line:
        raise RefusalError(Refused.UNREADABLE, f"{quoted(path.name)}: lines must end in LF or CRLF")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        raise RefusalError(Refused.UNREADABLE, f"{quoted(path.name)}: the header line cannot be read") from None


def require_delimited(path: Path, width: int) -> int:
    """The number of data records in a UTF-8 file whose header has `width` names.

    Raises:
        RefusalError: when a record has another number of values, or cannot be delimited at all.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    number = -1  # the header is not a data record
    with path.open(encoding="utf-8-sig", newline="\n") as handle:
        try:
            for record in csv.reader(handle):
                if not record:
                    continue  # an empty line is no record
                number += 1
                if len(record) != width:
                    raise RefusalError(
                        Refused.UNREADABLE,
                        f"{quoted(path.name)}: row {number} has {len(record)} values, the header has {width}",
                    )
        except csv.Error:
            raise RefusalError(
                Refused.UNREADABLE, f"{quoted(path.name)}: the record after row {number} cannot be delimited"
            ) from None
    return max(number, 0)
