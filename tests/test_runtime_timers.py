"""Time: waits, dates that are reached, states that last, calendars, and the two odd hours of the year."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

import quand
from quand.runtime.program import Program
from quand.runtime.stores.memory import MemoryStore


@cache
def compiled(rules: str) -> Program:
    return quand.compile_text(rules)


class Play:
    """An engine and what it logs, event by event."""

    def __init__(self, rules: str, store: MemoryStore | None = None, now: str | None = None) -> None:
        start = None if now is None else datetime.fromisoformat(now)
        self.store = store or MemoryStore()
        self.engine = quand.Engine(compiled(rules), self.store, now=start)

    def send(self, name: str, at: str | None = None, **data: Any) -> quand.Outcome:
        event: dict[str, Any] = {"event": name} if at is None else {"event": name, "at": at}
        if data:
            event["data"] = {field.replace("_", " "): value for field, value in data.items()}
        return self.engine.process(event)

    def rings(self, at: str) -> list[tuple[str, Any]]:
        """What is logged by the timers that ring until an instant, each with its due instant."""
        outcome = self.send("time", at)
        return [
            (firing.at.strftime("%Y-%m-%d %H:%M"), effect.args["text"])
            for firing in outcome.fired
            if firing.at is not None
            for effect in firing.effects
        ]


# --- waits --------------------------------------------------------------------------------------------------------

WAIT = """
règle "Relance"
quand une affaire est créée et étape = 'Nouvelle'
alors journaliser "avant"
  attendre 2 heures, sauf si montant > 5, puis journaliser "après {nom}"
  attendre 1 jour puis journaliser "enfin"
