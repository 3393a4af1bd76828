"""What can go wrong outside the code: a file that is no image, a format that cannot hold the result.

Misuse of the API (a wrong type, a number out of range) raises `TypeError` or `ValueError` instead.
"""


class HueclidError(Exception):
    """Base of every error that a user can mend without changing code; its text says what to do."""


class ReadError(HueclidError):
    """An input could not be read as an image."""


class WriteError(HueclidError):
    """A result could not be written, or the format cannot hold it."""


class TargetError(HueclidError):
    """A result can't be as near to its image as was asked for, with the colors allowed."""
