"""One link per lab: to open it on Binder, a hub, the site, Colab or Kaggle."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from labkit.errors import BadSetting

BINDER = "https://mybinder.org"
HUB = "http://127.0.0.1:8000"
HEAD = "HEAD"

_NAME = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)/([A-Za-z0-9._-]+)")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._:\[\]-]*[A-Za-z0-9\]](/[^\s?#]*)?")
_BESIDE = "labkit/beside"

HOSTED = ".github/hosted"
"""Where the notebooks for Colab and Kaggle are, below the project's folder."""


@dataclass(frozen=True, slots=True)
class Links:
    """The links to one lab; each opens it with one click."""

    lab: str
    binder: str
    hub: str
    site: str
    colab: str
    kaggle: str


def links(
    repository: str,
    root: Path,
    *,
    ref: str = HEAD,
    binder: str = BINDER,
    hub: str = HUB,
    site: str = "",
) -> Iterator[Links]:
    """Yield the links to each lab in `root`/notebooks of a repository on GitHub.

    `repository` is OWNER/REPO and `ref` a branch, a tag or a commit of it. The others
    are the addresses of a BinderHub, a JupyterHub with nbgitpuller, and the site; the
    last one is by default where GitHub Pages serves the repository.

    Raises BadSetting for what is not of that form, and where there is no notebook.
    """
    owner, name = _parts_of(repository)
    binder, hub = _address("--binder", binder), _address("--hub", hub)
    site = site_of(repository, site)
    labs = sorted(path.name for path in (root / "notebooks").glob("*.ipynb"))
    if not labs:
        raise BadSetting(
            f"there is no notebook in {root / 'notebooks'}; "
            "run this in the project's folder, or name it with --root"
        )
    for lab in labs:
        yield Links(
            lab.removesuffix(".ipynb"),
            binder=_at_binder(binder, f"{owner}/{name}", ref, lab),
            hub=_at_hub(hub, f"{owner}/{name}", ref, lab),
            site=f"{site}/lab/index.html?path=notebooks/{quote(lab)}",
            colab=_at_colab(f"{owner}/{name}", ref, lab),
            kaggle=_at_kaggle(f"{owner}/{name}", ref, lab),
        )


def site_of(repository: str, site: str = "") -> str:
    """Return the address of the site, by default where GitHub Pages serves it.

    The site has the API reference at `api/`. Raises BadSetting, as `links` does.
    """
    owner, name = _parts_of(repository)
    return _address("--site", site or f"https://{owner.lower()}.github.io/{name}")


def _at_binder(binder: str, repository: str, ref: str, lab: str) -> str:
    # A Binder serves the repository itself.
    opened = f"{_BESIDE}/notebooks/{quote(lab)}"
    return f"{binder}/v2/gh/{repository}/{quote(ref, safe='')}?{_query(urlpath=opened)}"


def _at_hub(hub: str, repository: str, ref: str, lab: str) -> str:
    # nbgitpuller fetches it into a folder of its name.
    folder = repository.partition("/")[2]
    fetched = {"repo": f"https://github.com/{repository}"}
    if ref != HEAD:
        fetched["branch"] = ref
    opened = f"{_BESIDE}/{folder}/notebooks/{quote(lab)}"
    return f"{hub}/hub/user-redirect/git-pull?{_query(**fetched, urlpath=opened)}"


def _at_colab(repository: str, ref: str, lab: str) -> str:
    # Colab and Kaggle open a variant whose first cell installs the kit.
    place = f"{repository}/blob/{quote(ref, safe='')}/{HOSTED}/{quote(lab)}"
    return f"https://colab.research.google.com/github/{place}"


def _at_kaggle(repository: str, ref: str, lab: str) -> str:
    place = f"{repository}/blob/{quote(ref, safe='')}/{HOSTED}/{quote(lab)}"
    source = quote(f"https://github.com/{place}", safe="")
    return f"https://kaggle.com/kernels/welcome?src={source}"


def _query(**values: str) -> str:
    return urlencode(values, quote_via=quote, safe="")


def _parts_of(repository: str) -> tuple[str, str]:
    found = _NAME.fullmatch(repository)
    if found is None or found[2] in (".", ".."):
        raise BadSetting(
            f"{repository!r} names no repository on GitHub; "
            "write OWNER/REPO, as in ada/webhook-lab"
        )
    return found[1], found[2].removesuffix(".git")


def _address(option: str, url: str) -> str:
    if not _ADDRESS.fullmatch(url):
        raise BadSetting(
            f"{option} {url!r} is no address of a web site; "
            "write one like https://hub.example.org"
        )
    return url.rstrip("/")
