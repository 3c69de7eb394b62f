"""JSON, one file per resource."""
