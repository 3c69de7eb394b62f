"""Tests of the messages between services."""
