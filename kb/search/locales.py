"""Which language a question is in, among those that the knowledge base has.

Bengali shows by its letters, and so does Vietnamese when it is typed with its marks. Vietnamese
without marks, Indonesian, and Bengali in Latin letters are told by small words, and by words that
only the texts of that language use. What shows nothing is English.
"""

from __future__ import annotations

import re
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
        "ve phai neu lam nhu the tai vi se dang muon chua roi chung hoi xin bi cac mot nhung trong "
        "ngoai truoc sau hay hoac dung bang xem o"
    ),
    "id": word_set(
        "yang apa apakah bagaimana gimana berapa siapa kapan dimana mana kenapa mengapa dan atau "
        "dengan untuk dari ke di pada ini itu tidak ga gak nggak bukan belum sudah udah bisa boleh "
        "harus kami kita saya pabrik kalau jika biar supaya cara sama aja dong sih ya ada punya "
        "lewat melalui oleh kah antara cuma hanya lalu terus maupun dalam akan juga sebagai adalah "
        "oke sip makasih makasi yg dgn utk sdh blm tdk bkn jg kalo gmn brp kpn knp dmn gw gua gue "
        "lo lu nih tuh"
    ),
    "bn": word_set(
        "ki kivabe kibhabe keno kobe kothay kar ke ami amra amader amar apnar er te theke diye "
        "korbo korte kora kore hobe hoy lagbe lage na nai nei ache ase jabe jay dite debe chai "
        "chay mane naki kon ta ekhon age pore pari pare bolte bolse dorkar koto sathe "
        "shathe ei oi tahole jonno ki bhabe parbo kono chara charai koi kemon kemne kokhon konta "
        "koyta koto kotodin achi asi achen asen chilo hoise hoyeche hoyni hoini hobo hoilo hoite "
        "korse korche korchi korsi korechi korbe korben korle korlam kora thake thaka thakbe "
        "thakle pabe pabo pamu paben pai nibe nibo niye neya dise diyeche diyechi dibe dibo diben "
        "dey deya dekhbo dekhay janabo janate bolbo bolben jabo gese geche chole cholbe ashe asbe "
        "ashbe ora tara era amake apnake apnader amgo keu kichu ekta duita ekhono thekei "
        "e r moddhe modhe baire bahire onek moto motoi somoy shomoy chaile bhai vai apu dhonnobad"
    ),
}  # fmt: skip
# Words that show a language as small ones do, but also tell what is asked.
_TELLING_WORDS: Final = {
    "vi": word_set(
        "danh gia chia du lieu ky gui khach hang nuoc ket qua luong phi mat nghia xac thuc tham tra"
    ),
    "id": word_set(
        "penilaian daftar biaya hasil negara bayar lihat isi minta upah lupa sandi jadwal arti beda"
    ),
    "bn": word_set("taka"),
}
# Languages that are not served, by words that no language served has.
_OTHER_SMALL_WORDS: Final = word_set(
    # French
    "combien quels quelles quelle quel quand pourquoi est sont etes nous vous notre votre vos "
    "avec dans pour les une faut peut peuvent doit devons avons coute cela cette usine usines "
    "donnees partager partage qui que evalue etre faire chez apres gratuit couts "
    # Spanish, Portuguese, Italian
    "cuanto cuantos cuanta cual cuales cuando donde quien quienes esta estan estamos nuestra "
    "nuestro nuestros cuesta como pero fabrica fabricas puede podemos tiene tenemos datos "
    "compartir registrarse paises desde despues fecha limite necesitamos necesito ayuda quanto "
    "quantos quais qual quando onde quem nossa nosso nossos uma pelo pela fazer posso precisa "
    "custa registro dados compartilhar avaliacao avalia voce voces depois tambem quanta cosa "
    "dove perche della nella sono nostra nostro devo registrazione fabbrica possiamo dobbiamo "
    "abbiamo dati condividere valutazione "
    # German, Dutch, Swedish, Polish
    "wie wer wann warum welche welcher welches kostet unsere unser unseren wir ist sind nicht und "
    "oder dem ein eine einen mit auf kann konnen mussen muss wird werden daten teilen bewertet "
    "fabrik anmeldung dauert hoeveel wanneer waarom wij onze kunnen moeten een voor "
    "niet wordt worden fabriek gegevens delen beoordeling hur mycket kostar varfor vem hvem "
    "hvordan jak kiedy dlaczego kto ile nasza nasze czy gdzie jest kosztuje "
    # Turkish
    "nedir nasil neden hangi bizim icin fabrika fabrikamiz fabrikamizi ucreti ucret kac surer "
    "degil kayit verileri verilerimizi paylasilir paylasabilir degerlendirir denetler ulke "
    "gerekiyor olur yapar miyiz muyuz "
    # Hindi and Urdu in Latin letters
    "kaise kaisa kya kyaa hain kahan kab kyun kyon kaun kitna kitne kitni milega milegi milta hoga "
    "hogi hota hoti karna karne karni karein karega karegi karenge karta karte karti karke hamara "
    "hamari hamare humara humari humare mujhe mujhko humein hamein hume hum aap aapko aapka aapki "
    "apko mera meri chahiye chaiye nahi nahin liye sakte sakta sakti mein aur lekin bataiye bataye "
    "batao batayein dijiye kijiye raha rahi rahe kuch ka yeh woh bhi "
    # Nepali, Sinhala and Tamil in Latin letters
    "kasari kahile kasle hamro hamilai tapai tapaiko chha garcha garchha garne garna "
    "huncha hunchha lagcha lagchha sanga kohomada kawda kawuda kauda mokakda mokada monawada "
    "kiyada keeyada keeyak wenna wenawada karanne karanna puluwanda puluwan thiyenawada thiyenne "
    "wenne eppadi eppo evvalavu engal engalukku vendum mudiyuma irukku "
    # Tagalog, Haitian Creole, Malagasy, Swahili, Arabic in Latin letters
    "paano magkano kailan saan bakit namin aming mga ang ng ano alin natin ating inyong "
    "mayroon puwede pwede bayad konbyen kouman kijan kiyes kote poukisa eske nou pou "
    "anrejistre faktori mwen ohatrinona aiza iza oviana ahoana inona orinasa "
    "ngapi vipi gani yetu kiwanda kayf ayna bikam masna ladayna"
)
_ENGLISH_SMALL_WORDS: Final = word_set(
    "the an is are was were be been do does did have has had we our us you your they their it "
    "its my what which who whom whose when where why how can could may might must shall "
    "should will would to of in on at by for from with without and or but not no if then than "
    "that this these those there here as about into after before between only same other any "
    "all some get need want know tell please because during until out"
)


