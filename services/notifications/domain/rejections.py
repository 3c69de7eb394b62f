"""What cannot be done with mails."""

from shared.errors import N_, Rejection


class MailIsNotStuck(Rejection):
    """Only what failed for good can be sent once more by hand."""

    title = N_("This mail need not be sent again")
    detail = N_("It was sent already, or is still on its way.")
