"""What is asked before a query is even read: a stranger is told 401, not what is wrong with her words."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from services.notifications.use_cases.whose_mails import whose_mails
from shared.http.identity import require_signed_in

View = TypeVar("View", bound=Callable[..., Any])


def for_organisers(view: View) -> View:
    """Somebody who may see mails of some organisation is asking."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        whose_mails(require_signed_in())
        return view(*args, **kwargs)

    return cast("View", asked)
