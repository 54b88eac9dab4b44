"""Tables as Parquet hold what their CSV holds."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cxr_desktop.cohort.evaluation import evaluate
from cxr_desktop.cohort.parquet import parquet_beside
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.domain.errors import ExportError


@pytest.fixture
def plan(plan: EvaluationPlan) -> EvaluationPlan:
    return replace(plan, methods=("gradcam",), units=0, examples=0, parquet=True)


def test_every_table_stands_there_twice(plan: EvaluationPlan) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    result = evaluate(plan)
    tables = [path for path in plan.out.iterdir() if path.suffix == ".csv"]
    assert {path.stem for path in result.files if path.suffix == ".parquet"} == {path.stem for path in tables}
    for table in tables:
        with table.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        found = parquet.read_table(table.with_suffix(".parquet")).to_pylist()
        assert len(found) == len(rows), table.name
        for row, other in zip(rows, found, strict=True):
            assert list(row) == list(other)
            for name, text in row.items():
                value = other[name]
                same = (
                    value is None if not text else value == (text if isinstance(value, str) else float(text))
                )
                assert same, (table.name, name, text, value)


def test_the_same_tables_give_the_same_bytes(plan: EvaluationPlan) -> None:
    pytest.importorskip("pyarrow")
    evaluate(plan)
    tables = sorted(plan.out.glob("*.csv"))
    first = [path.read_bytes() for path in sorted(plan.out.glob("*.parquet"))]
    assert [path.read_bytes() for path in parquet_beside(tables)] == first


def test_names_that_look_like_numbers_stay_text(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = tmp_path / "per_image.csv"
    table.write_text("image,method,iou,dice\n0001,gradcam,0.5,\n0002,rap,1,\n")
    (written,) = parquet_beside([table, tmp_path / "summary.html"])
    found = parquet.read_table(written)
    assert found.to_pydict() == {
        "image": ["0001", "0002"],
        "method": ["gradcam", "rap"],
        "iou": [0.5, 1.0],
        "dice": [None, None],
    }
    assert str(found.schema.field("dice").type) == "double"


def test_without_pyarrow_it_is_told_before_the_work(
    plan: EvaluationPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ExportError, match=r"cxr-desktop\[parquet\]"):
        evaluate(plan)
    assert not (plan.out / "cache").exists()
