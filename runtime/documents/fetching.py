"""Which files a page may ask for while it is printed. Imports WeasyPrint: only the process that prints loads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from weasyprint.urls import URLFetcher, URLFetcherResponse

_URLFetcher: Any = URLFetcher  # its signatures are not typed


class FolderFetcher(_URLFetcher):
    """Fetches the files of one folder, and what pages hold themselves (``data:``); ``refused`` are all others."""

    def __init__(self, folder: Path) -> None:
        _URLFetcher.__init__(self, allowed_protocols={"data", "file"}, allow_redirects=False)
        self._folder = folder.resolve()
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """Raises ``ValueError`` for what is refused."""
        parts = urlsplit(url)
        if parts.scheme == "data":
            return _URLFetcher.fetch(self, url, headers)
        path = Path(url2pathname(unquote(parts.path))).resolve()
        if parts.scheme != "file" or parts.netloc or not path.is_relative_to(self._folder) or not path.is_file():
            self.refused.append(url)
            raise ValueError(url)
        return _URLFetcher.fetch(self, path.as_uri(), headers)
