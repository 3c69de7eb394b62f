"""The local mailbox: every mail becomes a file that any mail program opens."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from services.notifications.domain.delivery import Answer
from services.notifications.storage.transport import Parcel, Receipt


class LocalMailbox:
    """Writes {folder}/{number}-{kind}-{recipient}.eml; writing it again changes nothing."""

    resend_after = timedelta(seconds=5)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, parcel: Parcel, begin: Callable[[], None]) -> Receipt:
        """First under another name, then renamed: nobody sees half a mail."""
        begin()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{parcel.name}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(parcel.raw)
        draft.rename(path)
        return Receipt(Answer.ACCEPTED)

    def rest(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        """Nothing is open."""
