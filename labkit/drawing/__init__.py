"""How everything that the kit shows looks: one palette and one set of strokes.

    palette.py    every colour, as data
    theme.py      the rules that choose between light and dark
    lettering.py  the size of a picture's letters
    strokes.py    text, lines, arrows and bars of an SVG
    canvas.py     a picture for a cell, and the same facts as text
    embedding.py  a picture that is shown where SVG is forbidden, too; inline.js
    player.py     a picture whose steps can be played, in player.js and .css
    fitting.py    text that is safe to show and fits the columns there are

Nothing in here knows what is drawn.
"""
