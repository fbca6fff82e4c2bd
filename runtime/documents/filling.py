"""Templates are Jinja's, in its sandbox, with the names of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import Context, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from .written import Missing, Printed, Text, Thing, World, Wrong, filters, today_names


def environment(world: World, folder: Path | None = None) -> jinja2.Environment:
    """Where templates are filled: the sandbox, with everything escaped; others are included from ``folder`` only."""
    made = _Environment(world)
    if folder is not None:
        made.loader = _Folder(folder)
    made.filters.update(filters(world))
    # some of Jinja's own make texts of any length
    known: dict[str, Any] = {name: body for name, body in made.globals.items() if name in _GLOBALS}
    known.update(dict.fromkeys(today_names(), world.today))
    made.globals = known
    return made


_GLOBALS = ("range", "dict", "namespace")


class _Folder(jinja2.FileSystemLoader):
    """The templates of one folder, and nothing that links lead to outside of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._folder = folder.resolve()

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Raises ``TemplateNotFound``."""
        found = super().get_source(environment, template)
        if not Path(found[1]).resolve().is_relative_to(self._folder):
            raise jinja2.TemplateNotFound(template)
        return found


class _Context(Context):
    """Names that stand alone are looked for among the fields of the subject."""

    def resolve_or_missing(self, key: str) -> Any:
        found = super().resolve_or_missing(key)
        if found is not missing:
            return found
        assert isinstance(self.environment, _Environment)
        try:
            return self.environment.world.top(key)
        except KeyError:
            return missing


class _Unknown(StrictUndefined):
    """A name that stands for nothing: fails as soon as it is used."""

    __slots__ = ()

    def _fail_with_undefined_error(self, *_: Any, **__: Any) -> Any:
        raise Wrong("document_unknown_name", name=self._undefined_name)

    __iter__ = __str__ = __len__ = __bool__ = _fail_with_undefined_error  # type: ignore[assignment]
    __eq__ = __ne__ = __contains__ = __getitem__ = _fail_with_undefined_error  # type: ignore[assignment]
    __lt__ = __le__ = __gt__ = __ge__ = __call__ = _fail_with_undefined_error  # type: ignore[assignment]
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _fail_with_undefined_error  # type: ignore[assignment]
    __truediv__ = __rtruediv__ = __hash__ = _fail_with_undefined_error  # type: ignore[assignment]


class _Environment(ImmutableSandboxedEnvironment):
    context_class = _Context

    def __init__(self, world: World) -> None:
        super().__init__(autoescape=True, undefined=_Unknown)
        self.world = world

    def getattr(self, obj: Any, attribute: str) -> Any:
        """``object.field``."""
        return obj.lookup(attribute) if isinstance(obj, Thing) else self._other(obj, attribute, super().getattr)

    def getitem(self, obj: Any, argument: str | Any) -> Any:
        """``object['field']``."""
        if isinstance(obj, Thing):
            return obj.lookup(str(argument))
        return self._other(obj, argument, super().getitem)

    def _other(self, obj: Any, name: Any, read: Callable[[Any, Any], Any]) -> Any:
        if isinstance(obj, Missing):
            # what is missing has nothing but missing fields
            return obj
        if isinstance(obj, (Printed, Text)):
            raise Wrong("document_no_parts", name=str(name), value=str(obj)[:60])
        return read(obj, name)
