"""The type checker that watches every call into lowcap during the tests: shapes and types."""

from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))  # an int is a fine float
