"""Programs and commands to judge: dangerous ones after published incidents, ordinary ones as people write them."""
