"""`labkit …` in a terminal: it parses and prints, and decides nothing."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from labkit.errors import LabError


class Commands(click.Group):
    """A group whose commands show the kit's own errors as one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a LabError becomes a message and exit status 1."""
        try:
            return super().invoke(ctx)
        except LabError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands)
@click.version_option(package_name="labkit")
def main() -> None:
    """Learn webhooks by running them."""


@main.command()
@click.option("--seed", default=4, show_default=True, help="Settles all chance.")
def demo(seed: int) -> None:
    """Watch a naive receiver meet a faulty wire."""
    from labkit.demo import tell

    for part in tell(seed):
        click.echo(part)


@main.group()
def dev() -> None:
    """Commands for those who build the labs; run them in the project's folder."""


def _root(function: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--root",
        type=click.Path(file_okay=False, exists=True, path_type=Path),
        default=Path(),
        show_default="this folder",
        help="The project's folder.",
    )(function)


@dev.command()
@_root
@click.option("--check", is_flag=True, help="Write nothing; fail if one is stale.")
@click.option("--only", default="", help="Labs whose name starts with this.")
def build(root: Path, check: bool, only: str) -> None:
    """Make the notebooks from solutions/*.py."""
    from labkit import authoring

    if check:
        authoring.check_built(root, only=only)
        click.echo("every notebook is what its source gives")
        return
    for path in authoring.build(root, only=only):
        click.echo(f"wrote {path}")


@dev.command("check")
@_root
@click.option("--only", default="", help="Exercises whose id starts with this.")
def check_content(root: Path, only: str) -> None:
    """Prove every exercise: stub, solution, wrong and right answers, hints."""
    from labkit import content

    count = 0
    for complaint in content.complaints(root, only=only):
        count += 1
        click.echo(f"- {complaint}\n", err=True)
    click.echo(f"{count} complaints" if count else "every exercise holds")
    sys.exit(1 if count else 0)
