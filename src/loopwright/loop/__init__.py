"""The verbs: run, dispatch, verify, intake, plan. Knows only core."""
