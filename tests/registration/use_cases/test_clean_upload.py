"""What strangers send is what its content says, and nothing more."""

import io
import struct
import time
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from services.registration.domain.pdf import FileIsActive
from services.registration.domain.pictures import PictureIsTooLarge
from services.registration.domain.uploads import (
    MOST_BYTES,
    FileIsDamaged,
    FileIsEmpty,
    FileIsTooLarge,
    FileTypeIsNotTaken,
    safe_name,
)
from services.registration.use_cases.clean_upload import clean_upload
from tests.registration.form_builders import a_pdf, a_picture, packed


def chunk(kind: bytes, body: bytes) -> bytes:
    """One part of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def a_png_that_says(width: int, height: int) -> bytes:
    """A few bytes that unpack to a wall."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def a_jpeg_with_scans(count: int) -> bytes:
    """A progressive picture whose last refinement comes again and again: each is a walk over all pixels."""
    plain = a_picture("JPEG", size=(3_000, 3_000), progressive=True)
    last = plain[plain.rindex(b"\xff\xda") : -2]
    return plain[:-2] + last * count + b"\xff\xd9"


REFUSED = {
    "0 bytes": (b"", FileIsEmpty),
    "too many bytes": (b"%PDF-" + b"x" * MOST_BYTES, FileIsTooLarge),
    "HTML": (b"<!doctype html><script>alert(1)</script>", FileTypeIsNotTaken),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', FileTypeIsNotTaken),
    "ZIP": (b"PK\x03\x04" + b"\0" * 50, FileTypeIsNotTaken),
    "GIF": (b"GIF89a" + b"\0" * 50, FileTypeIsNotTaken),
    "blanks before a PDF": (b"\n" + a_pdf(), FileTypeIsNotTaken),
    "30,000 squared": (a_png_that_says(30_000, 30_000), PictureIsTooLarge),
    "a long strip": (a_png_that_says(12_001, 1), PictureIsTooLarge),
    "half a picture": (a_picture(size=(400, 300))[:-80], FileIsDamaged),
    "only the beginning of a PNG": (b"\x89PNG\r\n\x1a\n", FileIsDamaged),
    "only the beginning of a JPEG": (b"\xff\xd8\xff" + b"\0" * 20, FileIsDamaged),
    "less pixels than said": (a_png_that_says(3_000, 3_000), FileIsDamaged),
    "a PDF without end": (b"%PDF-1.7\n1 0 obj", FileIsDamaged),
    "HTML behind a PDF": (a_pdf(behind=b"<script>alert(1)</script>"), FileIsDamaged),
    "a script": (a_pdf(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), FileIsActive),
    "a script in other spelling": (a_pdf(b"/OpenAction<</S/#4aavaScript/#4AS(1)>>"), FileIsActive),
    "a packed script": (a_pdf(packed(b"<</S/JavaScript/JS(app.alert(1))>>")), FileIsActive),
    "a packed bomb": (a_pdf(packed(b"\0" * 30_000_000)), FileIsActive),
    "an attachment": (a_pdf(b"/Names<</EmbeddedFiles 5 0 R>>"), FileIsActive),
    "a program": (a_pdf(b"/OpenAction<</S/Launch/F(cmd.exe)>>"), FileIsActive),
    "a password": (a_pdf(b"/Encrypt 5 0 R"), FileIsActive),
}


@pytest.mark.parametrize("what", REFUSED)
def test_hostile_files_are_refused(what: str) -> None:
    content, rejection = REFUSED[what]

    with pytest.raises(rejection):
        clean_upload("cv.pdf", content)


def test_a_plain_pdf_is_kept_letter_for_letter() -> None:
    kept = clean_upload("Lebenslauf.PDF", a_pdf(b"/OpenAction[3 0 R/Fit]"))

    assert (kept.name, kept.media_type) == ("Lebenslauf.pdf", "application/pdf")
    assert kept.content == a_pdf(b"/OpenAction[3 0 R/Fit]")


def test_a_pdf_with_a_short_stream_of_objects_is_taken() -> None:
    usual = packed(b"<</Type/Font>>").replace(b"endstream endobj", b"endstream\nendobj\n")

    kept = clean_upload("cv.pdf", a_pdf(usual))

    assert kept.content == a_pdf(usual)


