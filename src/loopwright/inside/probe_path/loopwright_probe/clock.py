"""Lets a control run live on another day: what Python code reads as now is shifted, for this process only."""

from __future__ import annotations

import datetime
import time
from datetime import date as plain_date
from datetime import datetime as plain_datetime
from typing import Any

_UTC = datetime.timezone(datetime.timedelta(0))

_shifted = False


def shift(seconds: float) -> None:
    """Shift the clock of `time` and `datetime` by seconds, once a process; monotonic clocks are not touched."""
    global _shifted
    if not seconds or _shifted:
        return
    _shifted = True
    _shift_time(seconds)
    _shift_datetime(seconds)


def _shift_time(seconds: float) -> None:
    now, now_ns, local, utc = time.time, time.time_ns, time.localtime, time.gmtime
    form, text = time.strftime, time.asctime
    setattr(time, "time", lambda: now() + seconds)  # noqa: B010 - a plain assignment is a type error
    setattr(time, "time_ns", lambda: now_ns() + int(seconds * 1e9))  # noqa: B010
    setattr(time, "localtime", lambda at=None: local(now() + seconds if at is None else at))  # noqa: B010
    setattr(time, "gmtime", lambda at=None: utc(now() + seconds if at is None else at))  # noqa: B010
    setattr(time, "ctime", lambda at=None: text(local(now() + seconds if at is None else at)))  # noqa: B010
    setattr(time, "strftime", lambda f, t=None: form(f, local(now() + seconds) if t is None else t))  # noqa: B010


class _Kind(type):
    """Makes isinstance and issubclass of a stand-in answer for the class it stands for."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__bases__[0])

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.__bases__[0])


def _shift_datetime(seconds: float) -> None:
    by = datetime.timedelta(seconds=seconds)

    class Datetime(plain_datetime, metaclass=_Kind):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return plain_datetime.now(tz) + by

        @classmethod
        def utcnow(cls) -> Any:
            return plain_datetime.now(_UTC).replace(tzinfo=None) + by

        @classmethod
        def today(cls) -> Any:
            return plain_datetime.now() + by

    class Date(plain_date, metaclass=_Kind):
        @classmethod
        def today(cls) -> Any:
            return (plain_datetime.now() + by).date()

    for stand_in, name in ((Datetime, "datetime"), (Date, "date")):
        stand_in.__name__ = stand_in.__qualname__ = name
        stand_in.__module__ = "datetime"
        setattr(datetime, name, stand_in)
