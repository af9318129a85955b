"""Run code that may be wrong: with a time limit, and without harm to the kernel.

sandbox.py     run a learner's code with a time limit
stopping.py    orders to stop, for threads that wait in the kit's own code
waiting.py     tell a thread that waits from one that only lacks a processor
capture.py     keep what a thread prints
replaced.py    replace a function of modules for a while
exits.py       keep `exit()` in a thread from ending the kernel
collector.py   when the garbage collector ran
tracked.py     values that note what they are compared with
comparing.py   how a solution compares two signatures
loading.py     load a Flask app by its name
source.py      the source of the cell that holds a solution
ownership.py   whose code a line is
sources.py     the learner's code that a function leads to
outside.py     whether code uses a clock, chance or a file
child.py       run something in a copy of this process
spawned.py     run something in a new Python process
rerun.py       run the cell again that defines a function
portable.py    a function that a new process can define
fresh.py       a fresh process, without ending this one
places.py      where objects keep what may change
"""
