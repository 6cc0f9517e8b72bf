"""What went wrong, as a status and a key of the locale files."""


class Problem(Exception):
    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status, self.key = status, key
