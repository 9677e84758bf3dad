import datetime

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from blu.text import phone
from blu.text.phone import PhoneError, read_phone, read_phones

READ = [
    ("(11) 98765-4321", "+5511987654321", ()),
    ("11987654321", "+5511987654321", ()),
    ("'11 98765-4321", "+5511987654321", ()),
    ("11 9 8765\u20134321", "+5511987654321", ()),
    ("11\xa098765\xa04321", "+5511987654321", ()),
    ("\u202a+55 11 98765\u20114321\u202c", "+5511987654321", ()),
    ("+5511987654321", "+5511987654321", ()),
    ("+55 (011) 98765-4321", "+5511987654321", ()),
    ("0055 11 98765-4321", "+5511987654321", ()),
    ("5511987654321", "+5511987654321", ()),
    ("011 98765-4321", "+5511987654321", ()),
    ("0 15 11 98765-4321", "+5511987654321", ()),
    ("(0xx11) 98765-4321", "+5511987654321", ()),
    ("(55) 98765-4321", "+5555987654321", ()),
    ("55 55 98765-4321", "+5555987654321", ()),
    ("11987654321.0", "+5511987654321", ()),
    ("5511987654321,00", "+5511987654321", ()),
    ('="11987654321"', "+5511987654321", ()),
    (11987654321.0, "+5511987654321", ()),
    (5511987654321, "+5511987654321", ()),
    ("Cel: 11 98765-4321 (recado com Ana)", "+5511987654321", ()),
    ("(11) 3333-4444", "+551133334444", ("landline",)),
    ("(11) 3333-4444 ramal 22", "+551133334444", ("landline",)),
    (551133334444.0, "+551133334444", ("landline",)),
    ("11 8765-4321", "+5511987654321", ("ninth digit added",)),
    ("+351 914 228 324", "+351914228324", ()),
    ("+351 21 123 4567", "+351211234567", ("landline",)),
    ("+1 786-696-4968", "+17866964968", ()),
    ("(11) 3333-4444 / 11 98765-4321", "+5511987654321", ()),
    ("(11) 3333-4444 ou (11) 3333-5555", "+551133334444", ("landline",)),
    ("11 3333-4444, 11 98765-4321", "+5511987654321", ()),
    ("11 3333-4444 e 11 98765-4321", "+5511987654321", ()),
    ("11 3333-4444\n11 98765-4321", "+5511987654321", ()),
    ("+55 11 98765-4321 ::: +55 11 3333-4444", "+5511987654321", ()),
    ("98765-4321 / 11 98765-0000", "+5511987650000", ()),
    ("1198765432", "+5511998765432", ("ninth digit added",)),
    ("(11) 98765432", "+5511998765432", ("ninth digit added",)),
    ("11 87.65.43.21", "+5511987654321", ("ninth digit added",)),
    ("11 33.33.44.44", "+551133334444", ("landline",)),
    ("WhatsApp 11 98765-4321", "+5511987654321", ()),
    ("Cel11 98765-4321", "+5511987654321", ()),
    ("nº 11 98765-4321 (falar com o João)", "+5511987654321", ()),
    ("11 98765-4321Ana", "+5511987654321", ()),
    ("(0XX 11) 98765-4321", "+5511987654321", ()),
    ("11 987 654 321", "+5511987654321", ()),
    ("1198765\u200b4321", "+5511987654321", ()),
    ("5,51199E+12 / 11 98765-4321", "+5511987654321", ()),
]


def answer(cell):
    """The number and its flags, or why there is none."""
    try:
        return tuple(read_phone(cell))
    except PhoneError as error:
        return error.reason


def test_a_phone_is_read_however_it_is_written():
    wrong = [(cell, answer(cell)) for cell, *wanted in READ if answer(cell) != tuple(wanted)]
    assert wrong == []


