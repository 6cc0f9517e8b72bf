"""What only a running application or a run of its tests shows: `check` is the whole, `judge` reads what was seen."""
