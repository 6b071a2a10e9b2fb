"""Words that people shorten as they chat, written out: "brp" is berapa, and "dc" được."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kb.search.normalise import replaced

_WRITTEN_OUT: Final[Mapping[str, Mapping[str, str]]] = {
    "vi": {
        "ko": "khong", "khg": "khong", "hok": "khong", "dc": "duoc", "ntn": "nhu the nao",
        "j": "gi", "jo": "gio", "trc": "truoc", "cty": "cong ty", "nm": "nha may", "nc": "nuoc",
        "dk": "dang ky", "bnhieu": "bao nhieu", "nhiu": "nhieu", "dg": "danh gia", "zay": "vay",
    },
    "id": {
        "bs": "bisa", "bsa": "bisa", "yg": "yang", "jg": "juga", "sm": "sama", "lgsg": "langsung",
        "dah": "sudah", "udh": "sudah", "sdh": "sudah", "blm": "belum", "gmn": "gimana",
        "gmna": "gimana", "knp": "kenapa", "dmn": "dimana", "kpn": "kapan", "brp": "berapa",
        "brapa": "berapa", "sblm": "sebelum", "ssdh": "sesudah", "tdk": "tidak", "krn": "karena",
        "utk": "untuk", "dgn": "dengan", "sy": "saya", "klo": "kalau", "kalo": "kalau",
        "trs": "terus", "trus": "terus", "hrs": "harus", "dlm": "dalam", "bkn": "bukan",
        "mn": "mana", "org": "orang", "krg": "kurang", "msh": "masih", "skrg": "sekarang",
        "gk": "gak", "ngga": "gak", "thn": "tahun", "bln": "bulan", "pbrk": "pabrik",
        "liat": "lihat", "abis": "habis", "pake": "pakai",
    },
    "bn": {"tk": "taka"},
}  # fmt: skip


def written_out(text: str, locale: str) -> str:
    """A cleaned text of a language with its shortened words written out."""
    instead = _WRITTEN_OUT.get(locale)
    return replaced(text, instead) if instead else text
