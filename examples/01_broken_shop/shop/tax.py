"""Tax by country and category."""

from shop.money import percent_of, round_half_up

STANDARD = {"AT": 20, "DE": 19, "FR": 20, "IE": 23, "NL": 21}
REDUCED = {"AT": 10, "DE": 7, "FR": 5, "IE": 9, "NL": 9}
REDUCED_CATEGORIES = frozenset({"books", "food"})


class UnknownCountry(LookupError):
    """The shop does not deliver to this country."""


def rate(country: str, category: str = "general") -> int:
    """Return the rate in percent."""
    table = REDUCED if category in REDUCED_CATEGORIES else STANDARD
    try:
        return table[country.upper()]
    except KeyError:
        raise UnknownCountry(country) from None


def tax_on(net: int, country: str, category: str = "general") -> int:
    """Return the tax to be added to a net amount, in cents."""
    return percent_of(net, rate(country, category))


def tax_within(gross: int, country: str, category: str = "general") -> int:
    """Return the tax that a gross amount holds, in cents."""
    percent = rate(country, category)
    return round_half_up(gross * percent, 100 + percent)
