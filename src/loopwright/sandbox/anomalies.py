"""Behaviour that no ordinary command shows, told from samples of what a command uses."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from loopwright.core.oversight import Anomaly, Kind, Sample, Thresholds


@dataclass
class Anomalies:
    """Judges the samples of one command. A rate counts where it lasts as long as the thresholds say."""

    thresholds: Thresholds
    _seen: deque[tuple[Sample, int]] = field(default_factory=deque)  # with the processes started so far

    def judge(self, sample: Sample, started: int) -> Anomaly | None:
        """The anomaly, once there is one. `started`: processes since the command began."""
        limits, seen = self.thresholds, self._seen
        if limits.denied is not None and sample.denied > limits.denied:
            return Anomaly("denied requests", f"more than {limits.denied} denied requests to the network")
        seen.append((sample, started))
        while len(seen) > 1 and sample.seconds - seen[1][0].seconds >= limits.seconds:
            seen.popleft()
        first, before = seen[0]
        span = sample.seconds - first.seconds
        if span < limits.seconds:
            return None
        rates: dict[Kind, tuple[float, float | None, str]] = {
            "process storm": ((started - before) / span, limits.forks, "processes started"),
            "files made": ((sample.inodes - first.inodes) / span, limits.files_made, "files made or removed"),
            "files deleted": ((first.inodes - sample.inodes) / span, limits.files_deleted, "files deleted"),
            "disk flood": ((sample.disk - first.disk) / span, limits.disk, "bytes written"),
            "output flood": ((sample.output - first.output) / span, limits.output, "bytes printed"),
        }
        for kind, (rate, most, what) in rates.items():
            if most is not None and rate > most:
                return Anomaly(kind, f"{rate:.0f} {what} a second, more than {most:g}")
        return None
