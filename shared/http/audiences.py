"""The target groups that an event may prefer, by their keys in messages, and what they are called."""

from shared.errors import N_

AUDIENCES = {
    "student": N_("Students"),
    "graduate": N_("Graduates"),
    "skilled_worker": N_("Skilled workers"),
    "job_seeker": N_("Job seekers"),
    "refugee": N_("Refugees"),
    "volunteer": N_("Volunteers"),
    "professional": N_("Staff of institutions and companies"),
}
