"""What every store does: the contract of ``runtime/stores/port.py`` as tests.

The tests of a store derive a class from :class:`StoreContract` (or :class:`LastingStoreContract`, for one whose data
outlive it) and give it a fixture ``place`` with a function that opens a store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

import quand
from quand.dsl.values import Duration, Money, Reference, Value
from quand.runtime.stores.overlay import OverlayStore
from quand.runtime.stores.port import Batch, Effect, Record, RecordWrite, Store, Timer

Place: TypeAlias = Callable[[], Store]
"""Opens a store, each time on the same data where they last."""

T = datetime(2026, 11, 23, 10, tzinfo=UTC)
VOCABULARY = """\
vocabulary: none
object a thing
  a text: text
  a choice: one of 'One', 'Two'
  a number: number
  an integer: integer
  a share: percentage
  a price: money
  a day: date
  an hour: time
  a moment: date and time
  a length: duration
  a flag: yes or no
  a thing: thing
  an other: any object
  a mixture: thing or text
  a list: list of thing
object a book
  a number: text, identifier
  a first name: text
event a signal received
  a thing: thing
"""
PROGRAM = quand.compile_text(VOCABULARY, language="en")
GROWN = quand.compile_text(
    VOCABULARY.replace("  a flag", "  a weight: money\n  a flag") + "object a page", language="en"
)
SHRUNK = quand.compile_text(VOCABULARY.replace("  a price: money\n", ""), language="en")
THING = Reference("thing", "T-1")

EXAMPLES: dict[str, list[Value]] = {
    "text": [
        "x",
        "é'\";--",
        "",
        " ",
        "\x00",
        "\ud800",
        "\x1b",
        '\x1b"x"',
        "%s {0} :name ?",
        "a\r\nb",
        "𝔘" * 100,
        "NULL",
    ],
    "choice": ["One"],
    "number": [
        Decimal(n) for n in ("0", "-1.5", "0.1", "1E-30", "1234567890123456789012345678901234", "1E+400", "5E-400")
    ],
    "integer": [Decimal(3), Decimal(2**70), Decimal(-1)],
    "share": [Decimal("0.05"), Decimal("1.333333333333333333333333333333333")],
    "price": [Money(Decimal("12.50"), "EUR"), Money(Decimal("12.50"), "USD"), Money(Decimal("0.1"), "EUR")],
    "day": [date(2026, 11, 23), date(1, 1, 1), date(9999, 12, 31)],
    "hour": [time(9), time(23, 59, 59, 999999), time(0)],
    "moment": [T, T + timedelta(microseconds=1), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)],
    "length": [
        Duration(),
        Duration(13, -3, Decimal("7200.5")),
        Duration(-1),
        Duration(0, 0, Decimal(0), 5, Decimal(90)),
    ],
    "flag": [True, False],
    "thing": [THING, Reference("thing", "gone"), Reference("thing", "\x00/é")],
    "other": [Reference("book", "B"), Reference("thing", "B")],
    "mixture": ["T-1", THING, "{}", "[]", "5"],
    "list": [(), (THING, Reference("thing", "T-2")), (Reference("thing", ""),)],
}
VALUES = [(field, value) for field, values in EXAMPLES.items() for value in values]

_numbers = st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number.adjusted()) < 6000)
_texts = st.text(st.characters(exclude_categories=()))
_things = st.builds(Reference, st.just("thing"), _texts.filter(bool))
_records = st.fixed_dictionaries(
    {},
    optional={
        "text": _texts,
        "number": _numbers,
        "price": st.builds(Money, _numbers, st.sampled_from(["EUR", "USD", "JPY"])),
        "day": st.dates(),
        "hour": st.times(),
        "moment": st.datetimes(timezones=st.just(UTC)),
        "length": st.builds(
            Duration,
            st.integers(-(10**6), 10**6),
            st.integers(-(10**6), 10**6),
            st.just(Decimal("1.5")),
            st.integers(-99, 99),
            st.just(Decimal(-7)),
        ),
        "flag": st.booleans(),
        "thing": _things,
        "other": _things,
        "mixture": _things | _texts,
        "list": st.lists(_things, max_size=3).map(tuple),
    },
)


def write(store: Store, batch: Batch) -> None:
    with store.transaction() as transaction:
        transaction.write(batch)


def put(*records: tuple[Reference, Record | None]) -> Batch:
    return Batch(records=tuple(RecordWrite(reference, record) for reference, record in records))


def stored(store: Store, reference: Reference = THING) -> Record | None:
    with store.transaction(reading=True) as transaction:
        return transaction.get(reference)


def found(store: Store, kind: str, field: str, value: Value) -> list[str]:
    with store.transaction(reading=True) as transaction:
        return list(transaction.find(kind, field, value))


def identifiers(store: Store, kind: str) -> list[str]:
    with store.transaction(reading=True) as transaction:
        return list(transaction.identifiers(kind))


def due(store: Store, instant: datetime) -> list[str]:
    with store.transaction(reading=True) as transaction:
        return [timer.key for timer in transaction.due_timers(instant)]


class StoreContract:
    """The tests of any store. ``place`` comes from the class that is derived."""

    @pytest.fixture
    def store(self, place: Place) -> Iterator[Store]:
        store = place()
        store.prepare(PROGRAM.ir)
        yield store
        store.close()

    # --- records --------------------------------------------------------------------------------------------------

    def test_what_is_written_is_read(self, store: Store) -> None:
        assert stored(store) is None
        write(store, put((THING, {"text": "x", "number": Decimal(1)})))
        assert stored(store) == {"text": "x", "number": Decimal(1)}
        write(store, put((THING, {"number": Decimal(2)})))
        assert stored(store) == {"number": Decimal(2)}
        write(store, put((THING, None)))
        assert stored(store) is None
        write(store, put((THING, None)))

    def test_every_value_comes_back_as_it_was(self, store: Store) -> None:
        made = {Reference("thing", f"V-{n}"): {field: value} for n, (field, value) in enumerate(VALUES)}
        write(store, put(*made.items()))
        for reference, record in made.items():
            back = stored(store, reference)
            assert back == record
            assert back is not None
            assert [type(value) for value in back.values()] == [type(value) for value in record.values()]

    def test_every_value_is_found(self, store: Store) -> None:
        made = {Reference("thing", f"V-{n:03}"): {field: value} for n, (field, value) in enumerate(VALUES)}
        write(store, put(*made.items()))
        for field, value in VALUES:
            same = [reference.id for reference, record in made.items() if record.get(field) == value]
            assert found(store, "thing", field, value) == same, (field, value)

    @given(records=st.lists(_records, max_size=4))
    def test_any_record_comes_back_as_it_was(self, store: Store, records: list[dict[str, Value]]) -> None:
        made = {Reference("thing", f"V-{n}"): record for n, record in enumerate(records)}
        write(store, put(*made.items()))
        for reference, record in made.items():
            assert stored(store, reference) == record
            for field, value in record.items():
                assert reference.id in found(store, "thing", field, value)

    def test_numbers_that_are_equal_are_found_alike(self, store: Store) -> None:
        write(
            store, put((THING, {"number": Decimal("1.50")}), (Reference("thing", "T-2"), {"number": Decimal("15E-1")}))
        )
        assert found(store, "thing", "number", Decimal("1.5")) == ["T-1", "T-2"]

    def test_nothing_is_found_where_nothing_is(self, store: Store) -> None:
        write(store, put((THING, {"text": "x"})))
        assert found(store, "thing", "number", Decimal(1)) == []
        assert found(store, "thing", "text", Decimal(1)) == []
        assert found(store, "thing", "no such field", "x") == []
        assert found(store, "no such type", "text", "x") == []
        assert identifiers(store, "no such type") == []
        assert stored(store, Reference("no such type", "x")) is None

    def test_only_the_fields_said_need_be_written(self, store: Store) -> None:
        write(store, put((THING, {"text": "x", "number": Decimal(1), "price": Money(Decimal(2), "USD")})))
        changed: Record = {"number": Decimal(5)}
        write(store, Batch(records=(RecordWrite(THING, changed, frozenset({"text", "number", "price"})),)))
        assert stored(store) == changed

    def test_identifiers_ascend_by_code_point(self, store: Store) -> None:
        names = ["A-10", "A-2", "a", "Z", "é", "z", "\U0001f600", "\uffff", " ", "\x00", "'; drop table thing --"]
        write(store, put(*((Reference("thing", name), {"flag": True}) for name in names)))
        assert identifiers(store, "thing") == sorted(names)
        assert found(store, "thing", "flag", True) == sorted(names)
        assert stored(store, Reference("thing", "\x00")) == {"flag": True}

    def test_types_do_not_mix(self, store: Store) -> None:
        book = Reference("book", "T-1")
        write(store, put((THING, {"text": "x"}), (book, {"first name": "y"})))
        assert (stored(store), stored(store, book)) == ({"text": "x"}, {"first name": "y"})
        write(store, put((Reference("signal received", "e1"), {"thing": THING, "created at": T, "origin": "api"})))
        assert found(store, "signal received", "thing", THING) == ["e1"]

    # --- transactions ---------------------------------------------------------------------------------------------

    def test_an_exception_rolls_everything_back(self, store: Store) -> None:
        everything = Batch(
            records=(RecordWrite(THING, {"text": "x"}),),
            timers=(Timer("k", "R", THING, "wait:1", T),),
            effects=(Effect("e1#1", "log", {}, "R", THING, "e1", T),),
            event=("e1", "abc"),
            memory={"a": "1"},
            log=("{}",),
        )

        def fail() -> None:
            with store.transaction() as transaction:
                transaction.write(everything)
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        assert stored(store) is None
        assert (list(store.timers()), list(store.effects()), list(store.log())) == ([], [], [])
        with store.transaction() as transaction:
            assert (transaction.event_digest("e1"), transaction.recall("a")) == (None, None)

    def test_a_batch_may_be_empty(self, store: Store) -> None:
        write(store, Batch())
        write(store, put((THING, {})))
        assert stored(store) == {}

    # --- timers ---------------------------------------------------------------------------------------------------

    def test_timers_are_found_by_key_object_rule_and_instant(self, store: Store) -> None:
        first = Timer("k1", "R", THING, "date:end", T)
        second = Timer("k2", "R", None, "wait:1", T + timedelta(hours=1))
        orphan = Timer("k3", "S", THING, "wait:1", T, state="orphaned")
        write(store, Batch(timers=(second, first, orphan)))
        with store.transaction() as transaction:
            assert transaction.timer("k1") == first
            assert transaction.timer("k3") == orphan
            assert transaction.timer("k4") is None
            assert transaction.timer_at("R", THING, "date:end") == first
            assert transaction.timer_at("S", THING, "wait:1") is None
            assert list(transaction.timers_of(THING)) == [first]
            assert list(transaction.timers_of_rule("R")) == [first, second]
            assert list(transaction.due_timers(T)) == [first]
            assert list(transaction.due_timers(T - timedelta(microseconds=1))) == []
        assert [timer.key for timer in store.timers()] == ["k1", "k3", "k2"]
        write(store, Batch(dropped=("k1", "k9")))
        assert due(store, T + timedelta(days=1)) == ["k2"]

    def test_a_timer_comes_back_whole_and_moves(self, store: Store) -> None:
        variables: dict[str, Value] = {"one": THING, "a": Decimal("1.5"), "many": (THING,), "when": T, "object": "x"}
        timer = Timer("k\x00", "R é", THING, "stay:1", T, "e1", "otherwise", variables, "sig", "failed")
        write(store, Batch(timers=(timer,)))
        (back,) = store.timers()
        assert back == timer
        assert list(back.variables) == list(variables)
        write(store, Batch(timers=(Timer("k\x00", "R é", THING, "stay:1", T + timedelta(1)),)))
        assert [timer.due for timer in store.timers()] == [T + timedelta(1)]

    def test_due_timers_come_in_order_of_instant_then_key(self, store: Store) -> None:
        instants = {"b": T, "a": T, "c": T - timedelta(microseconds=1), "d": T - timedelta(days=800)}
        write(store, Batch(timers=tuple(Timer(key, "R", THING, f"wait:{key}", at) for key, at in instants.items())))
        assert due(store, T) == ["d", "c", "a", "b"]

    def test_the_next_timer_is_the_first_one_pending(self, store: Store) -> None:
        assert store.next_timer() is None
        failed = Timer("k0", "R", THING, "wait:1", T - timedelta(days=1), state="failed")
        later, sooner = (Timer(f"k{n}", "R", THING, f"wait:{n}", T + timedelta(days=n)) for n in (3, 2))
        write(store, Batch(timers=(failed, later, sooner)))
        assert store.next_timer() == T + timedelta(days=2)
        write(store, Batch(dropped=("k2",)))
        assert store.next_timer() == T + timedelta(days=3)

    # --- identities, notes, effects, log --------------------------------------------------------------------------

    def test_identities_and_notes(self, store: Store) -> None:
        write(store, Batch(event=("e\x00é", "abc"), memory={"a": "1", "b\ud800": "é"}))
        write(store, Batch(memory={"a": None, "c": None, "b\ud800": ""}))
        with store.transaction() as transaction:
            assert [transaction.event_digest(event) for event in ("e\x00é", "e")] == ["abc", None]
            assert [transaction.recall(key) for key in ("a", "b\ud800", "c")] == [None, "", None]

    def test_effects_wait_in_the_order_they_were_written(self, store: Store) -> None:
        arguments: dict[str, Value] = {"to": THING, "text": "\x00", "sum": Money(Decimal("1.10"), "USD"), "none": None}
        effects = tuple(Effect(f"e1#{n}", "send", arguments, "R", None, "e1", T) for n in (2, 10, 1))
        write(store, Batch(effects=effects[:2]))
        write(store, Batch(effects=effects[2:]))
        assert list(store.effects()) == list(effects)
        assert list(next(iter(store.effects())).arguments) == list(arguments)
        store.settle("e1#10", "sent")
        store.settle("e1#2", "dead")
        assert [effect.key for effect in store.effects("waiting")] == ["e1#1"]
        assert [(effect.key, effect.state) for effect in store.effects()][:2] == [("e1#2", "dead"), ("e1#10", "sent")]
        with pytest.raises(KeyError):
            store.settle("e9#1", "sent")

    def test_the_log_keeps_its_order(self, store: Store) -> None:
        write(store, Batch(log=("1", '{"text": "é\\u0000"}')))
        write(store, Batch(log=("0",)))
        assert list(store.log()) == ["1", '{"text": "é\\u0000"}', "0"]

    # --- vocabulary -----------------------------------------------------------------------------------------------

    def test_a_vocabulary_may_grow(self, store: Store) -> None:
        write(store, put((THING, {"text": "x"})))
        store.prepare(GROWN.ir)
        more: Record = {"text": "x", "weight": Money(Decimal(2), "EUR")}
        write(store, put((Reference("thing", "T-2"), more), (Reference("page", "P"), {"origin": "api"})))
        assert (stored(store), stored(store, Reference("thing", "T-2"))) == ({"text": "x"}, more)
        assert identifiers(store, "page") == ["P"]

    def test_preparing_twice_does_no_harm(self, store: Store) -> None:
        write(store, put((THING, {"text": "x"})))
        store.prepare(PROGRAM.ir)
        store.prepare(quand.compile_text(VOCABULARY, language="en").ir)
        assert stored(store) == {"text": "x"}

    def test_nothing_is_written_below_a_dry_run(self, store: Store) -> None:
        write(store, Batch(records=(RecordWrite(THING, {"text": "x"}),), timers=(Timer("k", "R", THING, "wait:1", T),)))
        dry = OverlayStore(store)
        dry.prepare(PROGRAM.ir)
        write(dry, put((THING, None), (Reference("thing", "T-2"), {"flag": True})))
        write(dry, Batch(dropped=("k",), event=("e1", "abc")))
        assert (identifiers(dry, "thing"), due(dry, T)) == (["T-2"], [])
        assert (identifiers(store, "thing"), due(store, T)) == (["T-1"], ["k"])

    def test_closing_twice_is_fine(self, store: Store) -> None:
        store.close()
        store.close()


class LastingStoreContract(StoreContract):
    """The tests of a store whose data outlive it."""

    def test_everything_is_there_when_the_data_are_opened_again(self, store: Store, place: Place) -> None:
        timer = Timer("k", "R", THING, "wait:1", T)
        effect = Effect("e1#1", "log", {"text": "x"}, "R", THING, "e1", T)
        record: Record = {field: values[0] for field, values in EXAMPLES.items()}
        write(
            store,
            Batch((RecordWrite(THING, record),), (timer,), (), (effect,), ("e1", "abc"), {"a": "1"}, ("{}",)),
        )
        store.close()
        again = place()
        again.prepare(PROGRAM.ir)
        assert stored(again) == record
        assert (list(again.timers()), list(again.effects()), list(again.log())) == ([timer], [effect], ["{}"])
        with again.transaction() as transaction:
            assert (transaction.event_digest("e1"), transaction.recall("a")) == ("abc", "1")
        again.close()

    def test_a_field_that_the_vocabulary_no_longer_has_is_kept(self, store: Store, place: Place) -> None:
        write(store, put((THING, {"text": "x", "price": Money(Decimal(2), "EUR")})))
        store.close()
        smaller = place()
        smaller.prepare(SHRUNK.ir)
        write(smaller, Batch(records=(RecordWrite(THING, {"text": "y"}, frozenset({"text"})),)))
        assert stored(smaller) == {"text": "y"}
        smaller.close()
        again = place()
        again.prepare(PROGRAM.ir)
        assert stored(again) == {"text": "y", "price": Money(Decimal(2), "EUR")}
        again.close()

    def test_a_dry_run_on_nothing_makes_nothing(self, place: Place) -> None:
        dry = place()
        dry.prepare(PROGRAM.ir, dry=True)
        assert (stored(dry), identifiers(dry, "thing"), found(dry, "thing", "text", "x")) == (None, [], [])
        assert (list(dry.timers()), list(dry.effects()), list(dry.log()), due(dry, T)) == ([], [], [], [])
        with dry.transaction(reading=True) as transaction:
            assert (transaction.timer("k"), transaction.event_digest("e"), transaction.recall("a")) == (
                None,
                None,
                None,
            )
        dry.close()
