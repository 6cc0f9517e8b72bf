"""Diagnoses of failures and the lessons kept from them."""
