"""The JSON door, one module per resource."""
