"""Lab 04, taken apart: one file an exercise, and one of what wrong answers sign."""
