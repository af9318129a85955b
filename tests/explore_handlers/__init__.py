"""Receivers that are known to be good or bad, for the explorer's tests."""
