"""Run receivers in Python: python -m tests.receivers.serve NAME PORT FOLDER …"""

import importlib
import sys
import threading
from pathlib import Path

from tests.receivers.catalogue import by_name


def serve(name: str, port: str, folder: str) -> None:
    receiver = by_name(name)
    module, _, kind = receiver.shop.partition(":")
    shop = getattr(importlib.import_module(f"tests.receivers.{module}"), kind)
    way = importlib.import_module(f"tests.receivers.{receiver.way}_app")
    way.serve(shop(Path(folder)), int(port))


def main(arguments: list[str]) -> None:
    threads = [
        threading.Thread(target=serve, args=arguments[start : start + 3])
        for start in range(0, len(arguments), 3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1:])
