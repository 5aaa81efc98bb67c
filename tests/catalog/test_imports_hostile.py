"""What people and their programs do to ZIPs and tables, by mistake and on purpose."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import User

from catalog.imports import archive, columns, photo_source, row_reader, table
from catalog.imports.archive import Archive
from catalog.imports.row_reader import check, kind_of
from catalog.models import Garment
from catalog.photos.fetch import FetchFailed, fetch
from catalog.photos.refusals import Refused
from tests.catalog.test_imports import bring, outcomes, packed
from tests.pictures import photo


def opened(data: bytes) -> Archive:
    return Archive(io.BytesIO(data))


def refusal(data: bytes, name: str = "") -> str:
    with pytest.raises(Refused) as refused:
        opened(data).read(name)
    assert str(refused.value.message)
    return refused.value.code


def entry(name: str, data: bytes = b"x", packing: int = 0, mode: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        info = zipfile.ZipInfo(name)
        info.compress_type, info.external_attr = packing, mode << 16
        made.writestr(info, data)
    return out.getvalue()


def test_it_works() -> None:
    assert opened(packed({"top/a.jpg": b"photo"})).read("top/a.jpg") == b"photo"


@pytest.mark.parametrize(
    "name", ["../a.jpg", "top/../../a.jpg", "/etc/a.jpg", "..\\a.jpg", "C:\\a.jpg", "\\\\host\\a"]
)
def test_names_that_lead_out(name: str) -> None:
    data = entry(name)
    [found] = opened(data).names()
    assert refusal(data, found) == "outside_folder"


def test_links() -> None:
    assert refusal(entry("a.jpg", b"/etc/passwd", mode=stat.S_IFLNK | 0o777), "a.jpg") == "link"


@pytest.mark.parametrize("name", ["a.zip", "top/b.RAR", "c.tar.gz"])
def test_archives_within(name: str) -> None:
    assert refusal(entry(name), name) == "nested"


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = entry("a.jpg", bytes(15_000_000), zipfile.ZIP_DEFLATED)
    assert len(data) < 20_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    assert refusal(data, "a.jpg") == "bomb"


def test_a_size_that_is_a_lie_is_found_out() -> None:
    data = bytearray(entry("a.jpg", bytes(5_000_000), zipfile.ZIP_DEFLATED))
    real, told = (5_000_000).to_bytes(4, "little"), (5_000).to_bytes(4, "little")
    assert refusal(bytes(data).replace(real, told), "a.jpg") == "damaged_entry"


def test_a_photo_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = entry("a.jpg", bytes(2_000))
    with pytest.raises(Refused) as refused:
        opened(data).read("a.jpg", 1_000)
    assert refused.value.code == "too_many_bytes"


def test_packings_that_eat_memory() -> None:
    assert refusal(entry("a.jpg", b"x", zipfile.ZIP_LZMA), "a.jpg") == "rare_packing"


@pytest.mark.parametrize(
    ("limit", "code"), [("MAX_ENTRIES", "too_many_entries"), ("MAX_TOTAL", "too_large_unpacked")]
)
def test_too_much_at_once(limit: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, limit, 1)
    assert refusal(packed({"a.jpg": b"xx", "b.jpg": b"yy"})) == code


def test_locked_files() -> None:
    data = bytearray(packed({"a.jpg": b"x", "b.jpg": b"y"}))
    at = data.index(b"PK\1\2")
    data[at + 8] |= 1
    assert refusal(bytes(data), "a.jpg") == "encrypted"
    second = data.index(b"PK\1\2", at + 1)
    data[second + 8] |= 1
    assert refusal(bytes(data)) == "encrypted"


def test_a_broken_zip() -> None:
    data = packed({"top/a.jpg": photo()})
    assert refusal(data[:-30]) == "unreadable_zip"
    assert refusal(packed({"top/": b""})) == "empty_zip"
    middle = bytearray(data)
    middle[200] ^= 255
    assert refusal(bytes(middle), "top/a.jpg") == "damaged_entry"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.django_db
def test_a_name_that_is_there_twice(boss: User) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for seed in range(2):
            made.writestr("top/a.jpg", photo(seed=seed))
    source = bring(out.getvalue(), boss)
    assert [row.code or row.state for row in source.rows.all()] == ["created", "name_twice"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_in_chinese(encoding: str) -> None:
    """Chinese Windows writes GBK, and some programs UTF-8, without saying so."""
    real = "top/亚麻衬衫.jpg".encode(encoding)
    stand_in = b"x" * len(real)
    data = entry(stand_in.decode()).replace(stand_in, real)
    assert opened(data).names() == ["top/亚麻衬衫.jpg"]


def test_names_that_a_mac_takes_apart() -> None:
    data = packed({"top/e\u0301te.jpg": b"x"})
    assert opened(data).has("top/\u00e9te.jpg")


def test_litter_and_the_outer_folder_are_left_out() -> None:
    files = {"Fotos/top/a.jpg": b"x", "__MACOSX/Fotos/top/._a.jpg": b"x", "Fotos/.DS_Store": b"x"}
    assert opened(packed(files | {"Fotos/Thumbs.db": b"x"})).names() == ["top/a.jpg"]


# --- tables ---


def rows(text: str) -> list[Any]:
    return [told for _line, told in table.Table(text).rows()]


@pytest.mark.usefixtures("compiled_messages")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_of_every_spreadsheet(encoding: str, separator: str) -> None:
    text = separator.join(["货号", "名称"]) + "\r\n" + separator.join(["A-1", "亚麻衬衫"]) + "\r\n"
    assert rows(table.decoded(text.encode(encoding))) == [{"sku": "A-1", "name": "亚麻衬衫"}]


def test_excel_may_tell_its_separator() -> None:
    assert rows("sep=;\r\nsku;name\r\nA;b,c\r\n") == [{"sku": "A", "name": "b,c"}]


@pytest.mark.parametrize(
    "data",
    [
        b"sku,name\nA,\xff\xfe\xfa",
        b"name,colour\n" + b'"' + b"x" * 200_000,
        b"sku,SKU\nA,B\n",
        b"a,b\n",
    ],
)
def test_tables_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        check(kind_of(io.BytesIO(data)), io.BytesIO(data))
    assert str(refused.value.message)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a": 1}', b"[1", b'["a"', b"%PDF", b"PK\5\6"])
def test_lists_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(Refused):
        check(kind_of(io.BytesIO(data)), io.BytesIO(data))


def test_a_hundred_thousand_rows_are_taken_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"sku,name\n" + b"A,b\n" * 100_000
    assert check("csv", io.BytesIO(data)) == []
    with pytest.raises(Refused, match="more than 100000 rows"):
        check("csv", io.BytesIO(data + b"A,b\n"))
    monkeypatch.setattr(row_reader, "MAX_TEXT", 100)
    with pytest.raises(Refused, match="Split it"):
        check("csv", io.BytesIO(data))


def test_what_no_database_takes_is_left_out() -> None:
    told = columns.normal(json.loads('{"sku": "A\\u0000-1", "name": "\\ud800x", "slot": null}'))
    assert told == {"sku": "A-1", "name": "?x"}


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@x", "\tx", "'", "'=x", "''=x", "'quoted'", "plain", ""]
)
def test_no_cell_is_a_formula_and_each_comes_back(cell: str) -> None:
    written = table.guarded(cell)
    assert written[:1] not in set("=+-@\t\r")
    assert table.unguarded(written) == cell


@pytest.mark.parametrize("parts", [["a", "b"], ["a; b", 'c"d"', "e；f"], [" x "], ["-"], []])
def test_lists_in_a_cell_come_back(parts: list[str]) -> None:
    assert columns.split(columns.joined(parts)) == parts


def test_lists_as_people_write_them() -> None:
    assert columns.split("red；blue ;green;") == ["red", "blue", "green"]
    assert columns.split('12" vinyl; x') == ['12" vinyl', "x"]


# --- addresses ---


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.jpg",
        "http://[::127.0.0.1]/a.jpg",
        "http://[::ffff:169.254.169.254]/latest",
        "http://169.254.169.254/latest/meta-data",
        "http://100.100.100.200/latest/meta-data",
        "http://192.168.1.1/a.jpg",
        "http://0.0.0.0/a.jpg",
        "http://localhost/a.jpg",
    ],
)
def test_private_addresses_are_not_fetched(url: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        fetch(url, max_bytes=10, total_s=5)
    assert failed.value.code == "private_address"


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://", "http://a b/", "file:///etc/passwd", "x"]
)
def test_what_is_no_address_is_explained(url: str) -> None:
    with pytest.raises(Refused) as refused:
        photo_source._fetched(url)
    assert refused.value.code in {"unreachable", "no_http"}
    assert "{" not in str(refused.value.message)


@pytest.mark.django_db
def test_a_table_full_of_nonsense_breaks_nothing(boss: User) -> None:
    lines = [
        "sku,name,slot,season,tags,file,photo_url,archived",
        "\x01,\x01,\x01",
        ",,,,,,,",
        "A" * 70 + ",x",
    ]
    lines += ["X,x,top,,,../../etc/passwd,,", "Y,x,top,,,,http://[::127.0.0.1]/,", "'=Z,{sku},top"]
    lines += ["%(x)s,%s,top,,,,ftp://x,perhaps"]
    source = bring("\n".join(lines) + "\n", boss)
    assert list(outcomes(source).values()) == [
        *("unknown_slot", "no_photo", "missing", "private_address", "no_photo", "no_http")
    ]
    assert all(row.message for row in source.rows.all())
    assert not Garment.objects.exists()