_SHOWN_BY: Final = {
    locale: small | _TELLING_WORDS[locale] for locale, small in _SMALL_WORDS.items()
}
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
    plain = _without_names(question)
    composed = unicodedata.normalize("NFC", plain.casefold())
    if "vi" in scores:
        scores["vi"] += 2.0 * sum(letter in _VIETNAMESE_LETTERS for letter in composed)
    tokens = [word for word in raw_words(cleaned(plain)) if len(word) > 1]
    if "bn" in scores and is_bengali(question):
        scores["bn"] += 2.0 * sum(is_bengali(word) for word in tokens)
    for locale, shown_by in _SHOWN_BY.items():
        if locale in scores:
            scores[locale] += sum(word in shown_by for word in tokens)
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
    composed = unicodedata.normalize("NFC", question)
    letters = [letter for letter in composed if letter.isalpha()]
    if sum(map(_is_of_another_script, letters)) > len(letters) / 2:
        return False
    tokens = raw_words(cleaned(question))
    ours = sum(word in _SHOWS_ONE_SERVED for word in tokens)
    ours += not _VIETNAMESE_ALONE.isdisjoint(composed.casefold())
    others = sum(word in _OTHER_SMALL_WORDS for word in tokens)
    others += len(_OTHER_SCRIPTS.findall(composed)) + len(_OTHER_LETTERS.findall(composed))
    return others <= ours


def _is_of_another_script(letter: str) -> bool:
    return _OTHER_SCRIPTS.match(letter) is not None


def _without_names(question: str) -> str:
    """A question without the words that have a capital though they do not begin it.

    They are names: "São Paulo" says nothing of the language. Where all words have capitals, none
    is known to be a name.
    """
    first, *others = question.split() or [""]
    plain = [token for token in others if not token[0].isupper()]
    return " ".join((first, *plain)) if plain else question


# In languages served and in others: with a word of another language they tell nothing.
_SHARED_WITH_OTHERS: Final = word_set(
    "was die so an in on am des es la se te e o a de no ao di ki ke kar kon na nai koi par bhai"
)
_SMALL_WORDS_SERVED: Final = _ENGLISH_SMALL_WORDS.union(*_SMALL_WORDS.values()) - _OTHER_SMALL_WORDS
_SHOWS_ONE_SERVED: Final = (
    _ENGLISH_SMALL_WORDS.union(*_SHOWN_BY.values()) - _OTHER_SMALL_WORDS - _SHARED_WITH_OTHERS
)
# French and Portuguese have these as well.
_VIETNAMESE_ALONE: Final = _VIETNAMESE_LETTERS - {*"ăâêô"}
# Runs of letters that are neither Latin nor Bengali; two letters of its script only Assamese has.
_OTHER_SCRIPTS: Final = re.compile(
    r"(?:(?![\u1e00-\u1eff\u0980-\u09ef\u09f2-\u09ff])[^\W\d_\x00-\u024f])+"
)
# Words with Latin letters that no language served has; with a capital they may be names.
_OTHER_LETTERS: Final = re.compile(r"(?<!\w)[a-zà-ÿ]*[çñßäöüëïîûåøæœğşıłżźśćńąęčšžřěůőűțș]\w*")
