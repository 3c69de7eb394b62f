"""Tests of the shared web door."""
