"""Documents: templates that authors make themselves, filled in a process of its own and read back here."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pypdf
import pytest
from docx import Document

import quand
from quand.dsl.messages import ui
from quand.dsl.values import Reference
from quand.project.connector_settings import ConnectorSettings
from quand.project.documents import document_connector
from quand.runtime.connectors.documents import DocumentConnector, file_name
from quand.runtime.connectors.port import DeliveryError, Postponed, Rejected
from quand.runtime.documents.child import attempt
from quand.runtime.documents.render import form_of
from quand.runtime.documents.written import Wrong
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.port import Effect, Record

RULES = """
définir l'acompte d'une affaire / deposit = arrondi de (30 % de montant à payer) à 2 décimales
"""
DEAL = Reference("deal", "A-1")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@attrs.define
class Office:
    """A project with templates, a deal, its contact and a product line."""

    templates: Path
    folder: Path
    connector: DocumentConnector
    made: int = 0

    def template(self, name: str, text: str) -> str:
        (self.templates / name).write_text(text, encoding="utf-8")
        return name

    def word(self, name: str, *paragraphs: str) -> str:
        document = Document()
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
        document.save(str(self.templates / name))
        return name

    def make(self, template: str, **arguments: Any) -> Path:
        """Generate a document of the deal; the file."""
        self.made += 1
        document = Reference("document", f"d{self.made}")
        given = {"template": template, "subject": DEAL, "document": document, **arguments}
        effect = Effect(f"k{self.made}", "generate document", given, "R", DEAL, "e1", NOW)
        recipient = self.connector.recipient(effect, nothing)
        self.connector.send(effect, recipient, nothing)
        (found,) = self.connector.place(document.id).iterdir()
        return found

    def page(self, text: str, subject: Reference = DEAL) -> str:
        """What a template of one line becomes, filled in this very process, which is quicker."""
        wrong = self._attempt(text, subject)
        assert wrong is None, wrong
        return (self.templates / "page.out").read_text(encoding="utf-8")

    def wrong(self, text: str, language: str = "fr") -> str:
        """What is told of a template of one line."""
        wrong = self._attempt(text, DEAL)
        assert wrong is not None
        return ui(wrong.key, language, **wrong.facts)

    def _attempt(self, text: str, subject: Reference) -> Wrong | None:
        template = self.templates / self.template("page.html", text)
        facts = json.loads(json.dumps(self.connector.facts(subject)))
        target = str(template.with_suffix(".out"))
        return attempt({"template": str(template), "target": target, "form": "html", "facts": facts})

    def rejected(self, text: str) -> str:
        """What is told of a template of one line by the process that fills it, in French."""
        self.template("page.html", text)
        with pytest.raises(Rejected) as caught:
            self.make("page.html", format="html")
        return caught.value.text("fr")


def nothing(reference: Reference) -> Record | None:
    return None


@pytest.fixture(scope="module")
def data() -> tuple[Any, MemoryStore]:
    program = quand.compile_text(RULES, language="fr")
    store = MemoryStore()
    engine = quand.Engine(program, store=store)
    hostile = "<b>{{ 7*7 }}</b> & Fils"
    for event in (
        {"event": "contact.created", "at": "2026-11-23T09:00:00Z", "data": {"id": "C-1", "nom": "Anne Petit"}},
        {"event": "contact.created", "at": "2026-11-23T09:00:00Z", "data": {"id": "C-2", "nom": hostile}},
        {
            "event": "deal.created",
            "at": "2026-11-23T09:00:00Z",
            "data": {
                "id": "A-1",
                "numéro": "2026-117",
                "étape": "Négociation",
                "montant": 12000,
                "remise": "5 %",
                "contact": "C-1",
                "longueur": 5,
            },
        },
        {
            "event": "product line.created",
            "at": "2026-11-23T09:00:00Z",
            "data": {"id": "L-1", "affaire": "A-1", "quantité": 30, "prix": "19.90"},
        },
    ):
        outcome = engine.process(event)
        assert outcome.status == "applied", outcome.to_json()
    return program.ir, store


@pytest.fixture
def office(data: tuple[Any, MemoryStore], tmp_path: Path) -> Office:
    program, store = data
    (tmp_path / "modeles").mkdir()
    settings = ConnectorSettings(documents={"templates": "modeles", "folder": "faits"}, folder=tmp_path)
    connector = document_connector(settings, program, store, lambda: NOW)
    assert connector is not None
    return Office(tmp_path / "modeles", tmp_path / "faits", connector)


# --- what authors write -----------------------------------------------------------------------------------------------


def test_a_word_template_stays_word(office: Office) -> None:
    office.word(
        "contrat.docx", "Contrat {{ numéro }} avec {{ contact.nom }}", "À payer : {{ montant_à_payer | argent }}"
    )
    made = office.make("contrat.docx", name="Contrat 2026-117")
    assert made.name == "Contrat 2026-117.docx"
    written = [paragraph.text for paragraph in Document(str(made)).paragraphs]
    assert written == ["Contrat 2026-117 avec Anne Petit", "À payer : 11\u202f400,00\u00a0€"]


def test_a_page_becomes_a_pdf(office: Office) -> None:
    office.template("facture.html", "<p>{{ contact.nom }}, acompte {{ acompte }}, le {{ aujourd_hui }}</p>")
    made = office.make("facture.html", name="Facture", format="PDF")
    text = pypdf.PdfReader(made).pages[0].extract_text()
    assert text.replace("\u202f", " ").replace("\u00a0", " ") == "Anne Petit, acompte 3 420,00 €, le 23 novembre 2026"


def test_names_in_either_language_and_values_as_the_project_writes_them(office: Office) -> None:
    template = (
        "{{ deal.contact.name }}|{{ AFFAIRE.Numero }}|{{ remise }}|{{ longueur }}|{{ montant | money('en') }}|"
        "{{ étape }}|{{ étape | texte('en') }}|{{ today | date('en') }}|{{ remise | nombre }}"
    )
    written = office.page(template).replace("\u202f", " ").replace("\u00a0", " ")
    assert written == "Anne Petit|2026-117|5 %|5 m|€12,000.00|Négociation|Négociation|November 23, 2026|0,05"


def test_what_refers_to_the_subject_is_a_list(office: Office) -> None:
    template = "{% for l in lignes_de_produit %}{{ l.quantité }} × {{ l.prix }} = {{ l.prix * l.quantité }}{% endfor %}"
    written = office.page(template).replace("\u202f", " ").replace("\u00a0", " ")
    assert written == "30 × 19,90 € = 597,00 €"


def test_what_is_missing_writes_nothing_and_can_be_asked_for(office: Office) -> None:
    assert office.page("[{{ largeur }}|{{ largeur or 'aucune' }}|{% if largeur %}oui{% else %}non{% endif %}]") == (
        "[|aucune|non]"
    )
    assert office.page("[{{ responsable.nom }}]") == "[]"


# --- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{{ numéroo }}", "« numéroo » n'est rien que ce document connaisse"),
        ("{{ contact.nmo }}", "« nmo » n'est pas un champ de « contact » : est-ce nom ?"),
        ("{{ numéro ", "le modèle ne se comprend pas, ligne 1"),
        ("{{ numéro | argent }}", "« 2026-117 » n'est pas un nombre"),
        ("{{ montant | date }}", "n'est pas une date"),
        ("{{ montant * largeur }}", "« largeur » est vide, et le modèle calcule avec"),
        ("{{ montant | argent('xx') }}", "« xx » n'est pas une langue connue"),
        ("{% include 'page.html' %}", "le modèle s'inclut lui-même sans fin"),
        ("{% include '../secret.html' %}", "le modèle « ../secret.html » n'est pas dans le dossier des modèles"),
    ],
)
def test_a_wrong_template_says_what_to_correct(office: Office, template: str, told: str) -> None:
    (office.templates.parent / "secret.html").write_text("secret", encoding="utf-8")
    assert told in office.wrong(template)


def test_messages_in_english(office: Office) -> None:
    told = office.wrong("{{ contact.nmo }}", "en")
    assert "is not a field of" in told
    assert "is it nom?" in told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("absent.docx", "n'est pas dans le dossier des modèles"),
        ("../secret.html", "mène hors du dossier des modèles"),
        ("/etc/passwd", "mène hors du dossier des modèles"),
        (" ", "aucun modèle n'est nommé"),
    ],
)
def test_a_template_that_is_not_there(office: Office, name: str, told: str) -> None:
    (office.templates.parent / "secret.html").write_text("secret", encoding="utf-8")
    with pytest.raises(Rejected) as caught:
        office.make(name)
    assert told in caught.value.text("fr")


def test_what_a_template_can_become() -> None:
    assert form_of("a.docx", None) == form_of("a.DOCX", "Word") == "docx"
    assert form_of("a.html", None) == form_of("a.html", ".PDF") == "pdf"
    assert form_of("a.html", "html") == "html"
    for name, asked in (("a.docx", "pdf"), ("a.odt", None), ("a.html", "docx")):
        with pytest.raises(Rejected):
            form_of(name, asked)


def test_a_damaged_word_file(office: Office) -> None:
    office.template("contrat.docx", "not a zip")
    with pytest.raises(Rejected) as caught:
        office.make("contrat.docx")
    assert caught.value.key == "document_template_broken"


# --- what is hostile --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        "{{ numéro.__class__.__mro__ }}",
        "{{ montant.value.__class__ }}",
        "{{ affaire._world }}",
        "{{ ''.__class__.__subclasses__() }}",
        "{{ aujourd_hui.world.things }}",
        "{{ [].append(1) }}",
    ],
)
def test_a_template_cannot_get_at_the_program(office: Office, template: str) -> None:
    assert office.wrong(template)


def test_a_template_that_never_ends_is_stopped(office: Office) -> None:
    office.connector = attrs.evolve(office.connector, seconds=7.0)
    told = office.rejected("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}")
    assert told == "le document n'est pas fini au bout de 1 s : simplifiez le modèle"


def test_a_template_that_grows_is_stopped(office: Office) -> None:
    office.connector = attrs.evolve(office.connector, megabytes=400)
    told = office.rejected("{% set x = 'x' * 300000000 %}{% set y = x ~ x %}{{ y }}")
    assert told == "le document demande plus de 400 Mo de mémoire : simplifiez le modèle"


def test_a_zip_that_unpacks_to_too_much(office: Office) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 101_000_000)
    (office.templates / "bombe.docx").write_bytes(content.getvalue())
    with pytest.raises(Rejected) as caught:
        office.make("bombe.docx")
    assert caught.value.key == "document_template_large"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "../secret.png"])
def test_a_page_asks_for_nothing_but_its_own_files(office: Office, url: str) -> None:
    office.template("page.html", f'<img src="{url}">')
    with pytest.raises(Rejected) as caught:
        office.make("page.html")
    assert caught.value.key == "document_refused_file"


def test_a_page_uses_the_files_beside_it(office: Office) -> None:
    office.template("page.css", "p { color: red }")
    office.template("page.html", '<link rel="stylesheet" href="page.css"><p>{{ numéro }}</p>')
    assert office.make("page.html").read_bytes().startswith(b"%PDF")


def test_values_are_text_and_nothing_more(data: tuple[Any, MemoryStore], office: Office) -> None:
    _, store = data
    with store.transaction() as transaction:
        assert transaction.get(Reference("contact", "C-2")) is not None
    subject = Reference("contact", "C-2")
    assert office.page("{{ nom }}", subject=subject) == "&lt;b&gt;{{ 7*7 }}&lt;/b&gt; &amp; Fils"
    office.word("lettre.docx", "{{ nom }}")
    made = office.make("lettre.docx", subject=subject)
    assert Document(str(made)).paragraphs[0].text == "<b>{{ 7*7 }}</b> & Fils"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("C:\\autoexec.bat", "C autoexec.bat"),
        ("a\r\nb\x00c", "a b c"),
        ("...", "document"),
        ("é" * 200, "é" * 50),
        ("facture\u202efdp.exe", "facture fdp.exe"),
    ],
)
def test_names_of_files_lead_nowhere(name: str, safe: str) -> None:
    assert file_name(name) == safe


@pytest.mark.parametrize("identifier", ["..", ".", "../x", "a/b", "e1.1"])
def test_identifiers_lead_nowhere(office: Office, identifier: str) -> None:
    assert office.connector.place(identifier).resolve().parent == office.folder.resolve()


# --- once ---------------------------------------------------------------------------------------------------------


def test_a_second_attempt_makes_nothing_new(office: Office) -> None:
    office.template("page.html", "{{ numéro }}")
    made = office.make("page.html", format="html")
    office.template("page.html", "autre")
    office.made -= 1
    again = office.make("page.html", format="html")
    assert again == made
    assert made.read_text(encoding="utf-8") == "2026-117"
    assert [path.name for path in made.parent.iterdir()] == ["page.html"]


def test_a_failure_leaves_no_half_of_a_file(office: Office) -> None:
    office.rejected("{{ numéroo }}")
    assert not [path for path in office.folder.rglob("*") if path.is_file()]


def test_an_email_waits_for_its_document(office: Office) -> None:
    document = Reference("document", "d1")
    with pytest.raises(Postponed):
        office.connector.attachment(document, nothing)
    office.template("page.html", "{{ numéro }}")
    office.make("page.html", format="html", name="Lettre")
    found = office.connector.attachment(document, nothing)
    assert (found.name, found.kind, found.content) == ("Lettre.html", "text/html", b"2026-117")


def test_a_subject_that_is_gone(office: Office) -> None:
    office.template("page.html", "x")
    with pytest.raises(DeliveryError) as caught:
        office.make("page.html", subject=Reference("deal", "rien"))
    assert caught.value.key == "document_subject_gone"


def test_identifiers_that_begin_alike_share_no_folder(office: Office) -> None:
    """An e-mail takes what is in the folder of its document, and nobody else's."""
    first, second = (office.connector.place("x" * 250 + end) for end in "12")
    assert first != second
    assert max(len(first.name), len(second.name)) <= 200
    assert office.connector.place("\ud800").name == "%ED%A0%80"


