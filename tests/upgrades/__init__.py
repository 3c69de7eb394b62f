"""A database filled by the previous release, brought to the present schema while that release still runs."""