def test_streams_that_never_end_cost_no_more_than_their_length() -> None:
    wicked = a_pdf(b"stream\n" * 60_000)
    before = time.process_time()

    clean_upload("cv.pdf", wicked)

    assert time.process_time() - before < 2  # looking from each of them to the end took a quarter of a minute


def test_a_few_bytes_that_unpack_to_millions_of_spelled_letters_cost_little() -> None:
    wicked = a_pdf(packed(b"#41" * 6_000_000))
    before = time.process_time()

    clean_upload("cv.pdf", wicked)

    assert time.process_time() - before < 1  # a call for each of them took several seconds


WICKED = {
    "thousands of scans": a_jpeg_with_scans(5_000),
    "scans that hide in a comment": a_picture("JPEG", comment=b"\xff\xda\0\2" * 60),
    "filling bytes": b"\xff\xd8" + b"\xff" * 5_000_000,
    "nothing between two parts": b"\xff\xd8\xff\xe0\0\2" + b"\0" * 5_000_000,
    "a million parts of a JPEG": b"\xff\xd8" + b"\xff\xfe\0\2" * 1_000_000,
    "many parts of a PNG": b"\x89PNG\r\n\x1a\n" + chunk(b"abCd", b"") * 400_000,
    "a part that is longer than the file": b"\xff\xd8\xff\xe0\xff\xff",
}


@pytest.mark.parametrize("what", WICKED)
def test_few_bytes_that_ask_for_much_work_cost_little(what: str) -> None:
    before = time.process_time()

    with pytest.raises(FileIsDamaged):
        clean_upload("photo.jpg", WICKED[what])

    assert time.process_time() - before < 0.5  # the first took minutes, most others seconds


def test_a_photo_as_the_web_likes_it_is_taken() -> None:
    sent = a_picture("JPEG", size=(600, 400), progressive=True, comment=b"\xff\xda" * 9)

    kept = clean_upload("photo.jpg", sent)

    with Image.open(io.BytesIO(kept.content)) as picture:
        assert picture.size == (600, 400)


def test_a_picture_is_painted_anew_without_what_it_carried() -> None:
    notes = PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    polyglot = a_picture(pnginfo=notes) + b"<script>alert(2)</script>"

    kept = clean_upload("photo.html", polyglot)

    assert (kept.name, kept.media_type) == ("photo.png", "image/png")
    assert b"script" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert picture.size == (40, 30)
        assert picture.getpixel((5, 5)) == (0, 128, 128)


def test_a_photo_stands_upright_and_loses_its_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "at home"
    sent = a_picture("JPEG", size=(60, 20), exif=exif)

    kept = clean_upload("IMG_1.JPG", sent)

    with Image.open(io.BytesIO(kept.content)) as picture:
        assert picture.size == (20, 60)
        assert dict(picture.getexif()) == {}


def test_a_huge_photo_is_made_smaller() -> None:
    kept = clean_upload("wall.jpg", a_picture("JPEG", size=(5_000, 2_500)))

    with Image.open(io.BytesIO(kept.content)) as picture:
        assert max(picture.size) <= 2_400


NAMES = {
    "../../etc/passwd": "passwd.pdf",
    "C:\\Users\\x\\cv.pdf": "cv.pdf",
    "cv.pdf.exe": "cv_pdf.pdf",
    "Lebenslauf Müller (neu).docx": "Lebenslauf Müller (neu).pdf",
    "سيرة ذاتية.pdf": "سيرة ذاتية.pdf",
    "evil\u202efdp.exe": "evilfdp.pdf",
    'a";filename="b.html': "a__filename__b.pdf",
    "\r\nSet-Cookie: x": "Set-Cookie_ x.pdf",
    "": "file.pdf",
    "...": "file.pdf",
    "x" * 500 + ".pdf": "x" * 80 + ".pdf",
}


@pytest.mark.parametrize("given", NAMES)
def test_a_name_is_only_a_name(given: str) -> None:
    assert safe_name(given, "application/pdf") == NAMES[given]
