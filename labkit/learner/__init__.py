"""What is known about learners: where they work, and how far they are.

environment.py   whether this machine can run the labs
progress.py      what the learner has done
database.py      the progress in SQLite
document.py      the progress as a JSON document, in a browser and from older kits
below.py         what is shown below a cell's own result
course.py        the map of the labs, and what comes next
exports.py       the short file that a learner hands in
backups.py       all progress as one file, to download and to restore
consent.py       whether a learner agrees to be named to the class
serving.py       what a learner's server on a hub tells the class page
standing.py      what a cell shows of a learner's progress
"""
