"""What a search over hidden sizes tries, and how it trains."""

from dataclasses import dataclass

from lowcap.errors import SettingsError

SIZES = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)


@dataclass(frozen=True)
class Settings:
    """Sizes, folds, starts and training of a search.

    Adam with small batches was chosen by measurement: L-BFGS trains a table of 500 rows as fast
    and as well, but a program for each hidden size takes it a minute to compile.
    """

    sizes: tuple[int, ...] = SIZES
    """Hidden sizes in ascending order; 0 is a linear model, the largest is the reference."""
    folds: int = 5
    repeats: int = 4
    """How often the rows are divided into folds anew."""
    seeds: int = 6
    """Networks of each size and fold, which differ in initial weights."""
    starts: int = 3
    """How many networks a user trains to keep the one of the smallest inner loss; every choice of
    so many among the seeds counts."""
    learning_rates: tuple[float, ...] = (0.005, 0.02)
    epochs: int = 200
    """At most; a network rests when its inner loss has not fallen by the fraction `min_delta` for
    `patience` epochs, and keeps the weights of its best epoch."""
    patience: int = 10
    min_delta: float = 0.003
    """Without it a few networks that still crawl keep all others waiting."""
    batch_size: int | None = None
    """Rows a step; unless given, 32 of a small table and more of a large one."""

    def __post_init__(self) -> None:
        if not self.sizes or list(self.sizes) != sorted(set(self.sizes)) or self.sizes[0] < 0:
            raise SettingsError(f"sizes {self.sizes}: give them in ascending order, from 0 on")
        for name, least in (("folds", 2), ("repeats", 1), ("seeds", 1), ("starts", 1)):
            if getattr(self, name) < least:
                raise SettingsError(f"{name} {getattr(self, name)}: must be at least {least}")
        if self.starts > self.seeds:
            raise SettingsError(f"starts {self.starts}: more than the {self.seeds} seeds")
        if not self.learning_rates:
            raise SettingsError("give at least one learning rate")

    def batch(self, rows: int) -> int:
        """Rows a step for so many training rows."""
        if self.batch_size is not None:
            return self.batch_size
        return next((size for most, size in _BATCHES if rows <= most), 256)


_BATCHES = ((1000, 32), (4000, 64), (16000, 128))
"""Up to how many training rows a batch holds how many."""
