"""Letters: a subject, a hand-written text and an HTML page in the reader's language."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from services.notifications.domain.text import clean_text, grouped, header_text
from shared.languages import Catalogues, Localised, Speaker

_TEMPLATES = Path(__file__).parent / "templates"
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What somebody reads."""

    kind: str
    locale: str
    subject: str
    text: str
    html: str


class Stationery:
    """Writes letters; one environment per language, templates read once."""

    def __init__(self, catalogues: Catalogues, *, default_locale: str) -> None:
        self._catalogues = catalogues
        self._default = default_locale
        self._environment = lru_cache(maxsize=64)(self._new_environment)

    def speaker(self, locale: str) -> Speaker:
        """The reader's language, or the installation's if that one is not spoken here."""
        spoken = self._catalogues.available
        known = next((each for each in (locale, locale.partition("_")[0]) if each in spoken), self._default)
        return self._catalogues.speaker(known)

    def letter(self, kind: str, locale: str, **facts: Any) -> Letter:
        """Fill the templates `kind`.txt (with its block `subject`) and `kind`.html."""
        environment = self._environment(self.speaker(locale).locale)
        text = environment.get_template(f"{kind}.txt")
        subject = header_text(text.render(facts, part="subject"), 200)
        facts = {**facts, "subject": subject, "part": "text"}
        html = environment.get_template(f"{kind}.html").render(facts)
        return Letter(
            kind=kind,
            locale=self.speaker(locale).locale,
            subject=subject,
            text=_tidy(text.render(facts)),
            html=_INLINER.inline(html),
        )

    def text(self, template: str, locale: str, **facts: Any) -> str:
        """A text that is not a letter, such as the description of a calendar entry."""
        return _tidy(self._environment(self.speaker(locale).locale).get_template(template).render(facts))

    def _new_environment(self, locale: str) -> Environment:
        speaker = self._catalogues.speaker(locale)
        environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=lambda name: name is None or not name.endswith(".txt"),  # noqa: S701 - texts are not HTML
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_callables(speaker.gettext, speaker.ngettext, newstyle=True)  # type: ignore[attr-defined]
        rtl = speaker.direction == "rtl"
        environment.globals |= {
            "locale": locale,
            "direction": speaker.direction,
            "start": "right" if rtl else "left",
            "end": "left" if rtl else "right",
        }
        environment.filters |= {"bdi": _bdi, "lines": _lines, "grouped": grouped}
        return environment


def _bdi(value: Localised | str) -> Markup:
    """Somebody's own words, kept apart from the direction of the sentence around them."""
    if isinstance(value, Localised):
        return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(value.language, value.direction, value.text)
    return Markup('<bdi dir="auto">{}</bdi>').format(value)


def _lines(value: Localised | str) -> Markup:
    """The same for several lines."""
    language = Markup(' lang="{}"').format(value.language) if isinstance(value, Localised) else Markup("")
    text = Markup("<br>").join(escape(line) for line in str(value).split("\n"))
    return Markup('<bdi dir="auto"{}>{}</bdi>').format(language, text)


def _tidy(text: str) -> str:
    """Never more than one empty line, none at the edges."""
    lines: list[str] = []
    for line in clean_text(text).split("\n"):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")
