"""Sentences, dates and names in the reader's language, and catalogues that keep up with the code."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from shared import languages
from shared.languages import SHARED, Catalogues, Localised, in_language, negotiate
from shared.languages.upkeep import check, extract, main

ARABIC = """msgid ""
msgstr ""
"Language: ar\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);\\n"

msgid "Hello %(name)s"
msgstr "مرحبا %(name)s"

#, fuzzy
msgid "Perhaps"
msgstr "لا"

msgid "%(num)s place"
msgid_plural "%(num)s places"
msgstr[0] "لا أماكن"
msgstr[1] "مكان واحد"
msgstr[2] "مكانان"
msgstr[3] "%(num)s أماكن"
msgstr[4] "%(num)s مكانا"
msgstr[5] "%(num)s مكان"
"""


def catalogue(folder: Path, language: str, content: str) -> Path:
    path = folder / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def arabic(tmp_path: Path) -> Catalogues:
    catalogue(tmp_path, "ar", ARABIC)
    return Catalogues(tmp_path, SHARED)


def test_a_sentence_is_said_in_the_language_or_in_english(arabic: Catalogues) -> None:
    assert arabic.gettext("ar", "Hello %(name)s", name="Olena") == "مرحبا Olena"
    assert arabic.gettext("de", "Hello %(name)s", name="Olena") == "Hello Olena"
    assert arabic.gettext("ar", "Perhaps") == "Perhaps"
    assert arabic.gettext("../../etc/passwd", "Perhaps") == "Perhaps"
    assert arabic.gettext("en", "100 %") == "100 %"
    assert arabic.gettext("de", "Sign in") == "Einloggen"
    assert arabic.available == ("en", "ar", "de")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "لا أماكن"),
        (1, "مكان واحد"),
        (2, "مكانان"),
        (3, "3 أماكن"),
        (10, "10 أماكن"),
        (11, "11 مكانا"),
        (100, "100 مكان"),
    ],
)
def test_arabic_has_six_plurals(arabic: Catalogues, number: int, said: str) -> None:
    assert arabic.ngettext("ar", "%(num)s place", "%(num)s places", number) == said
    assert arabic.speaker("en").ngettext("%(num)s place", "%(num)s places", number).startswith(f"{number} place")


def test_a_changed_catalogue_is_read_by_the_next_application(arabic: Catalogues, tmp_path: Path) -> None:
    assert arabic.gettext("ar", "Hello %(name)s", name="x") == "مرحبا x"
    path = tmp_path / "ar" / "LC_MESSAGES" / "messages.po"

    path.write_text(ARABIC.replace("مرحبا", "أهلا"), encoding="utf-8")
    os.utime(path, ns=(1, 1))

    assert Catalogues(tmp_path).gettext("ar", "Hello %(name)s", name="x") == "أهلا x"


@pytest.mark.parametrize(
    ("texts", "locale", "found"),
    [
        ({"de": "Führung", "ar": "جولة"}, "ar", Localised("جولة", "ar")),
        ({"de": "Führung", "en": "Tour"}, "ar", Localised("Führung", "de")),
        ({"en": "Tour", "tr": "Tur"}, "ar", Localised("Tour", "en")),
        ({"tr": "Tur"}, "ar", Localised("Tur", "tr")),
        ({"ar": "", "tr": "Tur"}, "ar", Localised("Tur", "tr")),
        ({"pt": "Visita"}, "pt_BR", Localised("Visita", "pt")),
        ({}, "ar", Localised("", "ar")),
    ],
)
def test_a_text_comes_in_the_next_best_language(texts: dict[str, str], locale: str, found: Localised) -> None:
    assert in_language(texts, locale) == found


def test_a_text_knows_its_direction() -> None:
    assert [Localised("", code).direction for code in ("ar", "fa", "ps", "de", "uk", "zz")] == ["rtl"] * 3 + ["ltr"] * 3


@pytest.mark.parametrize(
    ("requested", "accepted", "spoken"),
    [
        ("ar", ["de"], "ar"),
        ("xx", ["de"], "de"),
        (None, ["ckb", "uk-UA", "ru"], "uk"),
        (None, ["de-CH", "en"], "de"),
        (None, ["fr"], "en"),
        (None, [], "en"),
        ("../../etc/passwd", ["../../etc/passwd", "*", "", "x" * 999], "en"),
    ],
)
def test_the_readers_choice_wins_then_the_browsers(requested: str | None, accepted: list[str], spoken: str) -> None:
    assert negotiate(requested, accepted, ["en", "de", "ar", "uk", "ru"], "en") == spoken


START, END = datetime(2026, 12, 3, 13, tzinfo=UTC), datetime(2026, 12, 3, 15, tzinfo=UTC)


def test_when_says_the_day_once() -> None:
    assert languages.when(START, END, "Europe/Berlin", "de") == "Donnerstag, 3. Dezember 2026, 14:00 – 16:00"
    assert languages.when(START, END, "Asia/Kolkata", "en") == "Thursday, December 3, 2026, 6:30\u202fPM – 8:30\u202fPM"
    night = languages.when(START, datetime(2026, 12, 4, 1, tzinfo=UTC), "Europe/Berlin", "de")
    assert night == "Donnerstag, 3. Dezember 2026, 14:00 – Freitag, 4. Dezember 2026, 02:00"


def test_a_moment_without_a_zone_is_not_shown() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        languages.format_time(datetime(2026, 12, 3), "Europe/Berlin", "de")  # noqa: DTZ001


def test_names_of_things_are_in_the_readers_language() -> None:
    assert languages.language_name("uk", "de") == "Ukrainisch"
    assert languages.language_name("tlh_x", "de") == "tlh_x"
    assert languages.country_name("sy", "de") == "Syrien"
    assert languages.enumeration(["Deutsch", "Arabisch", "Türkisch"], "de") == "Deutsch, Arabisch und Türkisch"
    assert languages.enumeration(["a", "b"], "en", "or") == "a or b"
    assert languages.format_date(date(2026, 12, 3), "UTC", "ar").startswith("الخميس")
    assert languages.format_number(1234.5, "de") == "1.234,5"
    assert [(one.code, one.name) for one in Catalogues(SHARED).languages] == [
        ("en", "English"),
        ("ar", "العربية"),
        ("de", "Deutsch"),
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A tree with one sentence in each kind of place."""
    for package in ("shared", "services/events", "services/registration", "services/notifications"):
        (tmp_path / package).mkdir(parents=True)
    (tmp_path / "shared" / "a.py").write_text('title = N_("Nothing here")\n')
    templates = tmp_path / "services" / "events" / "web" / "templates"
    templates.mkdir(parents=True)
    (templates / "a.html").write_text(
        '{{ _("Nothing here") }} {{ _("Hello %(name)s", name=x) }} {{ ngettext("%(num)s day", "%(num)s days", n) }}'
    )
    return tmp_path


