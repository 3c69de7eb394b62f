"""The only place that sees more than one service: all in one process, or one role per process."""