"""


def test_what_comes_after_a_wait_comes_later_with_values_read_afresh() -> None:
    play = Play(WAIT)
    outcome = play.send("deal.created", "2026-11-23T10:00:00Z", id="A-1", étape="Nouvelle", nom="a")
    assert [effect.args["text"] for effect in outcome.fired[0].effects] == ["avant"]
    assert [(timer.rule, timer.object, timer.due.hour) for timer in outcome.timers] == [("Relance", "A-1", 12)]
    play.send("deal.updated", id="A-1", nom="b")
    assert play.rings("2026-11-23T11:59:59Z") == []
    assert play.rings("2026-11-23T12:00:00Z") == [("2026-11-23 12:00", "après b")]


def test_several_waits_add_up_from_the_instant_each_was_due() -> None:
    play = Play(WAIT)
    play.send("deal.created", "2026-11-23T10:00:00Z", id="A-1", étape="Nouvelle", nom="a")
    assert play.rings("2026-12-23T12:00:00Z") == [("2026-11-23 12:00", "après a"), ("2026-11-24 12:00", "enfin")]


@pytest.mark.parametrize(
    "change",
    [{"montant": 6}, {"étape": "Gagnée"}],
    ids=["unless holds", "the rule's condition no longer holds"],
)
def test_a_wait_is_given_up(change: dict[str, Any]) -> None:
    play = Play(WAIT)
    play.send("deal.created", "2026-11-23T10:00:00Z", id="A-1", étape="Nouvelle", nom="a")
    play.send("deal.updated", id="A-1", **change)
    assert play.rings("2026-12-23T12:00:00Z") == []


def test_a_deleted_subject_cancels_its_timers() -> None:
    play = Play(WAIT)
    play.send("deal.created", "2026-11-23T10:00:00Z", id="A-1", étape="Nouvelle", nom="a")
    play.send("deal.deleted", id="A-1")
    assert play.engine.timers() == []


def test_reminders_of_an_object_can_be_cancelled() -> None:
    play = Play(WAIT + 'règle "Stop"\nquand une affaire est modifiée alors annuler les rappels de l\'affaire')
    play.send("deal.created", "2026-11-23T10:00:00Z", id="A-1", étape="Nouvelle", nom="a")
    play.send("deal.updated", id="A-1", nom="b")
    assert play.engine.timers() == []


def test_a_wait_in_a_loop_remembers_its_object() -> None:
    play = Play(
        """
        règle "R"
        quand un contact est modifié
        alors pour chaque affaire dont contact = le contact : (attendre 1 heure puis journaliser "{numéro}")
        """
    )
    play.send("contact.created", "2026-11-23T10:00:00Z", id="C-1")
    for name in ("A-2", "A-1"):
        play.send("deal.created", id=name, numéro=name, contact="C-1")
    play.send("contact.updated", id="C-1", nom="x")
    assert [text for _, text in play.rings("2026-11-23T11:00:00Z")] == ["A-1", "A-2"]


def test_the_object_created_before_a_wait_is_known_after_it() -> None:
    play = Play(
        """
        règle "R"
        quand un formulaire est reçu
        alors créer un contact nom = nom
          attendre 1 heure puis journaliser "{nom du contact créé}"
        """
    )
    play.send("form received", "2026-11-23T10:00:00Z", nom="Durand")
    assert play.rings("2026-11-23T11:00:00Z") == [("2026-11-23 11:00", "Durand")]


def test_objects_made_when_a_timer_rings_are_numbered_from_its_key() -> None:
    play = Play('règle "R"\nquand une affaire est créée alors attendre 1 heure puis créer une tâche "T"')
    play.send("deal.created", "2026-11-23T10:00:00Z", id="A-1")
    (timer,) = play.engine.timers()
    outcome = play.send("time", "2026-11-23T12:00:00Z")
    assert [change.id for change in outcome.changes] == [f"{timer.key}.1"]


def test_a_pending_timer_runs_the_current_rule_of_its_name() -> None:
    store = MemoryStore()
    rule = 'règle "R"\nquand une affaire est créée alors attendre 1 heure puis journaliser "{}"'
    Play(rule.replace("{}", "ancien texte"), store).send("deal.created", "2026-11-23T10:00:00Z", id="A-1")
    assert Play(rule.replace("{}", "nouveau"), store).rings("2026-11-23T11:00:00Z") == [("2026-11-23 11:00", "nouveau")]


@pytest.mark.parametrize(
    "rules",
    [
        'règle "Autre"\nquand une affaire est créée alors journaliser "x"',
        'règle "R"\nquand une affaire est créée alors attendre 2 heures puis journaliser "x"',
        'règle "R"\nquand une affaire est créée alors journaliser "x"',
    ],
    ids=["the rule is gone", "the wait has changed", "there is no wait left"],
)
def test_a_timer_that_the_rules_no_longer_serve_is_orphaned_never_guessed(rules: str) -> None:
    store = MemoryStore()
    first = 'règle "R"\nquand une affaire est créée alors attendre 1 heure puis journaliser "x"'
    Play(first, store).send("deal.created", "2026-11-23T10:00:00Z", id="A-1")
    later = Play(rules, store)
    outcome = later.send("time", "2026-11-23T11:00:00Z")
    assert (outcome.fired, [problem.code for problem in outcome.problems]) == ((), ["QD554"])
    assert [timer.state for timer in later.engine.timers()] == ["orphaned"]


# --- dates --------------------------------------------------------------------------------------------------------

RENEW = """
règle "Renouvellement" / "Renewal"
quand 30 jours avant la date de fin d'un contrat et n'est pas renouvelé
alors journaliser "Renouveler {numéro}"
"""


def test_a_date_rings_at_local_midnight_and_once() -> None:
    play = Play(RENEW)
    outcome = play.send("contract.created", "2026-01-05T08:00:00Z", id="K", numéro="K", date_de_fin="2027-06-30")
    assert '"timers": [{"rule": "Renewal", "object": "K", "due": "2027-05-30T22:00:00Z"}]' in outcome.to_json()
    assert play.rings("2027-05-30T21:59:59Z") == []
    assert play.rings("2027-07-30T22:00:00Z") == [("2027-05-30 22:00", "Renouveler K")]
    assert play.rings("2028-05-30T22:00:00Z") == []


def test_a_timer_follows_its_date_and_dies_with_it() -> None:
    play = Play(RENEW)
    play.send("contract.created", "2026-01-05T08:00:00Z", id="K", numéro="K", date_de_fin="2027-06-30")
    play.send("contract.updated", id="K", date_de_fin="2027-07-30")
    assert [timer.due.month for timer in play.engine.timers()] == [6]
    play.send("contract.updated", id="K", date_de_fin=None)
    assert play.engine.timers() == []


def test_an_instant_already_past_when_the_date_is_written_does_not_ring() -> None:
    play = Play(RENEW)
    play.send("contract.created", "2026-01-05T08:00:00Z", id="K", numéro="K", date_de_fin="2026-01-20")
    assert play.rings("2026-02-05T08:00:00Z") == []


def test_an_instant_that_is_just_now_rings() -> None:
    """23:00 in UTC is midnight in Paris, a day before the date."""
    for at, rung in (("2026-11-22T23:00:00Z", ["x"]), ("2026-11-22T23:00:00.000001Z", [])):
        play = Play("règle 'R'\nquand 1 jour avant l'échéance d'une affaire alors journaliser \"x\"")
        play.send("deal.created", at, id="A-1", échéance="2026-11-24")
        assert [text for _, text in play.rings("2026-12-01T00:00:00Z")] == rung


def test_the_condition_is_read_when_the_date_comes() -> None:
    play = Play(RENEW)
    play.send("contract.created", "2026-01-05T08:00:00Z", id="K", numéro="K", date_de_fin="2027-06-30")
    play.send("contract.updated", id="K", renouvelé=True)
    assert play.rings("2027-07-30T22:00:00Z") == []


def test_a_new_rule_follows_dates_already_there_but_never_fires_on_the_past() -> None:
    store = MemoryStore()
    before = Play('règle "X"\nquand un contrat est créé alors journaliser "x"', store)
    before.send("contract.created", "2026-01-05T08:00:00Z", id="K1", numéro="K1", date_de_fin="2026-03-01")
    before.send("contract.created", id="K2", numéro="K2", date_de_fin="2026-04-01")
    after = Play(RENEW, store)
    assert after.rings("2026-02-15T08:00:00Z") == []
    assert [text for _, text in after.rings("2026-05-15T08:00:00Z")] == ["Renouveler K2"]


def test_an_hour_may_be_said() -> None:
    play = Play('règle "R"\nquand 1 jour après l\'échéance d\'une affaire, à 9h30 alors journaliser "x"')
    play.send("deal.created", "2026-01-05T08:00:00Z", id="A-1", échéance="2026-07-01")
    assert play.rings("2026-08-01T00:00:00Z") == [("2026-07-02 07:30", "x")]


def test_hours_after_a_creation_are_elapsed() -> None:
    play = Play('règle "R"\nquand 2 heures après la création d\'une affaire alors journaliser "x"')
    play.send("deal.created", "2026-10-25T00:30:00Z", id="A-1")
    assert play.rings("2026-10-26T00:00:00Z") == [("2026-10-25 02:30", "x")]


# --- states that last ---------------------------------------------------------------------------------------------


def test_a_state_must_last_without_a_break() -> None:
    play = Play('règle "R"\nquand une affaire reste 5 jours en étape = \'Négociation\' alors journaliser "{numéro}"')
    for name in ("A-1", "A-2"):
        play.send("deal.created", "2026-11-02T08:00:00Z", id=name, numéro=name, étape="Négociation")
    play.send("deal.updated", "2026-11-04T08:00:00Z", id="A-2", étape="Autre")
    play.send("deal.updated", id="A-2", étape="Négociation")
    assert play.rings("2026-11-07T08:00:00Z") == [("2026-11-07 08:00", "A-1")]
    assert play.rings("2026-12-07T08:00:00Z") == [("2026-11-09 08:00", "A-2")]


# --- calendars ----------------------------------------------------------------------------------------------------


def test_a_state_that_time_alone_ends_does_not_ring() -> None:
    rules = "règle 'R'\nquand une affaire reste 5 jours en échéance > aujourd'hui alors journaliser \"{numéro}\""
    play = Play(rules)
    play.send("deal.created", "2026-11-23T10:00:00Z", id="A-1", numéro="brève", échéance="2026-11-25")
    play.send("deal.created", "2026-11-23T10:00:00Z", id="A-2", numéro="longue", échéance="2026-12-25")
    assert play.rings("2026-12-01T00:00:00Z") == [("2026-11-28 10:00", "longue")]


def test_of_the_ticks_missed_only_the_latest_rings_at_its_own_instant() -> None:
    play = Play('règle "R"\nquand chaque lundi à 9h alors journaliser "{maintenant}"', now="2026-11-01T00:00:00+01:00")
    assert play.rings("2026-11-17T07:59:00Z") == [("2026-11-16 08:00", "16 novembre 2026 à 9h")]


def test_a_tick_older_than_the_tolerance_is_dropped() -> None:
    for tolerance, rung in (("", 0), (" (tolérance 3 jours)", 1)):
        play = Play(f'règle "R"{tolerance}\nchaque lundi à 9h alors journaliser "x"', now="2026-11-01T00:00:00+01:00")
        assert len(play.rings("2026-11-18T09:00:00Z")) == rung


def test_calendar_rules_start_at_the_first_instant_seen() -> None:
    play = Play('règle "R"\nchaque jour à 9h alors journaliser "x"')
    assert play.rings("2026-11-02T09:00:00Z") == []
    assert play.rings("2026-11-03T09:00:00Z") == [("2026-11-03 08:00", "x")]


def test_an_event_that_fails_starts_no_calendar() -> None:
    play = Play('règle "R"\nchaque jour à 9h alors journaliser "x"')
    assert play.send("deal.updated", "2099-01-01T00:00:00Z", id="A-404").status == "failed"
    play.send("time", "2026-11-02T09:00:00Z")
    assert len(play.rings("2026-11-03T09:00:00Z")) == 1


def test_a_tick_for_each_object() -> None:
    play = Play(
        'règle "R"\nchaque 1er du mois pour chaque affaire dont étape = \'A\' alors journaliser "{numéro}"',
        now="2026-11-01T00:00:00+01:00",
    )
    for name, stage in (("A-2", "A"), ("A-1", "A"), ("A-3", "B")):
        play.send("deal.created", id=name, numéro=name, étape=stage)
    assert [text for _, text in play.rings("2026-12-01T08:00:00Z")] == ["A-1", "A-2"]


def test_an_hour_that_does_not_exist_rings_just_after_the_gap() -> None:
    play = Play('règle "R"\nchaque jour à 2h30 alors journaliser "{maintenant}"', now="2026-03-28T12:00:00+01:00")
    assert play.rings("2026-03-29T12:00:00Z") == [("2026-03-29 01:00", "29 mars 2026 à 3h")]


def test_an_hour_that_exists_twice_rings_once() -> None:
    play = Play('règle "R"\nchaque jour à 2h30 alors journaliser "x"', now="2026-10-24T12:00:00+02:00")
    assert play.rings("2026-10-25T00:40:00Z") == [("2026-10-25 00:30", "x")]
    assert play.rings("2026-10-25T12:00:00Z") == []


# --- the clock and the order --------------------------------------------------------------------------------------


def test_timers_ring_before_the_event_in_order_of_due_instant_priority_rule_and_object() -> None:
    rules = "".join(
        f'règle "{name}"{priority}\nquand une affaire est créée alors attendre {hours} puis journaliser "{name}"\n'
        for name, priority, hours in (
            ("C", "", "1 heure"),
            ("B", "", "2 heures"),
            ("A", "", "2 heures"),
            ("Z", " (priorité 1)", "2 heures"),
        )
    )
    play = Play(rules + 'règle "E"\nquand une affaire est modifiée alors journaliser "E"')
    play.send("deal.created", "2026-11-23T10:00:00Z", id="A-1")
    outcome = play.send("deal.updated", "2026-11-23T12:00:00Z", id="A-1", nom="x")
    assert [firing.rule for firing in outcome.fired] == ["C", "Z", "A", "B", "E"]
    assert [firing.at is None for firing in outcome.fired] == [False] * 4 + [True]


def test_an_earlier_event_is_processed_at_the_clock() -> None:
    play = Play('règle "R"\nquand une affaire est créée alors journaliser "{maintenant}"', now="2026-11-23T10:00:00Z")
    for at, text in (
        ("2020-01-01T00:00:00Z", "23 novembre 2026 à 11h"),
        ("2026-11-23T11:00:00Z", "23 novembre 2026 à 12h"),
        (None, "23 novembre 2026 à 12h"),
    ):
        (firing,) = play.send("deal.created", at, id=f"A-{at}").fired
        assert firing.effects[0].args["text"] == text


def test_in_a_running_service_an_event_without_an_instant_has_the_machine_s() -> None:
    clock = iter(datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (10, 12))
    rules = 'règle "R"\nquand une affaire est créée alors attendre 1 heure puis journaliser "x"'
    engine = quand.Engine(compiled(rules), clock=lambda: next(clock))
    engine.process({"event": "deal.created", "data": {"id": "A-1"}})
    assert len(engine.process({"event": "time"}).fired) == 1


def test_a_timer_that_fails_is_kept_and_told_and_the_event_goes_on() -> None:
    play = Play(
        """
        règle "A"
        quand une affaire est créée alors attendre 1 heure puis montant = montant × 2
        règle "B"
        quand le montant d'une affaire change alors montant = montant + 1
        """
    )
    play.send("deal.created", "2026-11-23T10:00:00Z", id="A-1", montant=1)
    outcome = play.send("contact.created", "2026-11-23T11:00:00Z", id="C-1")
    assert (outcome.status, [problem.code for problem in outcome.problems]) == ("applied", ["QD518"])
    assert [timer.state for timer in play.engine.timers()] == ["failed"]


# --- windows ------------------------------------------------------------------------------------------------------


def test_n_times_in_a_window_open_at_its_old_end() -> None:
    """It fires when the count reaches n, and again only after it fell below."""
    play = Play('règle "R"\nquand 3 appels manqués d\'un même contact en 2 heures alors journaliser "x"')
    fired: list[bool] = []
    for minute, contact in ((0, "C"), (10, "C"), (15, "D"), (20, "C"), (30, "C"), (125, "C"), (135, "C"), (255, "C")):
        at = datetime(2026, 11, 23, 9 + minute // 60, minute % 60, tzinfo=UTC).isoformat()
        fired.append(bool(play.send("missed call", at, contact=contact).fired))
    assert fired == [False, False, False, True, False, False, False, False]


def test_without_a_same_all_occurrences_are_counted_together() -> None:
    play = Play('règle "R"\nquand 2 appels manqués en 1 heure alors journaliser "x"')
    assert not play.send("missed call", "2026-11-23T09:00:00Z", contact="C").fired
    outcome = play.send("missed call", "2026-11-23T09:59:59Z", contact="D")
    assert [firing.object == outcome.event for firing in outcome.fired] == [True]
    assert not play.send("missed call", "2026-11-23T11:59:59Z", contact="D").fired
