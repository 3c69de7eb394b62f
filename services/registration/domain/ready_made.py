"""Ready-made questions for each format of event, in German, English and Arabic; organisers change what they like."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from services.registration.domain.forms import Questions
from services.registration.domain.questions import (
    ORDINARY_RETENTION,
    SENSITIVE_RETENTION,
    Condition,
    Kind,
    Option,
    Question,
    Texts,
)


def _t(de: str, en: str, ar: str) -> Texts:
    return {"de": de, "en": en, "ar": ar}


def _q(kind: Kind, label: Texts, purpose: Texts, **more: object) -> Question:
    days = SENSITIVE_RETENTION if more.get("sensitive") else ORDINARY_RETENTION
    return Question(id=uuid4(), kind=kind, label=label, purpose=purpose, retention_days=days, **more)  # type: ignore[arg-type]


def _o(key: str, de: str, en: str, ar: str) -> Option:
    return Option(key=key, label=_t(de, en, ar))


_MATCH = _t(
    "Damit die Gruppe und die Gespräche zu Ihnen passen.",
    "So that the group and the talks suit you.",
    "لكي تناسبكم المجموعة والأحاديث.",
)
_PREPARE = _t("Damit wir uns darauf vorbereiten können.", "So that we can prepare for it.", "لكي نستعد لذلك.")
_SAFETY = _t(
    "Der Betrieb verlangt das zu Ihrer Sicherheit.",
    "The company requires it for your safety.",
    "تشترط الشركة ذلك حفاظًا على سلامتكم.",
)
_CONTENT = _t(
    "Damit der Inhalt zu dem passt, was Sie brauchen.",
    "So that the content fits what you need.",
    "لكي يلائم المحتوى ما تحتاجون إليه.",
)
_BALANCE = _t(
    "Damit alle Seiten am Tisch vertreten sind.",
    "So that all sides are at the table.",
    "لكي تكون جميع الأطراف ممثلة على الطاولة.",
)

BLOCKS: Mapping[str, Question] = {
    "field_of_study": _q(
        Kind.FIELD_OF_STUDY,
        _t("Was studieren oder können Sie?", "What do you study, or what is your trade?", "ماذا تدرسون أو ما مهنتكم؟"),
        _MATCH,
    ),
    "german_level": _q(
        Kind.LANGUAGE_LEVEL,
        _t("Wie gut sprechen Sie Deutsch?", "How well do you speak German?", "ما مستواكم في الألمانية؟"),
        _MATCH,
    ),
    "closed_shoes": _q(
        Kind.YES_NO,
        _t(
            "Ich komme mit geschlossenen, festen Schuhen.",
            "I will wear closed, sturdy shoes.",
            "سأحضر بحذاء متين مغلق.",
        ),
        _SAFETY,
        must_agree=True,
    ),
    "photo_id": _q(
        Kind.YES_NO,
        _t(
            "Ich bringe einen Ausweis oder Pass mit.",
            "I will bring an identity card or passport.",
            "سأحضر معي بطاقة هوية أو جواز سفر.",
        ),
        _SAFETY,
        must_agree=True,
    ),
    "access": _q(
        Kind.LONG_TEXT,
        _t(
            "Was brauchen Sie, um gut teilnehmen zu können?",
            "What do you need to take part well?",
            "ما الذي تحتاجون إليه لتشاركوا بسهولة؟",
        ),
        _PREPARE,
        help=_t(
            "Zum Beispiel stufenloser Zugang, Gebärdensprache, Pausen.",
            "For example step-free access, sign language, breaks.",
            "مثلًا: مدخل بلا درج، لغة الإشارة، استراحات.",
        ),
        sensitive=True,
    ),
    "diet": _q(
        Kind.TEXT,
        _t(
            "Was sollen wir beim Essen beachten?",
            "What should we mind about food?",
            "ما الذي ينبغي أن نراعيه في الطعام؟",
        ),
        _PREPARE,
        help=_t(
            "Zum Beispiel Allergien, halal, vegan.",
            "For example allergies, halal, vegan.",
            "مثلًا: حساسية، حلال، نباتي.",
        ),
        sensitive=True,
    ),
    "childcare": _q(
        Kind.TEXT,
        _t(
            "Brauchen Sie Kinderbetreuung? Für wie viele Kinder, wie alt?",
            "Do you need childcare? For how many children, how old?",
            "هل تحتاجون إلى رعاية أطفال؟ لكم طفلًا وما أعمارهم؟",
        ),
        _PREPARE,
        sensitive=True,
    ),
    "own_question": _q(
        Kind.LONG_TEXT,
        _t("Was möchten Sie fragen?", "What would you like to ask?", "ما الذي تودون أن تسألوا عنه؟"),
        _t(
            "Wir geben die Fragen ohne Namen weiter.",
            "We pass the questions on without names.",
            "ننقل الأسئلة من دون أسماء.",
        ),
    ),
    "booths": _q(
        Kind.LONG_TEXT,
        _t("Welche Betriebe interessieren Sie?", "Which companies interest you?", "ما الشركات التي تهمكم؟"),
        _MATCH,
    ),
    "interpreting": _q(
        Kind.YES_NO,
        _t("Brauchen Sie Dolmetschen?", "Do you need interpreting?", "هل تحتاجون إلى ترجمة شفوية؟"),
        _PREPARE,
    ),
    "interpreting_language": _q(Kind.TEXT, _t("In welche Sprache?", "Into which language?", "إلى أي لغة؟"), _PREPARE),
    "body": _q(
        Kind.SINGLE_CHOICE,
        _t("Für wen kommen Sie?", "Whom do you come for?", "من تمثلون؟"),
        _BALANCE,
        required=True,
        options=(
            _o("mo", "Migrantenorganisation", "Migrant organisation", "منظمة مهاجرين"),
            _o(
                "jobcenter",
                "Jobcenter oder Agentur für Arbeit",
                "Job centre or employment agency",
                "مركز العمل أو وكالة العمل",
            ),
            _o("chamber", "Kammer oder Verband", "Chamber or association", "غرفة أو اتحاد"),
            _o("company", "Betrieb", "Company", "شركة"),
            _o("other", "Andere", "Other", "جهة أخرى"),
        ),
    ),
    "organisation": _q(
        Kind.TEXT,
        _t("Name der Organisation oder des Betriebs", "Name of the organisation or company", "اسم المنظمة أو الشركة"),
        _BALANCE,
        required=True,
    ),
    "topics": _q(
        Kind.LONG_TEXT,
        _t(
            "Welche Hürden sollen auf den Tisch?",
            "Which obstacles should we talk about?",
            "ما العقبات التي ينبغي أن نتحدث عنها؟",
        ),
        _CONTENT,
    ),
    "needs": _q(
        Kind.MULTIPLE_CHOICE,
        _t("Wobei möchten Sie Unterstützung?", "What would you like support with?", "في ماذا تودون المساعدة؟"),
        _CONTENT,
        options=(
            _o("cv", "Lebenslauf", "CV", "السيرة الذاتية"),
            _o("letter", "Anschreiben", "Covering letter", "رسالة الطلب"),
            _o("interview", "Vorstellungsgespräch", "Job interview", "مقابلة العمل"),
            _o("recognition", "Anerkennung meines Abschlusses", "Recognition of my degree", "الاعتراف بشهادتي"),
            _o("search", "Stellensuche", "Finding vacancies", "البحث عن عمل"),
        ),
    ),
    "cv": _q(
        Kind.FILE,
        _t("Ihr Lebenslauf", "Your CV", "سيرتكم الذاتية"),
        _t("Wir besprechen ihn mit Ihnen.", "We go through it with you.", "نراجعها معكم."),
    ),
    "goal": _q(
        Kind.LONG_TEXT,
        _t("Was soll danach anders sein?", "What should be different afterwards?", "ما الذي تودون أن يتغير بعد ذلك؟"),
        _CONTENT,
    ),
    "experience": _q(
        Kind.NUMBER,
        _t("Wie viele Jahre haben Sie gearbeitet?", "How many years have you worked?", "كم سنة عملتم؟"),
        _CONTENT,
        least=0,
        most=60,
    ),
    "phone": _q(
        Kind.PHONE,
        _t(
            "Unter welcher Nummer erreichen wir Sie?",
            "On which number can we reach you?",
            "على أي رقم يمكننا الاتصال بكم؟",
        ),
        _t(
            "Falls sich der Termin kurzfristig ändert.",
            "In case the appointment changes at short notice.",
            "في حال تغير الموعد في وقت قصير.",
        ),
    ),
    "role": _q(
        Kind.SINGLE_CHOICE,
        _t("Wie möchten Sie mitmachen?", "How would you like to take part?", "كيف تودون أن تشاركوا؟"),
        _t("Damit wir passende Paare vorschlagen.", "So that we can propose good pairs.", "لكي نقترح ثنائيات متوافقة."),
        required=True,
        options=(
            _o("mentee", "Als Mentee", "As a mentee", "متلقي الإرشاد"),
            _o("mentor", "Als Mentorin oder Mentor", "As a mentor", "مرشد"),
        ),
    ),
    "start": _q(
        Kind.DATE,
        _t("Ab wann haben Sie Zeit?", "From when do you have time?", "ابتداءً من متى لديكم وقت؟"),
        _t("Damit wir passende Paare vorschlagen.", "So that we can propose good pairs.", "لكي نقترح ثنائيات متوافقة."),
    ),
}
_FOLLOWS = {"interpreting_language": ("interpreting", "yes")}

SETS: Mapping[str, tuple[str, ...]] = {
    "company_tour": ("field_of_study", "german_level", "closed_shoes", "photo_id", "own_question", "access"),
    "career_walk": ("field_of_study", "german_level", "booths", "access"),
    "labour_market_talk": ("body", "organisation", "topics", "interpreting", "interpreting_language", "access"),
    "application_workshop": ("german_level", "needs", "cv", "access", "childcare"),
    "career_workshop": ("field_of_study", "german_level", "goal", "access", "childcare"),
    "consultation_hour": ("needs", "interpreting", "interpreting_language", "cv", "phone", "access"),
    "training_series": ("experience", "german_level", "goal", "diet", "access", "childcare"),
    "mentoring_programme": ("role", "field_of_study", "german_level", "start", "goal"),
    "conference": ("organisation", "interpreting", "interpreting_language", "diet", "access", "childcare"),
    "fair": ("field_of_study", "booths", "access", "childcare"),
}


def questions_for(format_: str) -> Questions:
    """New questions, ready to be changed."""
    ids = {name: uuid4() for name in SETS.get(format_, ())}
    found = []
    for name, new_id in ids.items():
        first, value = _FOLLOWS.get(name, ("", ""))
        condition = Condition(question_id=ids[first], value=value) if first in ids else None
        found.append(replace(BLOCKS[name], id=new_id, condition=condition))
    return tuple(found)
