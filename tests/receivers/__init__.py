"""Receivers for `labkit examine` to judge: six right ones, and one for each bug.

Each wrong one is the right one with one part replaced, and has the number of its bug in
its name. None of them uses the kit, so that a mistake of the kit can't hide itself.

    shop.py      what a receiver does, in Python
    schemes.py   how it verifies, in Python
    wrong.py     the same with one bug each
    flask_app.py, wsgi_app.py, fastapi_app.py   the ways into it
    express.mjs  all of this under Node: one right receiver a scheme, and one a bug
    providers.mjs  receivers made of providers' own middleware
    serve.py     runs one of them:  python -m tests.receivers.serve NAME PORT FOLDER
    catalogue.py the table of all of them, and the probe meant for each bug
    running.py   starts, kills and breaks them
"""
