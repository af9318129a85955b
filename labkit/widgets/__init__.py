"""Sliders over what the kit can already do: the playground, and a single slider.

    playground(make_app)            a slider a fault; timeline and counts follow
    slide(show, [1, 5, 10])         one slider; what `show` returns follows

Where there are no widgets, both show where the sliders would stand at first, and say
which line of code to change instead.
"""

import importlib.util
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from labkit.arguments import check_function, check_number, check_text, listed
from labkit.errors import BadSetting, shown_plainly
from labkit.faults import Fault
from labkit.playground import Position, Stand, Trial, usual_dials
from labkit.playground.dials import dials_for
from labkit.playground.position import Source
from labkit.playground.rates import NOT_WRITTEN
from labkit.playground.stand import PATIENCE, Effects, Receiver
from labkit.profiles import PROFILES
from labkit.samples import payments

if TYPE_CHECKING:
    from labkit.widgets.panel import Panel
    from labkit.widgets.single import Slide

__all__ = ["playground", "slide"]


@shown_plainly
def playground(
    receiver: Receiver,
    *,
    effects: Effects | None = None,
    faults: Iterable[str | type[Fault] | Fault] | None = None,
    profile: str = "standard",
    profiles: Iterable[str] | None = None,
    events: int = 100,
    seed: int = 0,
    source: Source = payments,
    scheme: str = "generic",
    secret: str | None = None,
    late: float = PATIENCE,
    name: str | None = None,
) -> "Panel | Trial | str":
    """Turn the dials of the wire, and see what becomes of the deliveries.

    `receiver` is best the function that makes your app, `make_app` without
    parentheses: every position of the sliders then starts with a fresh one.

    `effects` is what your receiver has done, as event ids or order ids: the list that
    it adds to, or a function that looks it up. With it, lost and doubled are told by
    the work that was done; without it, by the acknowledgements.

    `faults` chooses the sliders, by name, as classes, or as instances such as
    `Delay(seconds=20, probability=0.1)`, which bring their settings and start there.
    All are in `labkit.faults.FAULTS`. `profile`, `events` and `seed` are where the
    other sliders start; `profiles` is the choice of providers, by default all.
    `source` makes the events: `payments`, `pushes`, `contacts`. With a `secret`
    requests are signed by `scheme`. An event is late when it is acknowledged more than
    `late` seconds after it happened. `name` is how the line of code calls the
    receiver.

    Raises UnknownName and BadSetting.
    """
    stand = Stand(
        receiver, effects=effects, scheme=scheme, secret=secret, late=late, name=name
    )
    dials = usual_dials(signed=stand.signed) if faults is None else dials_for(faults)
    turned = (dial.turned(dial.start) for dial in dials)
    struck = tuple(fault for fault in turned if fault)
    check_text("profile", profile)
    choice = listed("profiles", profiles or PROFILES)
    for each in choice:
        check_text("a profile", each)
    choice = [PROFILES[each].name for each in choice]
    if PROFILES[profile].name not in choice:
        choice.append(profile)
    position = Position(profile, events, struck, seed, source)
    if importlib.util.find_spec("ipywidgets") is None:
        return _without_widgets(stand, position)
    from labkit.widgets.panel import Panel

    return Panel(stand, dials, position, choice)


@shown_plainly
def slide(
    show: Callable[[float], object],
    values: Sequence[float],
    *,
    label: str = "",
    start: float | None = None,
) -> "Slide | object":
    """Move one slider over the values, and see what `show(value)` returns.

    `label` stands before the slider, `start` is the value that it begins with, by
    default the first. Without widgets, `show(start)` is returned.
    """
    check_function("show", show)
    check_text("label", label)
    given = listed("values", values)
    for value in given if start is None else [*given, start]:
        check_number("a value of the slider", value)
    if not given:
        raise BadSetting("values is empty; give the positions of the slider")
    if start is not None and start not in given:
        raise BadSetting(f"start is {start}; give one of the values")
    first = given[0] if start is None else start
    if importlib.util.find_spec("ipywidgets") is None:
        return show(first)
    from labkit.widgets.single import Slide

    return Slide(show, given, label=label, start=first)


def _without_widgets(stand: Stand, position: Position) -> Trial | str:
    try:
        return stand.trial(position)
    except NotImplementedError:
        return NOT_WRITTEN
