"""JavaScript and TypeScript: their tree, and what Node's, browsers' and packages' calls do."""
