"""What is known of learners: where they work, how far they are.

environment.py   whether this place is fit for the labs
progress.py      the progress file
exports.py       the short file that a learner hands in
standing.py      what a cell shows of a learner's progress
"""
