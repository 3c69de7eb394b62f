"""The ten event formats: their names and what a new event of each starts with."""

from dataclasses import dataclass

from shared.errors import N_

Texts = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class QuotaPattern:
    """A quota that a new event of the format gets when the organiser names none."""

    capacity: int
    kind: str = "event"
    name: tuple[tuple[str, str], ...] = ()

    @property
    def texts(self) -> Texts:
        """The name by language."""
        return dict(self.name)


@dataclass(frozen=True, kw_only=True)
class Format:
    """A first-class kind of event. Its own rules will live in a module of its own, named after its key.

    `quota_kind` is what another quota of such an event is by default, `duration_minutes` its usual length.
    The figures are our assumptions (DOMAIN.md), to be changed per event.
    """

    key: str
    name: str
    explanation: str
    duration_minutes: int
    quotas: tuple[QuotaPattern, ...]
    quota_kind: str = "event"
    quota_choice: str = "one"

    @property
    def group_size(self) -> int:
        """How many places one quota of it usually has."""
        return self.quotas[0].capacity


def _whole(capacity: int) -> tuple[QuotaPattern, ...]:
    return (QuotaPattern(capacity=capacity),)


def _group(number: int) -> QuotaPattern:
    name = (("de", f"Gruppe {number}"), ("en", f"Group {number}"), ("ar", f"المجموعة {number}"))
    return QuotaPattern(capacity=10, kind="group", name=name)


def _stakeholder(capacity: int, **name: str) -> QuotaPattern:
    return QuotaPattern(capacity=capacity, kind="stakeholder", name=tuple(name.items()))


_ALL = (
    Format(
        key="company_tour",
        name=N_("Company tour"),
        explanation=N_("A small group sees a company at work and asks its own questions."),
        duration_minutes=150,
        quotas=_whole(10),
    ),
    Format(
        key="career_walk",
        name=N_("Career walk"),
        explanation=N_("Guided groups meet companies at their booths at a trade fair."),
        duration_minutes=90,
        quotas=(_group(1), _group(2)),
        quota_kind="group",
    ),
    Format(
        key="labour_market_talk",
        name=N_("Round table"),
        explanation=N_("A round table that finds and removes stumbling blocks on the way into work."),
        duration_minutes=180,
        quotas=(
            _stakeholder(12, de="Migrantenorganisationen", en="Migrant organisations", ar="منظمات المهاجرين"),
            _stakeholder(4, de="Jobcenter", en="Job centre", ar="مركز العمل"),
            _stakeholder(4, de="Agentur für Arbeit", en="Employment agency", ar="وكالة العمل"),
            _stakeholder(2, de="Kammern", en="Chambers", ar="الغرف المهنية"),
            _stakeholder(6, de="Betriebe", en="Companies", ar="الشركات"),
        ),
        quota_kind="stakeholder",
    ),
    Format(
        key="application_workshop",
        name=N_("Application workshop"),
        explanation=N_("Practice for applications and interviews."),
        duration_minutes=180,
        quotas=_whole(15),
    ),
    Format(
        key="career_workshop",
        name=N_("Career workshop"),
        explanation=N_("A workshop on finding one's way into work."),
        duration_minutes=180,
        quotas=_whole(15),
    ),
    Format(
        key="consultation_hour",
        name=N_("Consultation hour"),
        explanation=N_("One-to-one advice in bookable slots."),
        duration_minutes=30,
        quotas=(QuotaPattern(capacity=1, kind="slot"),),
        quota_kind="slot",
    ),
    Format(
        key="training_series",
        name=N_("Training series"),
        explanation=N_("Several sessions that are booked as one."),
        duration_minutes=240,
        quotas=_whole(20),
    ),
    Format(
        key="mentoring_programme",
        name=N_("Mentoring programme"),
        explanation=N_("Experienced people accompany newcomers for a while."),
        duration_minutes=120,
        quotas=_whole(20),
    ),
    Format(
        key="conference",
        name=N_("Conference"),
        explanation=N_("A programme of sessions, on site or online."),
        duration_minutes=420,
        quotas=_whole(100),
        quota_choice="any",
    ),
    Format(
        key="fair",
        name=N_("Fair"),
        explanation=N_("Companies and associations present themselves at booths."),
        duration_minutes=360,
        quotas=_whole(300),
    ),
)

FORMATS: dict[str, Format] = {each.key: each for each in _ALL}
