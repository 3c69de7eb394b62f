"""The whole product as real processes, used as people use it."""
