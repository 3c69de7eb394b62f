"""What was once on the wire must stay readable: a sample per message type, added and never edited.

A message that grew optional fields has another sample beside the first: "<type>+<what was added>.json".
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

import shared.contracts.events
import shared.contracts.registration  # noqa: F401 - both modules register their messages
from shared.contracts.message import REGISTRY, read_own

SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.json")))
def test_a_sample_is_read_and_nothing_in_it_is_lost(name: str) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_text())

    message = REGISTRY[name.partition("+")[0]].load(sample)

    assert _as_far_as_known(message.dump(), sample) == sample


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.json")))
def test_what_is_our_own_is_read_as_what_comes_from_others(name: str) -> None:
    message = REGISTRY[name.partition("+")[0]].load(json.loads((SAMPLES / f"{name}.json").read_text()))

    own = read_own(type(message), message.dump())

    assert own == message
    assert _types(own) == _types(message)


def test_every_message_type_has_a_sample() -> None:
    assert {path.stem.partition("+")[0] for path in SAMPLES.glob("*.json")} == set(REGISTRY)


def test_a_field_of_a_newer_producer_is_ignored() -> None:
    sample = json.loads((SAMPLES / "registration.availability_changed.v1.json").read_text())
    message_type = REGISTRY["registration.availability_changed.v1"]

    message = message_type.load(sample | {"overbooked": 3})

    assert message == message_type.load(sample)


def test_an_event_of_which_anything_differs_is_read_anew() -> None:
    sample = json.loads((SAMPLES / "registration.registration_confirmed.v1.json").read_text())
    message_type = REGISTRY["registration.registration_confirmed.v1"]
    said = message_type.load(sample).dump()
    sample["event"]["title"]["de"] = "Etwas anderes"

    other = message_type.load(sample).dump()

    assert other["event"].pop("title")["de"] == "Etwas anderes"
    assert said["event"].pop("title")["de"] != "Etwas anderes"
    assert other == said
    sample["event"]["version"] = "one"
    for _ in range(2):  # what is wrong is never remembered
        with pytest.raises(ValidationError) as raised:
            message_type.load(sample)
        assert raised.value.normalized_messages() == {"event": {"version": ["Not a valid integer."]}}


def _types(value: Any) -> Any:
    """What everything is, to the last member."""
    if dataclasses.is_dataclass(value):
        return type(value), {each.name: _types(getattr(value, each.name)) for each in dataclasses.fields(value)}
    return (type(value), [_types(each) for each in value]) if isinstance(value, tuple) else type(value)


def _as_far_as_known(written: Any, sample: Any) -> Any:
    """Without the fields that came after the sample."""
    if isinstance(written, dict) and isinstance(sample, dict):
        return {key: _as_far_as_known(value, sample[key]) for key, value in written.items() if key in sample}
    if isinstance(written, list) and isinstance(sample, list) and len(written) == len(sample):
        return [_as_far_as_known(one, other) for one, other in zip(written, sample, strict=True)]
    return written
