"""The working directory is not a password, although its variable's name ends like one."""

from __future__ import annotations

from loopwright.store.redact import Redactor


def test_the_working_directory_is_written_as_it_is() -> None:
    redactor = Redactor({"PWD": "/home/ada/shop", "OLDPWD": "/home/ada", "DB_PWD": "hunter2hunter2"})
    assert redactor.text("in /home/ada/shop") == "in /home/ada/shop"
    assert "hunter2" not in redactor.text("with hunter2hunter2")
