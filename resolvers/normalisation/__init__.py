"""Bring what sources write to one form: idempotent functions that give `None` for what says nothing."""

from resolvers.normalisation.accounts import account
from resolvers.normalisation.addresses import Address, AddressKey, address
from resolvers.normalisation.emails import email
from resolvers.normalisation.phones import phone
from resolvers.normalisation.vehicles import vehicle

__all__ = ["Address", "AddressKey", "account", "address", "email", "phone", "vehicle"]
