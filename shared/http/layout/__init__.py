"""The look that all services share: templates, macros, styles, icons, and a living style guide."""
