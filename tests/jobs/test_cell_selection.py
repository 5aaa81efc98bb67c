from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from jobs.launch.selection import (
    CellSelection,
    MatrixAxes,
    format_outfits,
    only,
    parse_ids,
    parse_outfits,
    tops_with_bottoms,
)

AXES = MatrixAxes([1, 2], [(7,), (8, 9)])


def posted(**fields: Any) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def test_it_works() -> None:
    ticks = CellSelection.read(posted(ticks="1002"), AXES)
    assert ticks.wanted == "1002"
    assert ticks.moved(MatrixAxes([2, 3], [(8, 9), (7,)])).wanted == "2011"


@pytest.mark.parametrize("text", ["", "1", "11111", "11x1", "🙂111"])
def test_ticks_of_other_cells_say_nothing(text: str) -> None:
    assert CellSelection.read(posted(ticks=text), AXES).wanted == "1111"


def test_boxes_tell_only_of_what_could_be_ticked() -> None:
    data = posted(ticks="0110", by="boxes", shown="omno", cell=["0", "1", "9", "x"])
    # New and ticked; made and ticked: again; refused: as it was; new and not ticked.
    assert CellSelection.read(data, AXES).wanted == "1210"


def test_heads_tell_of_rows_and_columns() -> None:
    data = posted(ticks="0121", by="heads", row=["1"], col=["0"])
    assert CellSelection.read(data, AXES).wanted == "0020"
    assert CellSelection(AXES, "0020").heads() == ([False, True], [True, False])


def test_empty_rows_and_columns_are_left_out() -> None:
    assert CellSelection(AXES, "0010").tidied() == MatrixAxes([2], [(7,)])


def test_only_some_cells_are_wanted() -> None:
    assert only(AXES, [(1, (8, 9)), (2, (7,))]).wanted == "0110"


def test_more_cells_than_a_page_holds_are_no_cells() -> None:
    many = MatrixAxes(list(range(100_000)), [(n,) for n in range(100_000)])
    assert CellSelection.read(posted(), many).wanted == ""


def test_ids_and_outfits_survive_the_address() -> None:
    assert parse_ids(["1,2", " 3 ", "2", "x", "-1", "", "9" * 30, "²"]) == [1, 2, 3]
    assert parse_outfits(format_outfits([(1, 2), (3,)])) == [(1, 2), (3,)]
    assert parse_outfits("1+x,,+,4,4,5+6") == [(4,), (5, 6)]


def test_pairs_leave_alone_what_has_nothing_to_go_with() -> None:
    assert tops_with_bottoms({1: "top", 2: "bottom", 3: "bottom", 4: "dress"}) == [
        (1, 2),
        (1, 3),
        (4,),
    ]
    assert tops_with_bottoms({1: "top", 4: "dress"}) == [(1,), (4,)]
