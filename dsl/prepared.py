"""TOML tables, read from the JSON prepared beside them: reading TOML takes twenty times as long.

``fr.json`` holds what ``fr.toml`` says and a checksum of its text. Where the file was edited since, the TOML itself is
read, so editing needs nothing; ``python -m quand.dsl.prepared`` prepares all tables anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

GRAMMAR_FOLDER = Path(__file__).parent.parent / "grammar"


def read_tables(source: Path) -> Mapping[str, Any]:
    """The tables of a TOML file. Raises ``FileNotFoundError`` where there is none."""
    written = source.read_bytes()
    try:
        prepared = json.loads(source.with_suffix(".json").read_bytes())
        if prepared["checksum"] == checksum(written):
            return prepared["tables"]
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return _parse(written)


def checksum(content: bytes) -> int:
    """What tells an edited file from the one that was prepared, however its lines end."""
    return crc32(content.replace(b"\r\n", b"\n"))


def prepare(source: Path) -> str:
    """The JSON text for a TOML file, a line per section."""
    written = source.read_bytes()
    sections = ",\n".join(f"{_dump(name)}:{_dump(section)}" for name, section in _parse(written).items())
    return f'{{"checksum":{checksum(written)},\n"tables":{{\n{sections}}}}}\n'


def sources() -> list[Path]:
    """The TOML files that are prepared."""
    return sorted(GRAMMAR_FOLDER.glob("*/*.toml"))


def _parse(written: bytes) -> Mapping[str, Any]:
    # only where a table was edited since it was prepared
    import tomllib

    return tomllib.loads(written.decode("utf-8"))


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    for file in sources():
        file.with_suffix(".json").write_text(prepare(file), encoding="utf-8", newline="\n")
