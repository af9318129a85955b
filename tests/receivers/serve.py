"""Run one receiver in Python: python -m tests.receivers.serve NAME PORT FOLDER."""

import importlib
import sys
from pathlib import Path

from tests.receivers.catalogue import by_name


def main(name: str, port: str, folder: str) -> None:
    receiver = by_name(name)
    module, _, kind = receiver.shop.partition(":")
    shop = getattr(importlib.import_module(f"tests.receivers.{module}"), kind)
    way = importlib.import_module(f"tests.receivers.{receiver.way}_app")
    way.serve(shop(Path(folder)), int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
