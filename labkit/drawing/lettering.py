"""The size of a picture's letters, which are larger where the picture is shown small.

A picture shrinks with the cell around it. In a cell 592 pixels wide, letters of 11
pixels would be 7.6 pixels high; those sizes for narrow cells are 9.6 pixels or more.
"""

NARROW = 720
"""A container up to so many pixels wide shows larger letters."""

CONTAINER = "container-type:inline-size"
"""The style of an element whose width the letters of the pictures in it depend on."""

_USUAL = {"": 12, "small": 11}
_LARGE = {"": 15, "small": 14}
_KINDS = ("container", "media")


def letters(own: str) -> list[str]:
    """Return the rules for the selector `own`; its class `small` has smaller letters.

    The letters grow in a narrow image, and in a narrow `CONTAINER`.
    """
    large = "".join(_rules(own, _LARGE))
    # In an image the width that media queries know is that of the image.
    narrow = (f"@{kind} (max-width:{NARROW}px){{{large}}}" for kind in _KINDS)
    return [*_rules(own, _USUAL), *narrow]


def _rules(own: str, sizes: dict[str, int]) -> list[str]:
    return [
        f"{own}{f' {own}{name}' if name else ''}{{font-size:{size}px}}"
        for name, size in sizes.items()
    ]
