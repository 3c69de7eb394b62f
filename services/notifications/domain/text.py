"""Text that is safe in headers and calendar lines, without losing a letter of anybody's name."""

import re

_BREAKS = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNFIT = re.compile(  # controls, lone surrogates, and what turns the direction of the line
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]"
)


def clean_line(text: str, limit: int | None = None) -> str:
    """One line without control characters, surrogates and direction overrides; ZWNJ and ZWJ stay (Persian, Indic)."""
    line = _printable(_BREAKS.sub(" ", text).replace("\t", " ")).strip()
    return line if limit is None or len(line) <= limit else line[: limit - 1].rstrip() + "…"


def clean_text(text: str) -> str:
    """Several lines, broken by newlines only."""
    lines = [_printable(line.replace("\t", " ")).rstrip() for line in _BREAKS.sub("\n", text).split("\n")]
    return "\n".join(lines).strip("\n")


def header_text(text: str, limit: int | None = None) -> str:
    """A line for a mail header: what looks like an encoded-word is taken apart (CVE-2024-6923)."""
    return clean_line(text.replace("=?", "= ?").replace("?=", "? ="), limit)


def sender_name(text: str) -> str:
    """A display name for From that no filter takes for a forged address."""
    name = header_text(text).replace("@", " at ").replace('"', "'")
    return clean_line(" ".join(re.sub(r"[:,;<>]", " ", name).split()), 75)


def grouped(code: str, size: int = 4) -> str:
    """A ticket code in groups, to be read aloud at the door."""
    return " ".join(code[start : start + size] for start in range(0, len(code), size))


def _printable(text: str) -> str:
    return _UNFIT.sub("", text)
