"""The contract of stores, on those that are built in."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgres_server import GROUP, new_database
from store_contract import LastingStoreContract, Place, StoreContract
from store_outbox_contract import LastingOutboxContract, OutboxContract

from quand.project.stores import open_store
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.overlay import OverlayStore


class TestMemory(StoreContract, OutboxContract):
    @pytest.fixture
    def place(self) -> Place:
        return MemoryStore


class TestOverlay(StoreContract):
    @pytest.fixture
    def place(self) -> Place:
        return lambda: OverlayStore(MemoryStore())


class TestSqliteInMemory(StoreContract, OutboxContract):
    @pytest.fixture
    def place(self) -> Place:
        return lambda: open_store("sqlite://")


class TestSqliteFile(LastingStoreContract, LastingOutboxContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return lambda: open_store(f"sqlite:///{tmp_path}/crm.db")


@GROUP
class TestPostgres(LastingStoreContract, LastingOutboxContract):
    @pytest.fixture
    def place(self) -> Place:
        address = new_database()
        return lambda: open_store(address)
