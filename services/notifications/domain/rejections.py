"""What cannot be done with mails and webhooks."""

from shared.errors import N_, Rejection


class MailIsNotStuck(Rejection):
    """Only what failed for good can be sent once more by hand."""

    title = N_("This mail need not be sent again")
    detail = N_("It was sent already, or is still on its way.")


class TooManyWebhooks(Rejection):
    """Each is called for every piece of news."""

    title = N_("Your organisation has as many webhooks as it can have")
    detail = N_("Please delete one that is no longer needed.")


class WebhookIsPaused(Rejection):
    """Nothing is sent to an endpoint that is paused."""

    title = N_("This webhook is paused")
    detail = N_("Please start it again first.")


class DeliveryIsUnderway(Rejection):
    """It is tried again by itself."""

    title = N_("This delivery is still on its way")
    detail = N_("It is tried again by itself.")
