"""Answers while an index is published: by the newest, without a pause."""

from __future__ import annotations

import threading
from pathlib import Path

from sealscrub.filters import LiveIndex

from ..index.custodian import Custodian


def test_an_answer_is_by_what_was_published_before_it_begins(tmp_path: Path) -> None:
    custodian, path = Custodian(tmp_path), tmp_path / "live.sealindex"
    custodian.publish(path, epoch=1)
    live = LiveIndex(path, custodian.key_file)
    published, stop, wrong = [1], threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            least = published[-1]
            try:
                epoch = live.current().epoch
            except Exception as error:  # a thread that ends with an error would show nothing
                epoch = repr(error)
            if not isinstance(epoch, int) or epoch < least:
                wrong.append((epoch, least))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for each in threads:
        each.start()
    for epoch in range(2, 150):
        custodian.publish(path, epoch=epoch)
        published.append(epoch)
    stop.set()
    for each in threads:
        each.join()
    assert wrong == []