REFUSED = [
    ("", phone.NO_PHONE),
    (None, phone.NO_PHONE),
    (" - ", phone.NO_PHONE),
    (True, phone.NO_PHONE),
    ("sem telefone", phone.NO_PHONE),
    ("98765-4321", phone.MISSING_AREA_CODE),
    (987654321.0, phone.MISSING_AREA_CODE),
    ("3333-4444", phone.MISSING_AREA_CODE),
    ("+55 98765-4321", phone.MISSING_AREA_CODE),
    ("5,51199E+12", phone.LOST_DIGITS),
    ("1.19877E+10", phone.LOST_DIGITS),
    ("5e12", phone.LOST_DIGITS),
    ("(11) 99887-766", phone.LOST_DIGITS),
    ("99887-123", phone.LOST_DIGITS),
    ("(92) 3333-444", phone.LOST_DIGITS),
    ("11 99887-766S", phone.LOST_DIGITS),
    ("l1 99887-1234", phone.LOST_DIGITS),
    ("(ll) 99887-1234", phone.LOST_DIGITS),
    ("11 9988O-1234", phone.LOST_DIGITS),
    ("11 99887 l234", phone.LOST_DIGITS),
    ("11 g 8765-4321", phone.LOST_DIGITS),
    ("1x 98765-4321", phone.LOST_DIGITS),
    ("5 51 98765-4321", phone.LOST_DIGITS),
    ("+5 11 98765-4321", phone.INVALID),
    ("sala 2B", phone.INVALID),
    ("(11) 1234", phone.INVALID),
    ("(00) 00000-0000", phone.INVALID),
    ("(23) 98765-4321", phone.INVALID),
    ("(11) 88765-4321", phone.INVALID),
    ("+55 11 98765-43210987", phone.INVALID),
    ("+1 123 456", phone.INVALID),
    ("351914228324", phone.INVALID),
    (1198765.4321, phone.INVALID),
    (-11987654321.0, phone.INVALID),
    (float("nan"), phone.INVALID),
    (datetime.date(2012, 5, 1), phone.INVALID),
    (0, phone.INVALID),
]


def test_what_cannot_be_read_for_certain_is_refused_with_its_reason():
    wrong = [(cell, answer(cell)) for cell, reason in REFUSED if answer(cell) != reason]
    assert wrong == []


def test_an_area_code_completes_only_numbers_without_one():
    assert read_phone("98765-4321", "21").e164 == "+5521987654321"
    assert read_phone("3333-4444", "21").flags == ("landline",)
    assert read_phone("(11) 98765-4321", "21").e164 == "+5511987654321"


def test_columns_are_searched_from_left_to_right_for_the_first_mobile():
    assert read_phones(["(11) 3333-4444", "(21) 98765-4321"]).e164 == "+5521987654321"
    assert read_phones(["(11) 3333-4444", "-"]).e164 == "+551133334444"
    with pytest.raises(PhoneError, match=phone.MISSING_AREA_CODE):
        read_phones(["3333-4444", "(11) 1234"])


def judge(digits):
    """Whether libphonenumber knows these very digits as a mobile or a landline.

    It takes 90 for the prefix of a collect call, and knows 30 as a company's number for all Brazil.
    """
    number = phonenumbers.parse(f"+55{digits}")
    kind = phonenumbers.number_type(number)
    return str(number.national_number) == digits and kind in (
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE,
    )


@given(st.from_regex(r"\A[1-9][0-9]9[0-9]{8}\Z"))
def test_the_fast_path_agrees_with_libphonenumber(digits):
    judged = judge(digits)
    try:
        read = read_phone(digits)
    except PhoneError:
        assert not judged
    else:
        assert judged
        assert read == (f"+55{digits}", ())


@given(st.from_regex(r"\A[1-9][0-9][2-5][0-9]{7}\Z"))
def test_landlines_agree_with_libphonenumber(digits):
    judged = judge(digits)
    try:
        read = read_phone(digits)
    except PhoneError:
        assert not judged
    else:
        assert judged
        assert read == (f"+55{digits}", ("landline",))


