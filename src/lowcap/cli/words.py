"""What the command line says when something is wrong."""

from rich.console import Console
from rich.markup import escape


def complain(message: str) -> None:
    """Print one line on the error stream."""
    Console(stderr=True, soft_wrap=True).print(
        f"[red]lowcap:[/red] {escape(message)}", highlight=False
    )
