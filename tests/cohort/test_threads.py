from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cxr_desktop.classifiers import Classifier, load_model
from cxr_desktop.cohort import crew, threads
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.cohort.threads import pin_threads, threads_each


@pytest.fixture(autouse=True)
def _threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@given(st.integers(1, 64), st.integers(1, 256), st.one_of(st.none(), st.integers(0, 512)))
def test_processes_never_ask_for_more_than_there_is(
    processes: int, available: int, asked: int | None
) -> None:
    each = threads_each(processes, available, {} if asked is None else {"OMP_NUM_THREADS": str(asked)})
    assert each >= 1
    assert processes * each <= max(available, processes)
    if asked:
        assert each <= asked


@pytest.mark.parametrize(
    ("processes", "available", "asked", "expected"),
    [
        (1, 8, "", 8),
        (2, 8, "", 4),
        (3, 8, "", 2),
        (16, 8, "", 1),
        (2, 8, "1", 1),
        (2, 8, "3", 3),
        (2, 8, "6", 4),
        (2, 8, "2,4", 2),
        (2, 8, "many", 4),
        (2, 8, "0", 1),
    ],
)
def test_the_users_wish_counts_up_to_an_even_share(
    processes: int, available: int, asked: str, expected: int
) -> None:
    assert threads_each(processes, available, {"OMP_NUM_THREADS": asked}) == expected


def test_a_process_keeps_to_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 6)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert pin_threads(2) == torch.get_num_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert pin_threads(2) == torch.get_num_threads() == 2


def _threads_of_worker() -> int:
    return torch.get_num_threads()


def _load(name: str, device: str) -> Classifier:
    return load_model(name, device)


def test_worker_processes_are_pinned(
    data_set: Path, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    plan = EvaluationPlan(
        data_set / "index.csv", data_set / "images", data_set / "boxes.csv", tmp_path, str(package)
    )
    with crew._pool(plan, 1, _load) as pool:
        assert pool.submit(_threads_of_worker).result() == 1
    assert os.environ["OMP_NUM_THREADS"] == "1"
