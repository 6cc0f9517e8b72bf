"""Rules of instruction files, judged on a change: one file a kind of rule.

`check` gives one verdict a directive, `judges` says which function judges which kind, `delta` is the change as they see
it. What starts with `syntax` reads code; `boundaries`, `layered` and the two linters of imports find chains;
`tools`, `project_tool` and `by_tool` ask programs.
"""
