"""The dials: one number a fault, from 0, which is off, upwards."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from labkit.arguments import listed
from labkit.errors import BadSetting, UnknownName
from labkit.faults import (
    FAULTS,
    CrashReceiver,
    Duplicate,
    Fault,
    LoseRequest,
    LoseResponse,
    Outage,
    Reorder,
    Replay,
    ServerError,
    SlowResponse,
    Tamper,
)

_USUAL: tuple[type[Fault], ...] = (
    LoseResponse,
    LoseRequest,
    ServerError,
    Duplicate,
    Reorder,
    SlowResponse,
    CrashReceiver,
    Outage,
)
_FOR_THE_SIGNED: tuple[type[Fault], ...] = (Tamper, Replay)


@dataclass(frozen=True, slots=True)
class Dial:
    """One dial: a number from 0 to `most`, in steps of `step`, that turns a fault.

    The fault's `setting` is `worth` times the number. `start` is where the dial stands
    at first; `unit` is "%" for a share from 0 to 1, "min" for minutes.
    """

    fault: Fault
    setting: str
    most: float
    step: float
    worth: float
    unit: str
    start: float

    @property
    def name(self) -> str:
        """The name of the fault."""
        return self.fault.name

    @property
    def says(self) -> str:
        """What the fault does: the first line of its docstring."""
        return (type(self.fault).__doc__ or "").strip().partition("\n")[0]

    def turned(self, number: float) -> Fault | None:
        """Return the fault as it is with the dial at that number; None for 0."""
        if number <= 0:
            return None
        # Sliders add up floats; nobody means a setting of 0.15000000000000002.
        setting = {self.setting: round(number * self.worth, 6)}
        return replace(self.fault, **setting)  # type: ignore[arg-type]  # a field that the fault has


def dial_for(fault: str | type[Fault] | Fault) -> Dial:
    """Make the dial of a fault, given by name, as a class or as an instance.

    By name or as a class it starts at 0. An instance brings its own settings, and the
    dial starts at its probability. Raises UnknownName and BadSetting.
    """
    template = _template(fault)
    started = isinstance(fault, Fault)
    if setting := template.length:
        minutes = getattr(template, setting) / 60 if started else 0.0
        return Dial(template, setting, 360, 5, 60, "min", min(360.0, minutes))
    start = template.probability if started else 0.0
    return Dial(template, "probability", 1.0, 0.05, 1, "%", start)


def usual_dials(*, signed: bool) -> tuple[Dial, ...]:
    """Return the dials that matter most; forgeries only where requests are signed."""
    return dials_for(_USUAL + (_FOR_THE_SIGNED if signed else ()))


def dials_for(faults: Iterable[str | type[Fault] | Fault]) -> tuple[Dial, ...]:
    """Make a dial for each fault. Raises BadSetting when one of them is there twice."""
    dials = tuple(dial_for(fault) for fault in listed("faults", faults))
    names = [dial.name for dial in dials]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadSetting(f"{', '.join(twice)} is there twice; a fault has one dial")
    return dials


def _template(fault: object) -> Fault:
    if isinstance(fault, str):
        if fault not in FAULTS:
            raise UnknownName("fault", fault, FAULTS)
        return FAULTS[fault]()
    if isinstance(fault, type) and issubclass(fault, Fault):
        return fault()
    if isinstance(fault, Fault):
        return fault
    raise BadSetting(
        f"{fault!r:.60} is not a fault; name one of labkit.faults, like LoseResponse "
        "or LoseResponse(probability=0.3)"
    )
