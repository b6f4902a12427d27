"""The errors a user can cause and mend; the command line shows them as one line."""


class LowcapError(Exception):
    """Something is wrong with the input or the machine; the message says what to do about it."""


class DataError(LowcapError):
    """A data set is missing, damaged, or does not hold what a task asks for."""


class SettingsError(LowcapError):
    """A setting is impossible: an unknown name, an empty grid, a value out of range."""


class RunError(LowcapError):
    """A run could not be written, read back, or finished."""