SHAPES = [
    "{p}{d}{n}{a}{b}", "{p}({d}) {n}{a}-{b}", "{p}{d} {n} {a} {b}", "{p}{d}.{n}{a}.{b}",
    "'{p}{d}-{n}{a}\u2013{b}", " {p}({d})\xa0{n}{a}-{b} ",
]  # fmt: skip


@given(
    st.sampled_from(["11", "21", "55", "98", "31"]),
    st.from_regex(r"\A[0-9]{8}\Z"),
    st.sampled_from(["", "+55 ", "0055", "55", "0", "0 15 "]),
    st.sampled_from(SHAPES),
)
def test_every_prefix_in_every_shape_gives_the_same_number(area, rest, prefix, shape):
    text = shape.format(p=prefix, d=area, n=9, a=rest[:4], b=rest[4:])
    assert read_phone(text) == (f"+55{area}9{rest}", ())


GROUPED = [
    "{c}{d} {n}{a}-{b}", "{c}({d}) {n}{a}-{b}", "{c}{d} {n}{a} {b}", "{c}{d}.{n}{a}.{b}", "{c}{d} {n} {a}-{b}",
]  # fmt: skip
PREFIXES = ["", "+55 ", "0055 ", "55 ", "0 ", "0 15 ", "(0xx15) "]
some_mobile = st.tuples(
    st.sampled_from(phone.AREA_CODES),
    st.from_regex(r"\A[0-9]{8}\Z"),
    st.sampled_from(PREFIXES),
    st.sampled_from(GROUPED),
)


def grouped(area, rest, prefix, shape):
    return shape.format(c=prefix, d=area, n=9, a=rest[:4], b=rest[4:])


def read_or_none(text, area_code="11"):
    try:
        return read_phone(text, area_code).e164
    except PhoneError:
        return None


@given(some_mobile, st.integers(0, 30))
def test_a_grouped_mobile_that_lost_a_digit_is_no_other_number(mobile, nth):
    """But for one of the first five: what is left is grouped as old mobiles and landlines are."""
    text, (area, rest, *_form) = grouped(*mobile), mobile
    places = [place for place, letter in enumerate(text) if letter.isdecimal()]
    place = places[nth % len(places)]
    left = text[:place] + text[place + 1 :]
    known = {None, f"+55{area}9{rest}"}
    if place in places[-9:-4]:
        eight = digits_of(left)[-8:]
        known |= {f"+55{area}9{eight}", f"+55{area}{eight}"}
    assert read_or_none(left) in known


def digits_of(text):
    return "".join(filter(str.isdecimal, text))


ALIKE = {"0": "oOQD", "1": "lIi", "2": "zZ", "5": "sS", "6": "bG", "8": "B", "9": "gq"}


@given(some_mobile, st.integers(0, 30), st.integers(0, 3))
def test_a_letter_in_the_place_of_a_digit_is_always_refused(mobile, nth, which):
    text = grouped(*mobile)
    places = [place for place, letter in enumerate(text) if letter in ALIKE]
    place = places[nth % len(places)]
    letters = ALIKE[text[place]]
    slipped = text[:place] + letters[which % len(letters)] + text[place + 1 :]
    assert read_or_none(slipped) is None, slipped


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_no_cell_breaks_the_reader(cell):
    try:
        read = read_phone(cell)
    except PhoneError:
        return
    assert phonenumbers.is_valid_number(phonenumbers.parse(read.e164))


def test_the_time_zone_follows_the_area_code():
    assert phone.time_zone("+5511987654321").key == "America/Sao_Paulo"
    assert phone.time_zone("+5592987654321").key == "America/Manaus"
    assert phone.time_zone("+5568987654321").key == "America/Rio_Branco"
    assert phone.time_zone("+5565987654321").key == "America/Cuiaba"
    assert phone.time_zone("+351914228324", "America/Noronha").key == "America/Noronha"


def test_the_area_codes_are_those_that_libphonenumber_knows():
    codes = [f"{number:02d}" for number in range(100)]
    known = [code for code in codes if judge(f"{code}987654321")]
    assert [code for code in codes if phone.is_area_code(code)] == known
