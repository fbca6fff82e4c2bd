"""click, speaking the language of the session: commands, the lazy group, shared options, errors in words."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from ..dsl.messages import languages
from .session import Session


class Command(click.Command):
    """A command whose help is in the language of the session.

    ``name`` finds its texts: ``<name>_help`` in the ``[ui]`` messages. The callback gets the session first and returns
    the exit status.
    """

    def __init__(
        self, session: Session, name: str, callback: Callable[..., int], params: Sequence[click.Parameter]
    ) -> None:
        def call(**values: Any) -> int:
            values.pop("lang", None)
            values.pop("debug", None)
            return callback(session, **values)

        super().__init__(
            name,
            callback=call,
            params=[*params, *common_options(session)],
            help=session.text(f"{name}_help"),
            options_metavar=session.text("options_metavar"),
            context_settings={"allow_extra_args": True},
        )
        self.session = session

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise click.UsageError(self.session.text("extra_argument", name=rest[0]), ctx)
        return rest

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return help_option(self.session)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_usage(self.session, self, ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self.session, self, ctx, formatter)


class Group(click.Group):
    """The command ``quand``: each command's module is imported when that command is asked for.

    ``modules`` gives the module of each command, relative to this package.
    """

    def __init__(self, session: Session, modules: Mapping[str, str], version: str) -> None:
        super().__init__(
            "quand",
            help=session.text("quand_help"),
            params=[
                click.Option(
                    ["--version"],
                    is_flag=True,
                    is_eager=True,
                    expose_value=False,
                    callback=_printer(f"quand {version}"),
                    help=session.text("version_help"),
                ),
                *common_options(session),
            ],
            options_metavar=session.text("options_metavar"),
            subcommand_metavar=session.text("command_metavar"),
            no_args_is_help=True,
            callback=_nothing,
        )
        self.session = session
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = self.modules.get(cmd_name)
        if module is None:
            return None
        return importlib.import_module(module, __package__).command(self.session)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name in self.modules or name.startswith("-"):
            return super().resolve_command(ctx, args)
        # only for a mistyped command
        from difflib import get_close_matches

        near = get_close_matches(name, list(self.modules), 1)
        key = "no_such_command_near" if near else "no_such_command"
        raise click.UsageError(self.session.text(key, name=name, near=near, names=list(self.modules)), ctx)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return help_option(self.session)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_usage(self.session, self, ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self.session, self, ctx, formatter)
        with formatter.section(self.session.text("commands_heading")):
            formatter.write_dl([(name, self.session.text(f"{name}_short")) for name in self.modules])


class OneOf(click.ParamType):  # pyright: ignore[reportMissingTypeArgument] - generic from click 8.5 on
    """One of some words; the error says which there are."""

    name = "word"

    def __init__(self, session: Session, words: Sequence[str]) -> None:
        self.session = session
        self.words = tuple(words)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return "|".join(self.words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value in self.words:
            return value
        raise click.UsageError(
            self.session.text("wrong_choice", name=_parameter_name(param), value=value, names=list(self.words)), ctx
        )


def common_options(session: Session) -> list[click.Parameter]:
    """The options every command has; the session was made from them before click read them."""
    return [
        click.Option(["--lang"], type=OneOf(session, languages()), help=session.text("lang_help")),
        click.Option(["--debug"], is_flag=True, help=session.text("debug_help")),
    ]


def paths_argument() -> click.Argument:
    """``PATH...``: files, folders or ``-``."""
    return click.Argument(["paths"], nargs=-1, required=True, metavar="PATH...")


def data_option(session: Session) -> click.Option:
    """``--data URL``: where the data are."""
    return click.Option(["--data"], metavar="URL", help=session.text("data_help"))


def now_option(session: Session) -> click.Option:
    """``--now INSTANT``: the instant to start at."""
    return click.Option(["--now"], metavar="INSTANT", help=session.text("now_help"))


def help_option(session: Session) -> click.Option:
    def show(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), color=ctx.color)
            ctx.exit()

    return click.Option(
        ["--help"], is_flag=True, is_eager=True, expose_value=False, callback=show, help=session.text("help_help")
    )


def write_usage(session: Session, command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    pieces = command.collect_usage_pieces(ctx)
    formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=session.text("usage_prefix") + " ")


def write_options(session: Session, command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    records = [record for record in (param.get_help_record(ctx) for param in command.get_params(ctx)) if record]
    with formatter.section(session.text("options_heading")):
        formatter.write_dl(records)


def usage_text(session: Session, error: click.ClickException) -> str:
    """What click found wrong with the arguments, in the language of the session."""
    if isinstance(error, click.NoSuchOption):
        near = list(error.possibilities or ())
        return session.text("no_such_option_near" if near else "no_such_option", name=error.option_name, near=near)
    if isinstance(error, click.MissingParameter):
        return session.text("missing_argument", name=_parameter_name(error.param))
    if isinstance(error, click.BadOptionUsage):
        return session.text("option_needs_value", name=error.option_name)
    if isinstance(error, click.BadParameter):
        return session.text("bad_value", name=_parameter_name(error.param))
    return error.format_message()


def _parameter_name(param: click.Parameter | None) -> str:
    if param is None:
        return ""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.metavar or (param.name or "").upper()


def _nothing(**values: object) -> None:
    """The group itself does nothing: its options were read before."""


def _printer(text: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def show(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(text)
            ctx.exit()

    return show
