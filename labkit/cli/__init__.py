"""`labkit …` in a terminal: it parses and prints, and decides nothing."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from labkit.build.links import BINDER, HEAD, HUB
from labkit.cli.console import stand_missing_signs
from labkit.cli.examining import examine
from labkit.cli.examining_sender import examine_sender
from labkit.cli.faking import faketime
from labkit.cli.receiving import receive, verify
from labkit.cli.sending import replay, send
from labkit.errors import LabError


class Commands(click.Group):
    """A group whose commands show the kit's own errors as one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a LabError becomes a message and exit status 1."""
        try:
            return super().invoke(ctx)
        except LabError as error:
            raise click.ClickException(str(error)) from error


_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group(
    cls=Commands,
    epilog="The API reference of the Python package is at api/ on the project's site; "
    "`labkit dev links OWNER/REPO` prints the address.",
)
@click.version_option(package_name="webhook-lab")
def main() -> None:
    """Learn webhooks by running them."""
    stand_missing_signs()


@main.command()
@click.option(
    "--seed",
    default=4,
    show_default=True,
    help="Seed for all random choices; the same seed gives the same run.",
)
def demo(seed: int) -> None:
    """Run a complete example.

    It has a simple receiver and an unreliable network.
    """
    from labkit.demo import tell

    for part in tell(seed):
        click.echo(part)


main.add_command(send)
main.add_command(receive)
main.add_command(verify)
main.add_command(replay)
main.add_command(examine)
main.add_command(examine_sender)
main.add_command(faketime)


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--html", type=_FILE, help="Write the report as a page.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def report(folder: Path, html: Path | None, as_json: bool) -> None:
    """Show how a class is doing, from files in FOLDER.

    \b
    labkit report handed-in --html class.html

    A learner makes such a file with progress("Ada") in any notebook. The report shows
    each learner's progress, the most frequent mistakes, and how long each exercise
    took.
    """  # noqa: D301 - click takes \b for "leave these lines as they are"
    import json

    from labkit import classroom

    found = classroom.gather(folder)
    if html:
        classroom.write_page(found, html)
    if as_json:
        click.echo(json.dumps(classroom.to_json(found), indent=1))
    else:
        click.echo(classroom.to_text(found))


@main.group()
def dev() -> None:
    """Build, check and publish the labs.

    Run these commands in the project's folder.
    """


def _root(function: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--root",
        type=click.Path(file_okay=False, exists=True, path_type=Path),
        default=Path(),
        show_default="this folder",
        help="Folder of the project.",
    )(function)


@dev.command()
@_root
@click.option(
    "--check", is_flag=True, help="Write nothing; fail if a notebook is not up to date."
)
@click.option("--only", default="", help="Only labs whose name starts with this text.")
def build(root: Path, check: bool, only: str) -> None:
    """Make the notebooks from solutions/*.py."""
    from labkit.build import notebooks as authoring

    if check:
        authoring.check_built(root, only=only)
        click.echo("every notebook is what its source gives")
        return
    for path in authoring.build(root, only=only):
        click.echo(f"wrote {path}")


@dev.command()
@_root
def references(root: Path) -> None:
    """Copy the solution cells to where the checks find them."""
    from labkit.build import notebooks as authoring

    for path in authoring.build_references(root):
        click.echo(f"wrote {path}")


@dev.command("nbgrader")
@_root
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--only", default="", help="Only labs whose name starts with this text.")
def nbgrader_course(root: Path, folder: Path, only: str) -> None:
    """Make an nbgrader course.

    It has one assignment per lab and one point per exercise.
    """
    from labkit.build import grading

    for path in grading.write_course(root, folder, only=only):
        click.echo(f"wrote {path}")


@dev.command("check")
@_root
@click.argument("exercise", default="")
def check_content(root: Path, exercise: str) -> None:
    """Check exercises against their stored solutions.

    The stub, the solution, the wrong and the correct solutions and the hints are
    checked. EXERCISE is an exercise's id or the start of one; without it, all are
    checked.
    """
    from labkit.build import content

    count = 0
    for complaint in content.complaints(root, only=exercise):
        count += 1
        click.echo(f"- {complaint}\n", err=True)
    click.echo(f"{count} complaints" if count else "every exercise is correct")
    sys.exit(1 if count else 0)


@dev.command("mutants")
@_root
@click.argument("exercise", default="")
def mutants_table(root: Path, exercise: str) -> None:
    """Try mutants of the correct solutions; list those that pass.

    EXERCISE is an exercise's id or the start of one; without it, all are tried.
    """
    from labkit.build import mutants
    from labkit.exercises import EXERCISES

    failed = False
    for each in EXERCISES.values():
        if each.judge and each.id.startswith(exercise):
            found = mutants.score(root, each)
            failed |= not found.holds
            click.echo(str(found))
    sys.exit(1 if failed else 0)


@dev.command("bench")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.option(
    "--quick", is_flag=True, help="Do only a tenth of the work, for a first impression."
)
def bench_table(as_json: bool, quick: bool) -> None:
    """Measure the kit's speed.

    The table shows the engine, and what people wait for: an import, a check, an
    examination and the first page.

    The exit status is 1 if a figure does not reach its bound.
    """
    from labkit.build import bench as measuring

    rows = measuring.measure(scale=0.1 if quick else 1.0, tell=_tell_on_stderr)
    click.echo(measuring.as_json(rows) if as_json else measuring.as_text(rows))
    sys.exit(0 if all(row.reached for row in rows) else 1)


@dev.command("links")
@_root
@click.argument("repository", metavar="OWNER/REPO")
@click.option("--ref", default=HEAD, show_default=True, help="Branch, tag or commit.")
@click.option(
    "--binder", default=BINDER, show_default=True, help="Address of the BinderHub."
)
@click.option(
    "--hub",
    default=HUB,
    show_default=True,
    help="Address of a JupyterHub with nbgitpuller.",
)
@click.option(
    "--site", default="", show_default="GitHub Pages", help="Address of the site."
)
def print_links(repository: str, root: Path, **places: str) -> None:
    """Print links to each lab.

    They are for Binder, a hub, the site, Colab and Kaggle.

    The first link leads to the API reference, which is at api/ on the site.

    On Binder and on a hub, the lab opens with the inspector beside it.
    """
    from labkit.build.links import links, site_of

    reference = f"{site_of(repository, places['site'])}/api/"
    click.echo(f"API reference\n  site    {reference}\n")
    for lab in links(repository, root, **places):
        click.echo(f"{lab.lab}\n  Binder  {lab.binder}\n  hub     {lab.hub}")
        click.echo(f"  site    {lab.site}\n  Colab   {lab.colab}")
        click.echo(f"  Kaggle  {lab.kaggle}\n")


def _tell_on_stderr(what: str) -> None:
    click.echo(what, err=True)
