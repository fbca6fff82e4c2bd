"""Handlers that never show a traceback.

The library passes the server to a handler whose first parameter is called ``ls``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from .server import Server

_Params = TypeVar("_Params")
_Answer = TypeVar("_Answer")


def guarded(handler: Callable[[Server, _Params], _Answer]) -> Callable[[Server, _Params], _Answer | None]:
    """A handler that answers nothing where it fails, and tells the log: an editor shows no traceback."""

    def call(ls: Server, params: _Params) -> _Answer | None:
        try:
            return handler(ls, params)
        except JsonRpcException:
            raise
        except Exception as error:  # noqa: BLE001 - an editor shows no traceback
            ls.trouble(error)
            return None

    return call


def guarded_later(
    handler: Callable[[Server, _Params], Awaitable[_Answer]],
) -> Callable[[Server, _Params], Awaitable[_Answer | None]]:
    """The same for a handler that lets others have their turn."""

    async def call(ls: Server, params: _Params) -> _Answer | None:
        try:
            return await handler(ls, params)
        except JsonRpcException:
            raise
        except Exception as error:  # noqa: BLE001 - an editor shows no traceback
            ls.trouble(error)
            return None

    return call
