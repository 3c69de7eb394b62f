"""Keep the catalogues in step with the code: `extract` updates them, `check` says what is not translated.

Sentences are found in Python and templates by the words _, gettext, ngettext and N_. Every package has its own
translations/<language>/LC_MESSAGES/messages.po; a sentence that shared already has is not asked for twice.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PACKAGES = ("shared", "services/events", "services/registration", "services/notifications")
TRANSLATED = ("de", "ar")
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
_METHODS = [("**/layout/styleguide**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
_METHODS += [("**/templates/**.txt", "jinja2")]
_OPTIONS = {"**/templates/**.html": {"encoding": "utf-8"}, "**.py": {"encoding": "utf-8"}}
_VOLATILE = tuple(
    f'"{name}:'
    for name in (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Generated-By",
        "Last-Translator",
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "Language-Team",
    )
)
_BRACED = re.compile(r"\{\w+\}")
_HUNDRED = 4  # the place of 100 to 102 among the six Arabic forms; gettext elsewhere has 11 to 99 there
_LIKE_ELEVEN = re.compile(
    r"%\(num\)s \w*(?:\u064b\u0627|\u0627\u064b)"
)  # the accusative, which Arabic asks for from 11 to 99
_NAMED = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]")


@dataclass(frozen=True)
class Fault:
    """Something that a reader of this language would stumble over."""

    path: Path
    sentence: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}: {self.sentence!r}"


def main(arguments: list[str], root: Path = Path()) -> int:
    """The command line; 1 when `check` finds something."""
    if arguments == ["extract"]:
        extract(root)
        return 0
    if arguments == ["check"]:
        faults = list(check(root))
        sys.stdout.write("".join(f"{fault}\n" for fault in faults) or "Every sentence is translated.\n")
        return 1 if faults else 0
    sys.stdout.write("python -m shared.languages extract|check\n")
    return 2


def extract(root: Path) -> None:
    """Bring every catalogue up to date with the code; what is gone from the code is gone from the catalogue."""
    for package, language, sentences in _packages(root):
        path = _path(root, package, language)
        catalogue = _read(path, language)
        catalogue.update(sentences, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        if len(catalogue):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_written(catalogue))


def check(root: Path) -> Iterator[Fault]:
    """Every fault in every catalogue: missing, fuzzy, obsolete, incomplete plurals, other placeholders."""
    for package, language, sentences in _packages(root):
        path = _path(root, package, language)
        catalogue = _read(path, language)
        for message in sentences:
            if message.id:
                yield from _faults(path, message, catalogue.get(message.id), catalogue.num_plurals)
        known = {message.id if isinstance(message.id, str) else message.id[0] for message in sentences if message.id}
        for message in [*catalogue, *catalogue.obsolete.values()]:
            name = message.id if isinstance(message.id, str) else message.id[0]
            if name and name not in known:
                yield Fault(path, name, "no longer said")


def _faults(path: Path, asked: Message, found: Message | None, plurals: int) -> Iterator[Fault]:
    name = asked.id if isinstance(asked.id, str) else asked.id[0]
    said = found.string if found is not None else None
    given = (said,) if isinstance(said, str) else tuple(said or ())
    wanted = 1 if isinstance(asked.id, str) else plurals
    if found is None or len(given) != wanted or not all(given):
        yield Fault(path, name, "not translated")
    elif found.fuzzy:
        yield Fault(path, name, "unsure (fuzzy)")
    else:
        allowed = _placeholders(name) | (set() if isinstance(asked.id, str) else _placeholders(asked.id[1]))
        if any(not _fits(text, allowed, is_plural=wanted > 1) for text in given):
            yield Fault(path, name, "other placeholders")
        if wanted > _HUNDRED and _LIKE_ELEVEN.search(given[_HUNDRED]):
            yield Fault(path, name, "form 4 is for 100 to 102, form 5 for 11 to 99")


def _fits(text: str, allowed: set[str], *, is_plural: bool) -> bool:
    """A plural form may say "one" instead of the number; anything else must name the same facts."""
    named = _placeholders(text)
    return named <= allowed and (allowed - named <= {"num", "number", "count"} if is_plural else named == allowed)


def _placeholders(text: str) -> set[str]:
    return set(_NAMED.findall(text)) | set(_BRACED.findall(text))


def _packages(root: Path) -> Iterator[tuple[str, str, Catalog]]:
    shared = _sentences(root, "shared")
    for package in PACKAGES:
        own = shared if package == "shared" else _sentences(root, package)
        if package != "shared":
            for message in shared:
                if message.id:
                    own.delete(message.id)
        for language in TRANSLATED:
            yield package, language, own


def _sentences(root: Path, package: str) -> Catalog:
    catalogue = Catalog(charset="utf-8")
    folder = root / package
    found = extract_from_dir(
        folder, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS, comment_tags=("TRANSLATORS:",)
    )
    for name, _line, sentence, comments, _context in found:
        catalogue.add(sentence, locations=[(f"{package}/{name}", 0)], auto_comments=comments)
    return catalogue


def _path(root: Path, package: str, language: str) -> Path:
    return root / package / "translations" / language / "LC_MESSAGES" / "messages.po"


def _read(path: Path, language: str) -> Catalog:
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8", fuzzy=False, header_comment="")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _written(catalogue: Catalog) -> bytes:
    buffer = BytesIO()
    write_po(buffer, catalogue, width=0, sort_output=True, omit_header=False, include_lineno=False)
    lines = buffer.getvalue().decode().splitlines()
    lines = [line for line in lines if not line.startswith(_VOLATILE)]
    return ("\n".join(lines).strip() + "\n").encode()