def faults(project: Path) -> list[tuple[str, str, str]]:
    return [(fault.path.parts[-3], fault.sentence, fault.what) for fault in check(project)]


def test_extract_asks_for_each_sentence_once_and_check_names_what_is_missing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extract(project)

    assert faults(project) == [
        ("de", "Nothing here", "not translated"),
        ("ar", "Nothing here", "not translated"),
        ("de", "Hello %(name)s", "not translated"),
        ("de", "%(num)s day", "not translated"),
        ("ar", "Hello %(name)s", "not translated"),
        ("ar", "%(num)s day", "not translated"),
    ]
    assert main(["check"], project) == 1
    assert "not translated: 'Nothing here'" in capsys.readouterr().out


def test_check_finds_other_placeholders_and_extract_drops_what_is_gone(project: Path) -> None:
    extract(project)
    path = project / "services/events/translations/de/LC_MESSAGES/messages.po"
    told = path.read_text()
    told = told.replace('msgid "Hello %(name)s"\nmsgstr ""', 'msgid "Hello %(name)s"\nmsgstr "Hallo %(nam)s"')
    told = told.replace('msgstr[0] ""', 'msgstr[0] "Ein Tag"').replace('msgstr[1] ""', 'msgstr[1] "%(num)s Tage"')
    path.write_text(told + '\nmsgid "Old"\nmsgstr "Alt"\n')

    assert [fault for fault in faults(project) if fault[0] == "de"][1:] == [
        ("de", "Hello %(name)s", "other placeholders"),
        ("de", "Old", "no longer said"),
    ]
    extract(project)
    assert "Old" not in path.read_text()
    assert "Ein Tag" in path.read_text()


def test_check_finds_arabic_forms_for_eleven_and_a_hundred_exchanged(project: Path) -> None:
    extract(project)
    path = project / "services/events/translations/ar/LC_MESSAGES/messages.po"
    told = path.read_text().replace(
        'msgid "Hello %(name)s"\nmsgstr ""', 'msgid "Hello %(name)s"\nmsgstr "مرحبًا %(name)s"'
    )
    forms = ("لا أيام", "يوم", "يومان", "%(num)s أيام", "%(num)s يومًا", "%(num)s يوم")
    for number, form in enumerate(forms):
        told = told.replace(f'msgstr[{number}] ""', f'msgstr[{number}] "{form}"')
    path.write_text(told)

    assert [fault for fault in faults(project) if fault[0] == "ar"][1:] == [
        ("ar", "%(num)s day", "form 4 is for 100 to 102, form 5 for 11 to 99")
    ]


def test_extract_changes_nothing_when_nothing_changed(project: Path) -> None:
    extract(project)
    before = {path: path.read_bytes() for path in project.rglob("*.po")}

    extract(project)

    assert {path: path.read_bytes() for path in project.rglob("*.po")} == before


def test_the_shared_catalogues_are_complete() -> None:
    root = Path(__file__).parents[2]

    assert [str(fault) for fault in check(root) if fault.path.is_relative_to(root / "shared")] == []
