"""Receivers made of other people's packages, as their documentation shows them.

    *_app.py, *.mjs, hooks.json   one receiver each; the package verifies the signature.
                  class-webhook.mjs has what two of them share
    requirements.txt, package.json   the packages, which tests install in this folder
    catalogue.py  the table of receivers
    findings.toml what `labkit examine` finds, and whether that is true
    running.py    installs, starts and examines them

A receiver reads PORT, SECRET and LEDGER from its environment. It appends one line to
the file LEDGER for each event that it processes; that is its side effect.
"""
