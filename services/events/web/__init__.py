"""Pages, one file per capability."""
