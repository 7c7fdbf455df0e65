"""Why a delivery waits, why it is refused, and why a row is rejected: short names with one sentence each.

Belongs here: the names, their meaning and the error that carries a refusal. Does not belong here: finding out
whether a reason applies.

The short names stand in `meta.deliveries.reason_code` and `raw.rejected_rows.reason_code`; the sentences are for
the documentation. What a supplier reads beside a name is written where the fault is found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

_LONG_NUMBER = re.compile(r"\d{9,}")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa1-\u024f]")
_LONGEST_QUOTE = 80
_MOST_NAMES = 10


class _Explained(StrEnum):
    """A short name with a sentence."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> _Explained:
        """A member whose value is the short name."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member


class Pending(_Explained):
    """Why a delivery waits."""

    NO_MANIFEST = "no_manifest", "There is no manifest yet, so the delivery is not complete."
    AFTER_AS_OF = "after_as_of", "The day of delivery lies after the as-of date of the run."


class Refused(_Explained):
    """Why a delivery is refused whole."""

    FOLDER_LINK = "folder_link", "The delivery folder is a link to somewhere else."
    MANIFEST_UNREADABLE = "manifest_unreadable", "The manifest is empty, too large, a link or not JSON."
    MANIFEST_INCOMPLETE = "manifest_incomplete", "The manifest lacks a key, or a key holds the wrong kind of value."
    OTHER_FEED = "other_feed", "The manifest names another feed than the folder."
    OTHER_DATE = "other_date", "The manifest names another day than the folder."
    MODE = "mode", "The mode is not one that the contract of the feed allows."
    CONTRACT_VERSION = "contract_version", "The contract version is unknown: another major version, or newer than ours."
    NO_FILES = "no_files", "The manifest lists no files."
    LISTED_TWICE = "listed_twice", "The manifest lists a file more than once."
    OUTSIDE_FOLDER = "outside_folder", "A listed file does not lie directly in the delivery folder."
    FILE_LINK = "file_link", "A listed file is a link."
    FILE_TYPE = "file_type", "A listed file ends in neither .csv nor .parquet."
    FILE_MISSING = "file_missing", "A listed file is not there."
    NOT_A_FILE = "not_a_file", "A listed name is a folder or a device, not a file."
    FILE_UNLISTED = "file_unlisted", "A .csv or .parquet file in the folder is not listed in the manifest."
    WRONG_HASH = "wrong_hash", "The content of a file has another SHA-256 than the manifest says."
    WRONG_COUNT = "wrong_count", "A file has another number of rows than the manifest says."
    NOT_UTF8 = "not_utf8", "A CSV file holds a byte that is not UTF-8."
    UNREADABLE = "unreadable", "A file cannot be read as what its name says, or a row cannot be delimited."
    COLUMN_MISSING = "column_missing", "A column of the contract is missing."
    COLUMN_UNKNOWN = "column_unknown", "A column is not in the contract."
    COLUMN_DOUBLED = "column_doubled", "A column occurs twice."
    EMPTY_FULL = "empty_full", "A full delivery without rows would empty the feed."
    CHANGED_WHILE_READ = "changed_while_read", "The folder changed while it was being read."


class Rejected(_Explained):
    """Why a row is rejected while the rest of its delivery is loaded."""

    TYPE = "type", "The value is not of the type of its column."
    REQUIRED = "required", "A required value is missing."
    CONTROL_CHARACTER = "control_character", "A key or a code holds a control character."
    PATTERN = "pattern", "The value does not have the form that the contract prescribes."
    CLOSED_LIST = "closed_list", "The value is not one of those that the contract allows."
    RANGE = "range", "The number lies outside the bounds of the contract."
    YEAR = "year", "The date lies before 1900 or after 2100."
    FIRST_OF_MONTH = "first_of_month", "A month is not given as its first day."
    FUTURE_DATE = "future_date", "Something that has happened is dated after the day of delivery."
    END_BEFORE_START = "end_before_start", "An end lies before its start."
    DECISION_BEFORE_RECEIPT = "decision_before_receipt", "A decision lies before the receipt of the application."
    PENDING_WITH_RESULT = "pending_with_result", "There is no decision, and yet a ground of refusal or a start."
    GROUND_WITHOUT_REFUSAL = "ground_without_refusal", "There is a ground of refusal without a refusal."
    START_WITHOUT_GRANT = "start_without_grant", "There is a start of validity without a grant."
    UNEXPLAINED_VERDICT = "unexplained_verdict", "A verdict confirmed or cleared has no explanation."
    VAT_COUNTRY = "vat_country", "The VAT number does not start with the letters of the stated country."
    REPEATED_ROW = "repeated_row", "The row repeats an earlier row of the same delivery exactly."
    REPEATED_KEY = "repeated_key", "The key occurs twice in the delivery with different content."


class RefusalError(Exception):
    """A delivery is refused whole; carries the short name and words that a supplier can act on."""

    def __init__(self, code: Refused, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class FeedError(Exception):
    """Loading stopped for a reason that lies with us; never carries a delivered value."""


class EngineError(FeedError):
    """The database engine failed while loading; carries no delivered value."""


def printable(text: str) -> str:
    """A text that can be stored: what cannot be written as UTF-8 is written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def quoted(text: object) -> str:
    """A name found in a manifest or a folder, fit to be shown: short, printable, no long digit run."""
    shown = _LONG_NUMBER.sub("***", _UNPRINTABLE.sub("?", str(text)))
    return f"'{shown if len(shown) <= _LONGEST_QUOTE else shown[:_LONGEST_QUOTE] + '...'}'"


def listed(names: Sequence[str]) -> str:
    """Names that were found, the first few of them, fit to be shown."""
    more = len(names) - _MOST_NAMES
    return ", ".join(quoted(name) for name in names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