@pytest.mark.parametrize("name", ["x" * 5000 + ".html", "\ud800.html"])
def test_a_template_whose_name_no_disk_takes_is_none(office: Office, name: str) -> None:
    with pytest.raises(Rejected, match="document_no_template"):
        office.make(name)


def test_a_link_to_another_folder_is_no_template(office: Office) -> None:
    (office.folder.parent / "secret.html").write_text("secret")
    (office.templates / "link.html").symlink_to(office.folder.parent / "secret.html")
    assert "n'est pas dans le dossier des modèles" in office.wrong("{% include 'link.html' %}")


def test_whoever_stops_a_service_is_not_held_against_the_template(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.template("a.html", "<p>{{ numéro }}</p>")
    stopped = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"
    run = subprocess.run
    monkeypatch.setattr(
        "subprocess.run",
        lambda command, **given: run([sys.executable, "-c", stopped], **given),  # type: ignore[misc]
    )
    with pytest.raises(Postponed, match="SIGTERM"):
        office.make("a.html", format="html")
    assert not [*office.folder.iterdir()]


def test_what_a_killed_process_left_goes_with_the_next_attempt(office: Office) -> None:
    office.template("a.html", "<p>{{ numéro }}</p>")
    left = office.connector.place("d1") / ".123.part"
    left.parent.mkdir(parents=True)
    left.write_text("<p>2026")
    os.utime(left, (0, 0))
    assert office.make("a.html", format="html").read_text() == "<p>2026-117</p>"
