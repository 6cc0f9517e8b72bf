"""Customers sign up."""

import bcrypt

from shop.config import settings
from shop.repositories import customers
from shop.services.problem import Problem


def sign_up(name: str, email: str, password: str) -> dict[str, str]:
    if customers.has_email(email):
        raise Problem(409, "taken")
    salt = bcrypt.gensalt(settings.BCRYPT_COST)
    password_hash = bcrypt.hashpw(password.encode(), salt).decode()
    return customers.add(name, email, password_hash)
