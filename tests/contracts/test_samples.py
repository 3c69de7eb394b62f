"""What was once on the wire must stay readable: a sample per message type, added and never edited."""

import json
from pathlib import Path

import pytest

import shared.contracts.events
import shared.contracts.registration  # noqa: F401 - both modules register their messages
from shared.contracts.message import REGISTRY

SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("type_name", sorted(path.stem for path in SAMPLES.glob("*.json")))
def test_a_sample_is_read_and_nothing_in_it_is_lost(type_name: str) -> None:
    sample = json.loads((SAMPLES / f"{type_name}.json").read_text())

    message = REGISTRY[type_name].load(sample)

    written = message.dump()
    assert {key: written[key] for key in sample} == sample


def test_every_message_type_has_a_sample() -> None:
    assert {path.stem for path in SAMPLES.glob("*.json")} == set(REGISTRY)


def test_a_field_of_a_newer_producer_is_ignored() -> None:
    sample = json.loads((SAMPLES / "registration.availability_changed.v1.json").read_text())
    message_type = REGISTRY["registration.availability_changed.v1"]

    message = message_type.load(sample | {"overbooked": 3})

    assert message == message_type.load(sample)
