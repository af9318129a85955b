"""`webhook-lab`: write the labs into a folder and open them in JupyterLab."""

from pathlib import Path

import click

from labkit.cli.console import stand_missing_signs
from labkit.errors import LabError
from labkit.workspace import FOLDER, open_labs, packaged_labs, write_labs


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path(FOLDER))
@click.option(
    "--without-solutions", is_flag=True, help="Leave out the explained solutions."
)
@click.option("--port", default=8888, show_default=True, help="Port of JupyterLab.")
@click.option(
    "--no-browser", is_flag=True, help="Print the address and do not open a browser."
)
@click.option(
    "--in-place",
    is_flag=True,
    help="Write nothing; open the labs that are already in FOLDER.",
)
@click.option("--write-only", is_flag=True, help="Write the labs and open nothing.")
@click.version_option(package_name="webhook-lab")
def start(
    folder: Path,
    *,
    without_solutions: bool,
    port: int,
    no_browser: bool,
    in_place: bool,
    write_only: bool,
) -> None:
    """Write the labs into FOLDER and open the first one in JupyterLab.

    Files that you have changed are kept. Labs of a newer version are written next to
    them.
    """
    stand_missing_signs()
    try:
        if not in_place:
            labs = packaged_labs(solutions=not without_solutions)
            click.echo(str(write_labs(folder, labs)))
        if not write_only:
            click.echo("Starting JupyterLab. Stop it with Ctrl+C.")
            open_labs(folder, port=port, browser=not no_browser)
    except LabError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    start(prog_name="webhook-lab")
