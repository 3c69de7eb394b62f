"""Everything that is wrong with a sign-up at once: nobody sends a form three times to learn what it lacks."""

from collections.abc import Callable
from uuid import UUID

from services.registration.domain.consents import NAMES, given
from services.registration.domain.registrations import choose_quotas
from shared.contracts.events import EventSnapshot
from shared.errors import InvalidInput
from shared.http.forms import Form


def with_choice(form: Form, told: EventSnapshot) -> Form:
    """The form, which has faults, with those of where she takes part and what she agrees to."""
    return with_consents(_checked(form, lambda: choose_quotas(told, _chosen(form))), told)


def with_consents(form: Form, told: EventSnapshot) -> Form:
    """The same where there is nothing to choose."""
    return _checked(form, lambda: given(told, [name for name in NAMES if form.value(f"consents.{name}")]))


def _checked(form: Form, check: Callable[[], object]) -> Form:
    if not form.has_errors():
        return form
    try:
        check()
    except InvalidInput as rejection:
        known = form.errors()
        return form.rejected({name: said for name, said in rejection.errors.items() if name not in known})
    except ValueError:  # not even an id: the schema has said so
        return form
    return form


def _chosen(form: Form) -> list[UUID]:
    return [UUID(str(each)) for each in form.values("quota_ids") if each]
