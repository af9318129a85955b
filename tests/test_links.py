"""The links that an instructor hands out: one a lab, for each place."""

import urllib.parse
from pathlib import Path

import pytest
from click.testing import CliRunner

import labkit
from labkit.build.links import Links, links
from labkit.cli import main
from labkit.errors import BadSetting

REPOSITORY = Path(__file__).parent.parent
LABS = sorted(path.stem for path in (REPOSITORY / "notebooks").glob("*.ipynb"))


def first(repository: str = "ada/webhook-lab", **places: str) -> Links:
    return next(links(repository, REPOSITORY, **places))


def query_of(url: str) -> dict[str, str]:
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def test_each_lab_has_its_links_in_order() -> None:
    made = list(links("ada/webhook-lab", REPOSITORY))
    assert [one.lab for one in made] == LABS
    for one in made:
        places = (one.binder, one.hub, one.site, one.colab, one.kaggle)
        assert all(one.lab in url for url in places)


def test_colab_and_kaggle_open_the_notebook_that_installs_the_kit() -> None:
    made = first(ref="v0.2.0")
    place = "ada/webhook-lab/blob/v0.2.0/.github/hosted/00_start_here.ipynb"
    assert made.colab == f"https://colab.research.google.com/github/{place}"
    begin, _, source = made.kaggle.partition("?src=")
    assert begin == "https://kaggle.com/kernels/welcome"
    assert urllib.parse.unquote(source) == f"https://github.com/{place}"
    assert (REPOSITORY / place.partition("v0.2.0/")[2]).exists()


def test_a_binder_opens_the_lab_beside_the_inspector() -> None:
    assert first().binder == (
        "https://mybinder.org/v2/gh/ada/webhook-lab/HEAD"
        "?urlpath=labkit%2Fbeside%2Fnotebooks%2F00_start_here.ipynb"
    )


def test_a_hub_fetches_the_repository_and_opens_the_lab_in_its_folder() -> None:
    url = first(hub="https://hub.example.org/class/").hub
    begin, _, _ = url.partition("?")
    assert begin == "https://hub.example.org/class/hub/user-redirect/git-pull"
    assert query_of(url) == {
        "repo": "https://github.com/ada/webhook-lab",
        "urlpath": "labkit/beside/webhook-lab/notebooks/00_start_here.ipynb",
    }


def test_the_site_opens_the_notebook_alone() -> None:
    assert first("Ada/Webhook.Lab").site == (
        "https://ada.github.io/Webhook.Lab/lab/index.html?path=notebooks/00_start_here.ipynb"
    )
    assert first(site="http://127.0.0.1:8000/").site == (
        "http://127.0.0.1:8000/lab/index.html?path=notebooks/00_start_here.ipynb"
    )


def test_a_branch_is_named_to_binder_and_hub_with_its_slash_encoded() -> None:
    made = first(ref="autumn/2026 ü&x=1")
    path = urllib.parse.urlsplit(made.binder).path
    assert path == "/v2/gh/ada/webhook-lab/autumn%2F2026%20%C3%BC%26x%3D1"
    assert query_of(made.hub)["branch"] == "autumn/2026 ü&x=1"


def test_a_notebooks_name_is_encoded_once_for_the_path_and_once_for_the_query(
    tmp_path: Path,
) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "99 a&b ü?.ipynb").touch()
    (made,) = links("ada/lab", tmp_path)
    for url in (made.binder, made.hub):
        opened = urllib.parse.unquote(query_of(url)["urlpath"])
        assert opened.endswith("notebooks/99 a&b ü?.ipynb")
        assert "%3F" in query_of(url)["urlpath"]
    assert query_of(made.site) == {"path": "notebooks/99 a&b ü?.ipynb"}


@pytest.mark.parametrize(
    "repository",
    [
        *("ada", "", "/", "ada/", "/lab", "ada/lab/x", "ada lab/x", "-ada/lab"),
        *("ada/..", "https://github.com/ada/lab", "ada/lab?x=1", "ada/läb", "a/b\n"),
    ],
)
def test_what_is_no_owner_and_repository_is_refused_with_the_remedy(
    repository: str,
) -> None:
    with pytest.raises(BadSetting, match="write OWNER/REPO, as in ada/webhook-lab"):
        first(repository)


@pytest.mark.parametrize("place", ["binder", "hub", "site"])
@pytest.mark.parametrize("url", ["hub.example.org", "ftp://x", "http://", "http://a b"])
def test_what_is_no_address_is_refused_by_its_option(place: str, url: str) -> None:
    with pytest.raises(BadSetting, match=f"^--{place} .* write one like https://"):
        first(**{place: url})


def test_a_folder_without_labs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="name it with --root"):
        next(links("ada/lab", tmp_path))


def test_the_command_prints_every_lab_with_its_three_links() -> None:
    result = CliRunner().invoke(
        main,
        [
            *("dev", "links", "ada/lab", "--root", str(REPOSITORY)),
            *("--hub", "https://hub.example.org"),
        ],
    )
    assert result.exit_code == 0
    made = list(links("ada/lab", REPOSITORY, hub="https://hub.example.org"))
    for one in made:
        assert {one.lab, one.binder, one.hub, one.site} <= set(result.output.split())


def test_the_command_says_in_one_sentence_what_is_wrong() -> None:
    result = CliRunner().invoke(main, ["dev", "links", "ada"])
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "'ada' names no repository on GitHub" in result.output


def test_the_first_link_and_the_help_lead_to_the_api_reference() -> None:
    words = ["dev", "links", "ada/webhook-lab", "--root", str(REPOSITORY)]
    printed = CliRunner().invoke(main, words).output
    address = "https://ada.github.io/webhook-lab/api/"
    assert printed.split()[:4] == ["API", "reference", "site", address]
    told = " ".join(CliRunner().invoke(main, ["--help"]).output.split())
    assert "API reference" in told
    assert "labkit dev links OWNER/REPO" in told
    assert "API reference" in (labkit.__doc__ or "")
