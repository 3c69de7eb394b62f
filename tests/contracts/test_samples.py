"""What was once on the wire must stay readable: a sample per message type, added and never edited.

A message that grew optional fields has another sample beside the first: "<type>+<what was added>.json".
"""

import json
from pathlib import Path
from typing import Any

import pytest

import shared.contracts.events
import shared.contracts.registration  # noqa: F401 - both modules register their messages
from shared.contracts.message import REGISTRY

SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.json")))
def test_a_sample_is_read_and_nothing_in_it_is_lost(name: str) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_text())

    message = REGISTRY[name.partition("+")[0]].load(sample)

    assert _as_far_as_known(message.dump(), sample) == sample


def test_every_message_type_has_a_sample() -> None:
    assert {path.stem.partition("+")[0] for path in SAMPLES.glob("*.json")} == set(REGISTRY)


def test_a_field_of_a_newer_producer_is_ignored() -> None:
    sample = json.loads((SAMPLES / "registration.availability_changed.v1.json").read_text())
    message_type = REGISTRY["registration.availability_changed.v1"]

    message = message_type.load(sample | {"overbooked": 3})

    assert message == message_type.load(sample)


def _as_far_as_known(written: Any, sample: Any) -> Any:
    """Without the fields that came after the sample."""
    if isinstance(written, dict) and isinstance(sample, dict):
        return {key: _as_far_as_known(value, sample[key]) for key, value in written.items() if key in sample}
    if isinstance(written, list) and isinstance(sample, list) and len(written) == len(sample):
        return [_as_far_as_known(one, other) for one, other in zip(written, sample, strict=True)]
    return written
