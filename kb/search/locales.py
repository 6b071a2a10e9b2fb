"""Which language a question is in, among those that the knowledge base has.

Bengali shows by its letters, and so does Vietnamese when it is typed with its marks. Vietnamese
without marks, Indonesian, and Bengali in Latin letters are told by small words, and by words that
only the texts of that language use. What shows nothing is English.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Set
from functools import cache
from typing import Final

from kb.rules.cldr import language_name
from kb.search.normalise import cleaned, is_bengali, raw_words, word_set

ENGLISH: Final = "en"

_IN_DOUBT: Final = 0.9
_FEW_WORDS: Final = 4

_VIETNAMESE_LETTERS: Final = frozenset("ăâđêôơưảãạẳẵặẩẫậẻẽẹểễệỉĩịỏõọổỗộởỡợủũụửữựỷỹỵ")


_SMALL_WORDS: Final = {
    "vi": word_set(
        "la gi co khong duoc nha may cua cho minh toi ai nao bao nhieu khi thi sao de va voi den "
        "ve phai neu lam nhu the nao tai vi sao danh gia chia se du lieu dang ky gui khach hang "
        "nuoc bang chua roi minh chung ket qua hoi xin luong phi bi cac mot nhung trong ngoai "
        "truoc sau hay hoac dung xem bao mat gia nghia muon xac thuc tham tra"
    ),
    "id": word_set(
        "yang apa apakah bagaimana gimana berapa siapa kapan dimana mana kenapa mengapa dan atau "
        "dengan untuk dari ke di pada ini itu tidak ga gak nggak bukan belum sudah udah bisa boleh "
        "harus kami kita saya pabrik kalau jika biar supaya cara sama aja dong sih ya ada punya "
        "penilaian daftar biaya hasil lewat melalui oleh kah antara arti beda negara "
        "bayar cuma hanya lalu terus maupun dalam akan juga lihat isi sebagai adalah minta "
        "upah lupa sandi jadwal"
    ),
    "bn": word_set(
        "ki kivabe kibhabe keno kobe kothay kar ke ami amra amader amar apnar er te theke diye "
        "korbo korte kora kore hobe hoy lagbe lage na nai nei ache ase jabe jay dite debe chai "
        "chay mane naki kon ta ekhon age pore pari pare bolte bolse dorkar taka koto sathe "
        "shathe ei oi tahole jonno ki bhabe parbo kono chara charai koi kemon kemne kokhon konta "
        "koyta koto kotodin achi asi achen asen chilo hoise hoyeche hoyni hoini hobo hoilo hoite "
        "korse korche korchi korsi korechi korbe korben korle korlam kora thake thaka thakbe "
        "thakle pabe pabo pamu paben pai nibe nibo niye neya dise diyeche diyechi dibe dibo diben "
        "dey deya dekhbo dekhay janabo janate bolbo bolben jabo gese geche chole cholbe ashe asbe "
        "ashbe ora tara era amake apnake apnader amgo keu kichu ekta duita ekhono thekei "
        "moddhe modhe baire bahire onek moto motoi somoy shomoy chaile bhai vai apu dhonnobad"
    ),
}  # fmt: skip
# Languages that are not served, by words that no language served has.
_OTHER_SMALL_WORDS: Final = word_set(
    # French, Spanish, Portuguese, Italian
    "combien comment quels quelles quelle quel quand pourquoi est sont nous vous notre votre nos "
    "dans avec pour les une faut peut coute cela usine cuanto cuantos cuesta como cual cuales "
    "cuando donde quien esta estan nuestra nuestro pero los las por fabrica quanto quantos quais "
    "qual quando onde quem nossa nosso nao uma pelo fazer posso precisa custa registro quanta cosa "
    "dove perche della nella sono nostra nostro costa devo registrazione fabbrica "
    # German, Dutch, Turkish, Polish
    "wie wer wann warum welche welcher kostet unsere unser wir ist sind nicht und oder den dem ein "
    "eine mit auf werden kann konnen mussen hoeveel wanneer waarom wij onze kunnen moeten het een "
    "voor niet nedir nasil zaman neden hangi bizim icin fabrika ucreti jak kiedy dlaczego kto ile "
    "nasza jest "
    # Hindi and Urdu in Latin letters, Tagalog
    "kaise kya hain kahan kab kyun kaun kitna kitne kitni milega milta hoga hogi karna karne "
    "hamara hamari humara humari hamare mujhe hume chahiye nahi nahin liye sakte sakta paano "
    "magkano kailan saan sino bakit namin aming mga"
)
_ENGLISH_SMALL_WORDS: Final = word_set(
    "the an is are was were be been do does did have has had we our us you your they their it "
    "its my what which who whom whose when where why how can could may might must shall "
    "should will would to of in on at by for from with without and or but not no if then than "
    "that this these those there here as about into after before between only same other any "
    "all some get need want know tell please because during until out"
)


# Words of English that texts of other languages borrow, so that they seem to be theirs.
_ENGLISH_WORDS: Final = _ENGLISH_SMALL_WORDS | word_set(
    "problem price minimum age form location server login unit printing cotton exchange rate mat"
)


def language_of(question: str, own_words: Mapping[str, Set[str]], before: str = "") -> str:
    """The locale a question is most likely in; English when in doubt.

    `own_words` gives, for every locale but English, the words that its texts use and English ones
    do not. A question too short to show its language has that of the question `before` it.
    """
    scores = _scores(question, own_words)
    if before and not _shows(scores, question):
        scores = _scores(f"{question} {before}", own_words)
    # English and the order of the alphabet decide a tie.
    return max(
        sorted(scores, key=lambda locale: (locale != ENGLISH, locale)),
        key=lambda locale: scores[locale],
    )


def _shows(scores: Mapping[str, float], question: str) -> bool:
    """Whether a question shows its language; an English one without small words by its length."""
    others, best = sorted([0.0, *scores.values()])[-2:]
    return best > others and (best > _IN_DOUBT or len(raw_words(cleaned(question))) > _FEW_WORDS)


def _scores(question: str, own_words: Mapping[str, Set[str]]) -> dict[str, float]:
    """Locale to how much of a question speaks for it; English has a little before it begins."""
    scores = dict.fromkeys(own_words, 0.0)
    composed = unicodedata.normalize("NFC", question.casefold())
    if "vi" in scores:
        scores["vi"] += 2.0 * sum(letter in _VIETNAMESE_LETTERS for letter in composed)
    tokens = [word for word in raw_words(cleaned(question)) if len(word) > 1]
    if "bn" in scores and is_bengali(question):
        scores["bn"] += 2.0 * sum(is_bengali(word) for word in tokens)
    for locale, small in _SMALL_WORDS.items():
        if locale in scores:
            scores[locale] += sum(word in small for word in tokens)
            scores[locale] += sum(word in own_words[locale] for word in tokens)
    scores[ENGLISH] = sum(word in _ENGLISH_WORDS for word in tokens) + _IN_DOUBT
    return scores


@cache
def name_of(locale: str) -> str:
    """The English name of a language, by the locale of texts that are held."""
    return language_name(locale, ENGLISH)


def is_small(word: str) -> bool:
    """Whether a cleaned word is a small one of some language served."""
    return word in _SMALL_WORDS_SERVED


def is_served(question: str) -> bool:
    """Whether a question is in a language served, as far as letters and small words tell."""
    letters = [letter for letter in question if letter.isalpha()]
    foreign = sum(
        not (letter < "\u0250" or "\u1e00" <= letter <= "\u1eff" or is_bengali(letter))
        for letter in letters
    )
    if foreign:
        return foreign <= len(letters) / 2
    tokens = raw_words(cleaned(question))
    ours = sum(word in _SMALL_WORDS_SERVED and word not in _SHARED_WITH_OTHERS for word in tokens)
    ours += any(
        letter in _VIETNAMESE_LETTERS
        for letter in unicodedata.normalize("NFC", question.casefold())
    )
    return sum(word in _OTHER_SMALL_WORDS for word in tokens) <= ours


_SHARED_WITH_OTHERS: Final = word_set("was die so an in on am des es la se te e o a de no ao di")
_SMALL_WORDS_SERVED: Final = _ENGLISH_SMALL_WORDS.union(*_SMALL_WORDS.values()) - _OTHER_SMALL_WORDS
