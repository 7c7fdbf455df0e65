"""One feed from landing to `raw`: every new delivery is loaded, refused or left waiting, and the books say so.

Belongs here: the order of deliveries and the fate of each. Does not belong here: manifests (`manifest`), rows
(`reading`), history (`history`), and Dagster (`assets`).

A delivery is loaded in one transaction: its rows, its rejected rows, its entry in the books and its files. A
process that dies leaves all of it or nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from assets.feeds import ledger
from assets.feeds.delivery import MANIFEST, DeliveryFolder, FileState, delivery_folders, file_states, hashed, is_same
from assets.feeds.history import create_feed_tables, merge_delivery, stored_table
from assets.feeds.ledger import Entry, Known, Status
from assets.feeds.manifest import Manifest, check_listing, check_manifest, check_version, claimed_rows, read_manifest
from assets.feeds.night import Night
from assets.feeds.pseudonym import pseudonym_key, require_same_key
from assets.feeds.reading import ACCEPTED, COPY, Reading, keep_rejected, read_rows
from assets.feeds.reasons import EngineError, FeedError, Pending, RefusalError, Refused, quoted
from assets.feeds.relations import without_values
from assets.feeds.sources import open_delivery, require_readable
from quality.contract import FeedContract

Log = Callable[[str], None]
_log: Log = logging.getLogger(__name__).info

CHANGED = "the folder changed after it was loaded: the first load stands; deliver a correction under a new date"


@dataclass(frozen=True)
class DeliveryOutcome:
    """What this night did with one delivery.

    Attributes:
        feed: name of the feed.
        delivered_on: day of the delivery.
        attempt: attempt to load it, from 1.
        status: loaded, refused or pending.
        mode: full or delta, where the manifest could be read.
        is_new: False when an earlier night loaded it and this one only has a warning.
        reason_code: short name of the reason when refused or pending.
        reason: the reason in words.
        rows_delivered: rows in the files; of a refused delivery, as the manifest says.
        rows_accepted: rows that reached `raw`.
        rows_rejected: rows kept in `raw.rejected_rows`.
        rejected: rejected rows by reason.
        warnings: what was odd but did no harm.
    """

    feed: str
    delivered_on: date
    attempt: int
    status: Status
    mode: str | None = None
    is_new: bool = True
    reason_code: str | None = None
    reason: str | None = None
    rows_delivered: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rejected: tuple[tuple[str, int], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Attempt:
    """One delivery folder and what is known of it when it is read."""

    night: Night
    contract: FeedContract
    folder: DeliveryFolder
    number: int
    states: tuple[FileState, ...]

    def entry(self, status: Status, manifest: Manifest | None = None) -> Entry:
        """The entry in the books with what the manifest says, where there is one."""
        entry = Entry(
            feed=self.contract.feed,
            delivered_on=self.folder.delivered_on,
            attempt=self.number,
            status=status,
            run_id=self.night.run_id,
            stand_in=self.contract.is_stand_in,
        )
        if manifest is None:
            return entry
        return replace(
            entry,
            contract_version=manifest.shown_version,
            mode=manifest.shown_mode,
            period_from=manifest.period_from,
            period_until=manifest.period_until,
            rows_delivered=manifest.rows,
            stand_in=manifest.stand_in or self.contract.is_stand_in,
            warnings=manifest.warnings,
        )


def load_feed(night: Night, contract: FeedContract, *, log: Log = _log) -> list[DeliveryOutcome]:
    """Load what is new of one feed, in order of the days of delivery.

    Args:
        night: where landing and the warehouse are, and the as-of date.
        contract: the contract of the feed.
        log: takes lines that an operator can read.

    Returns:
        One outcome for each delivery that was read, refused or found waiting tonight, and for each loaded one
        with a warning; deliveries that were dealt with before and are unchanged have none.

    Raises:
        FeedError: when the key is missing or the engine fails for a reason that is ours; the delivery at hand
            is then not loaded, those before it are.
    """
    key = pseudonym_key(night)
    with night.warehouse.writing() as session:
        require_same_key(session, key, night.run_id)
        ledger.make_books(session)
        create_feed_tables(session, contract)
        known = ledger.known_deliveries(session, contract.feed)
    folders, foreign = delivery_folders(night, contract.feed)
    for name in foreign:
        log(f"{contract.feed}: {quoted(name)} in landing is no delivery folder: ignored")
    _forget_vanished(night, contract, known, {folder.delivered_on for folder in folders})
    outcomes = [_handle(night, contract, folder, known.get(folder.delivered_on), key) for folder in folders]
    found = [outcome for outcome in outcomes if outcome]
    for outcome in found:
        log(describe(outcome))
    return found


def _forget_vanished(night: Night, contract: FeedContract, known: dict[date, Known], present: set[date]) -> None:
    vanished = [day for day, it in known.items() if it.status == "pending" and day not in present]
    if vanished:
        with night.warehouse.writing() as session:
            for day in vanished:
                ledger.forget_pending(session, contract.feed, day)


def _handle(
    night: Night, contract: FeedContract, folder: DeliveryFolder, known: Known | None, key: bytes
) -> DeliveryOutcome | None:
    """Deal with one delivery folder; None when there is nothing to do and nothing to say."""
    states = file_states(folder.path)
    if known and known.status != "pending" and is_same(states, known.files, folder.path):
        return None
    if known and known.status == "loaded":
        return _changed_after_load(night, contract, folder, known)
    number = 1 if known is None else known.attempt + (known.status == "refused")
    attempt = _Attempt(night, contract, folder, number, states)
    if folder.delivered_on > night.as_of:
        return _wait(attempt, known, Pending.AFTER_AS_OF, f"the day of delivery lies after {night.as_of}")
    if not any(state.name == MANIFEST for state in states) and not folder.path.is_symlink():
        return _wait(attempt, known, Pending.NO_MANIFEST, f"{MANIFEST} is not there yet")
    return _read(replace(attempt, states=hashed(folder.path, states)), key)


def _changed_after_load(night: Night, contract: FeedContract, folder: DeliveryFolder, known: Known) -> DeliveryOutcome:
    with night.warehouse.writing() as session:
        ledger.add_warning(session, contract.feed, folder.delivered_on, CHANGED)
    return DeliveryOutcome(
        contract.feed, folder.delivered_on, known.attempt, "loaded", is_new=False, warnings=(CHANGED,)
    )


def _wait(attempt: _Attempt, known: Known | None, code: Pending, reason: str) -> DeliveryOutcome:
    entry = replace(attempt.entry("pending"), reason_code=code.value, reason=reason)
    if known is None or known.status != "pending" or known.reason_code != code.value:
        with attempt.night.warehouse.writing() as session:
            ledger.write_entry(session, entry)
    return _outcome(entry)


def _read(attempt: _Attempt, key: bytes) -> DeliveryOutcome:
    """Load the delivery or refuse it whole."""
    manifest: Manifest | None = None
    try:
        if attempt.folder.path.is_symlink():
            raise RefusalError(Refused.FOLDER_LINK, "the delivery folder is a link; deliver the folder itself")
        manifest = read_manifest(attempt.folder.path)
        check_manifest(manifest, attempt.contract, attempt.folder)
        warnings = check_listing(manifest, attempt.folder.path, attempt.states)
        manifest = replace(manifest, warnings=(*manifest.warnings, *warnings))
        return _load_or_refuse(attempt, manifest, key)
    except RefusalError as refusal:
        return _refuse(attempt, manifest, refusal)


def _refuse(attempt: _Attempt, manifest: Manifest | None, refusal: RefusalError) -> DeliveryOutcome:
    entry = replace(attempt.entry("refused", manifest), reason_code=refusal.code.value, reason=refusal.message)
    if manifest is None:
        entry = replace(entry, rows_delivered=claimed_rows(attempt.folder.path))
    with attempt.night.warehouse.writing() as session:
        ledger.write_entry(session, entry, attempt.states)
    return _outcome(entry)


def _load_or_refuse(attempt: _Attempt, manifest: Manifest, key: bytes) -> DeliveryOutcome:
    """Load a delivery; an engine error is a refusal when a file turns out to be damaged, else it is ours."""
    try:
        return _load(attempt, manifest, key)
    except EngineError:
        require_readable(attempt.folder.path, manifest.files)
        raise


def _load(attempt: _Attempt, manifest: Manifest, key: bytes) -> DeliveryOutcome:
    """Load a delivery whose manifest holds, in one transaction."""
    contract, day = attempt.contract, attempt.folder.delivered_on
    if manifest.mode == "full" and not manifest.rows:
        raise RefusalError(Refused.EMPTY_FULL, "a full delivery without rows would empty the feed")
    may_lack = check_version(manifest.contract_version, contract.version)
    with (
        without_values(f"loading {contract.feed} of {day}"),
        attempt.night.warehouse.writing() as session,
    ):
        groups = open_delivery(session, contract, attempt.folder.path, manifest.files, may_lack=may_lack)
        is_first = session.count(stored_table(contract).full_name) == 0
        reading = read_rows(session, contract, groups, day, key, copy=not is_first)
        _require_balance(reading, manifest)
        merge_delivery(session, contract, ACCEPTED if is_first else COPY, day, manifest.mode)
        entry = replace(
            attempt.entry("loaded", manifest),
            rows_delivered=reading.delivered,
            rows_accepted=reading.accepted,
            rows_rejected=reading.rows_rejected,
            warnings=(*manifest.warnings, *reading.warnings),
        )
        run = attempt.night.run_id
        keep_rejected(session, contract, delivered_on=day, attempt=attempt.number, run_id=run)
        ledger.write_entry(session, entry, attempt.states)
        _require_unchanged(attempt)
    return replace(_outcome(entry), rejected=tuple(reading.rejected.items()))


def _require_balance(reading: Reading, manifest: Manifest) -> None:
    """Nothing is lost and nothing is invented: FeedError when rows do not add up."""
    if not reading.delivered == manifest.rows == reading.accepted + reading.rows_rejected:
        raise FeedError(
            f"rows do not add up: manifest {manifest.rows}, delivered {reading.delivered}, "
            f"accepted {reading.accepted}, rejected {reading.rows_rejected}"
        )


def _require_unchanged(attempt: _Attempt) -> None:
    now = [state.stamp for state in file_states(attempt.folder.path)]
    if now != [state.stamp for state in attempt.states]:
        raise RefusalError(Refused.CHANGED_WHILE_READ, "the folder changed while it was being read")


def _outcome(entry: Entry) -> DeliveryOutcome:
    return DeliveryOutcome(
        feed=entry.feed,
        delivered_on=entry.delivered_on,
        attempt=entry.attempt,
        status=entry.status,
        mode=entry.mode,
        reason_code=entry.reason_code,
        reason=entry.reason,
        rows_delivered=entry.rows_delivered,
        rows_accepted=entry.rows_accepted,
        rows_rejected=entry.rows_rejected,
        warnings=entry.warnings,
    )


def describe(outcome: DeliveryOutcome) -> str:
    """One line on an outcome for whoever reads the log in the morning."""
    head = f"{outcome.feed} {outcome.delivered_on}"
    if outcome.status == "pending":
        line = f"{head}: waits, {outcome.reason}"
    elif outcome.status == "refused":
        line = f"{head}: REFUSED (attempt {outcome.attempt}), {outcome.reason}"
    elif not outcome.is_new:
        line = f"{head}: loaded before"
    else:
        why = ", ".join(f"{n:,} {code}" for code, n in outcome.rejected)
        line = (
            f"{head} {outcome.mode}: {outcome.rows_delivered:,} rows delivered, {outcome.rows_accepted:,} accepted, "
            f"{outcome.rows_rejected:,} rejected" + (f" ({why})" if why else "")
        )
    return line + "".join(f"; warning: {warning}" for warning in outcome.warnings)
