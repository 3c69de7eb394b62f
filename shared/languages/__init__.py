"""The languages of the product: sentences from gettext catalogues, and words for dates, lists and names.

`python -m shared.languages extract` brings the catalogues up to date, `check` says what is missing in them.
"""

from shared.languages.catalogues import (
    SHARED,
    SOURCE,
    Catalogues,
    Language,
    Localised,
    Speaker,
    direction,
    in_language,
    negotiate,
)
from shared.languages.formats import (
    Width,
    country_codes,
    country_name,
    enumeration,
    format_date,
    format_datetime,
    format_number,
    format_time,
    language_name,
    when,
    zone_name,
    zone_town,
)

__all__ = [
    "SHARED",
    "SOURCE",
    "Catalogues",
    "Language",
    "Localised",
    "Speaker",
    "Width",
    "country_codes",
    "country_name",
    "direction",
    "enumeration",
    "format_date",
    "format_datetime",
    "format_number",
    "format_time",
    "in_language",
    "language_name",
    "negotiate",
    "when",
    "zone_name",
    "zone_town",
]
