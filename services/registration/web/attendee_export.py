"""The attendee list as CSV, spreadsheet or JSON, written piece by piece: a long list needs no memory."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from uuid import UUID

import xlsxwriter
from flask import Response, stream_with_context

from services.registration.domain.export import harmless
from services.registration.domain.selection import Order, Selection
from services.registration.schemas.attendee_list import question_of
from services.registration.storage import attendee_list, events
from services.registration.web import attendance_files, attendee_columns
from services.registration.web.attendee_columns import Line, cell
from shared import clock
from shared.contracts.events import EventSnapshot
from shared.http.app import reading
from shared.http.locale import _, current_direction, in_language

FORMS = ("csv", "xlsx", "json")
_KEPT_IN_MEMORY = 1 << 20
_BLOCK = 1 << 16


def attendee_file(
    event: EventSnapshot, wanted: Selection, *, form: str, columns: Mapping[str, str], order: Order
) -> Response:
    """The download. `columns` are names with what stands above them."""
    found = _lines(event.id, wanted, tuple(columns), order)
    write = {"csv": _as_csv, "xlsx": _as_xlsx, "json": _as_json}[form]
    kinds = {"csv": attendance_files.CSV, "xlsx": attendance_files.XLSX, "json": "application/json"}
    response = Response(stream_with_context(write(found, event, columns)), content_type=kinds[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{event.slug}-attendees.{form}"'
    return response


def _lines(event_id: UUID, wanted: Selection, columns: Sequence[str], order: Order) -> Iterator[Line]:
    with reading() as session:
        event = events.get(session, event_id)
        for rows in attendee_list.every(session, event_id, wanted, order=order):
            yield from attendee_columns.lines(session, event, rows, columns, now=clock.now())


def _table(found: Iterator[Line], event: EventSnapshot, columns: Mapping[str, str]) -> Iterator[list[str]]:
    yield [_("Name"), *columns.values()]
    for line in found:
        yield [line.row.name, *(cell(line, each, event) for each in columns)]


def _as_csv(found: Iterator[Line], event: EventSnapshot, columns: Mapping[str, str]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"  # the mark that spreadsheets look for
    for row in _table(found, event, columns):
        text = io.StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([harmless(each) for each in row])
        yield text.getvalue().encode()


def _as_json(found: Iterator[Line], event: EventSnapshot, columns: Mapping[str, str]) -> Iterator[bytes]:
    asks = {each: key for each in columns if (key := question_of(each))}
    yield b"[\n"
    for number, line in enumerate(found):
        document: dict[str, Any] = {"id": str(line.row.id), "name": line.row.name}
        document |= {each: _plain(line, each, event) for each in columns if each not in asks}
        if asks:
            document["answers"] = [
                {"question_id": str(key), "question": columns[each], "value": line.values.get(each)}
                for each, key in asks.items()
            ]
        yield (",\n" if number else "").encode() + json.dumps(document, ensure_ascii=False).encode()
    yield b"\n]\n"


def _plain(line: Line, column: str, event: EventSnapshot) -> str:
    """Codes and instants where the other files have words."""
    if column in {"status", "source", "locale"}:
        return str(getattr(line.row, column))
    moments = {"signed_up": line.row.created_at, "checked_in": line.checked_in_at}
    if column in moments:
        moment = moments[column]
        return moment.isoformat() if moment else ""
    return cell(line, column, event)


def _as_xlsx(found: Iterator[Line], event: EventSnapshot, columns: Mapping[str, str]) -> Iterator[bytes]:
    with SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY) as stream:
        _write_book(cast("IO[bytes]", stream), _table(found, event, columns), in_language(event.title).text)
        stream.seek(0)
        while block := stream.read(_BLOCK):
            yield block


def _write_book(stream: IO[bytes], rows: Iterator[list[str]], title: str) -> None:
    """Text cells only: what looks like a formula, a number or an address stays text."""
    options = {"constant_memory": True, "strings_to_formulas": False}
    with xlsxwriter.Workbook(stream, {**options, "strings_to_numbers": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(_("Attendees")[:31])
        head = book.add_format({"bold": True})
        book.set_properties({"title": title})
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 20, 26)
        if current_direction() == "rtl":
            sheet.right_to_left()
        for line, row in enumerate(rows):
            for column, text in enumerate(row):
                sheet.write_string(line, column, text, *([head] if line == 0 else []))
