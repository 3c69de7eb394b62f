"""What a cell of an exported table may hold."""

import re

# What spreadsheets take for the beginning of a formula, also in its full-width form and behind blanks and quotes.
_FORMULA = re.compile(r"[\s\u00a0\u200b\u200e\u200f\ufeff\"']*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def harmless(text: str) -> str:
    """The text as a spreadsheet shows it without computing: an apostrophe before what could be a formula.

    Other texts stay letter for letter (OWASP, CSV injection).
    """
    return f"'{text}" if _FORMULA.match(text) else text
