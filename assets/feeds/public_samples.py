"""The deliveries of the two real feeds that come with the product: the public register and published figures.

Belongs here: putting them where suppliers deliver. Does not belong here: simulated deliveries
(`assets.standins`) and reading any delivery.

The register files are the pages of the immigration service as they were read on six days, one line a row with
the quoting kept; the day was put before each line, because the contract asks for it. Their quirks are left in:
lines that stand there twice are rejected on arrival, each with its reason. The published figures are
`quality/reference/volumes.csv`, byte for byte.
"""

from __future__ import annotations

import shutil
from pathlib import Path

SAMPLES = Path(__file__).parent / "public"
MANIFEST = "manifest.json"


def public_samples() -> list[Path]:
    """The folders of the sample deliveries, one per feed and day, in order."""
    return sorted(manifest.parent for manifest in SAMPLES.glob(f"*/*/{MANIFEST}"))


def deliver_public_samples(landing: Path) -> list[Path]:
    """Copy the sample deliveries into `landing` where there is none of that feed and day yet.

    Nothing is overwritten: a folder with anything in it that is not ours stays as it is, and a copy that was cut
    short is finished. The manifest comes last, so that a half copy is never taken for a delivery.

    Returns:
        The folders in `landing` that were completed by this call, in order.
    """
    return [
        landing / sample.parent.name / sample.name
        for sample in public_samples()
        if _deliver(sample, landing / sample.parent.name / sample.name)
    ]


def _deliver(sample: Path, folder: Path) -> bool:
    if folder.exists() and not _is_unfinished_copy(sample, folder):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name for path in sample.iterdir() if path.name != MANIFEST)
    for name in (*names, MANIFEST):
        unfinished = folder / f"{name}.tmp"
        shutil.copyfile(sample / name, unfinished)
        unfinished.replace(folder / name)
    return True


def _is_unfinished_copy(sample: Path, folder: Path) -> bool:
    """True when `folder` holds nothing but files of `sample`, or beginnings of them, without the manifest."""
    if (folder / MANIFEST).exists():
        return False
    return all(_is_ours(sample, path) for path in folder.iterdir())


def _is_ours(sample: Path, path: Path) -> bool:
    if path.name.endswith(".tmp"):
        return (sample / path.name.removesuffix(".tmp")).is_file()
    original = sample / path.name
    return original.is_file() and original.read_bytes() == path.read_bytes()
