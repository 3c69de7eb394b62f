"""Text as people write it, without the characters that only attackers need."""

import re
import unicodedata

from marshmallow import ValidationError

from shared.errors import N_

# Controls and line separators; direction overrides and isolates (U+061C and the marks U+200E/F only order, they stay);
# characters that nobody sees and no script needs. U+200C and U+200D stay: Persian and Indic names need them.
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_OVERRIDE = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile("[\u2061-\u2064\u206a-\u206f\ufff9-\ufffb\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]")
_LEFT_BY_PASTING = re.compile("[\ufeff\u200b\u2060]")
_ENCODED_WORD = re.compile(r"=\?")
# The same for API descriptions, as ECMA 262 writes it; encoded words cannot be said there.
_NEVER = r"\u007F-\u009F\u2028-\u202E\u2061-\u2064\u2066-\u206F\uD800-\uDFFF\uFFF9-\uFFFB\uFFFE\uFFFF"
LINE_PATTERN = rf"^[^\u0000-\u0008\u000A-\u001F{_NEVER}]*$"
TEXT_PATTERN = rf"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F{_NEVER}]*$"
_EDGES = " \t\u00a0\u3000"


def clean_line(text: str, most: int) -> str:
    """One line in NFC without outer blanks. Raises ValidationError with a sentence for the reader."""
    line = _composed(text, most).strip(_EDGES + "\r\n").replace("\t", " ")
    if _CONTROL.search(line):
        raise ValidationError(N_("Please write this in one line, without control characters."))
    if _ENCODED_WORD.search(line):
        raise ValidationError(N_("Please leave out the characters =? here."))
    return line


def clean_text(text: str, most: int) -> str:
    """Several lines in NFC; line ends become \\n. Raises ValidationError with a sentence for the reader."""
    # twice the length: browsers send \r\n for one line end
    lines = _composed(text, 2 * most).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip(_EDGES + "\n")
    if _CONTROL_IN_TEXT.search(lines):
        raise ValidationError(N_("Please leave out control characters."))
    return lines


def _composed(text: str, most: int) -> str:
    if len(text) > 4 * most + 1000:
        raise ValidationError(N_("This text is too long."))
    if _OVERRIDE.search(text) or _UNSEEN.search(text):
        raise ValidationError(N_("Please leave out invisible characters that change how text is read."))
    return unicodedata.normalize("NFC", _LEFT_BY_PASTING.sub("", text))
