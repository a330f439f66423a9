"""``finops init``: the first files, checked, and what to do next."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from finops.cli.failure import told
from finops.cli.globals import Globals, globals_of
from finops.model.wording import count_text

if TYPE_CHECKING:
    from finops.app.setup import Answers


def init(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            metavar="KIND[:KEY=VALUE,…]",
            help="Bills, as often as wanted: 'focus-files:path=./bills', 'aws-data-export:bucket=b,export=e'",
        ),
    ] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Of every verdict, like EUR")] = None,
    budget: Annotated[str | None, typer.Option("--budget", help="What everything may cost in a month")] = None,
    team_tag: Annotated[str | None, typer.Option("--team-tag", help="The tag that names the team [team]")] = None,
    mail: Annotated[str | None, typer.Option("--mail", help="Who gets mail [nobody]")] = None,
    smtp: Annotated[str | None, typer.Option("--smtp", metavar="HOST", help="The mail server")] = None,
    smtp_user: Annotated[
        str | None, typer.Option("--smtp-user", help="Its login; the password comes from $SMTP_PASSWORD")
    ] = None,
    rates: Annotated[
        str | None, typer.Option("--rates", metavar="PATH", help="Exchange rates in the form of the ECB's history")
    ] = None,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Try the sources")] = True,
    replace: Annotated[bool, typer.Option("--replace", help="Replace files that are there")] = False,
) -> None:
    """Write finops.yaml, a first policy and its test. On a terminal it asks for what no option says.

    Exit status 2 when an answer is missing or wrong (nothing is written then), 4 when a source cannot be used yet.
    """
    options = globals_of(context)
    with told(options):
        from finops.app import setup
        from finops.app.written_files import refuse_to_overwrite, write_files
        from finops.cli.questions import ask

        folder = options.config.parent
        names = {name: options.config.name if name == setup.CONFIG else name for name in setup.FILE_NAMES}
        if not replace:
            refuse_to_overwrite(folder, (name for name in names.values() if (folder / name).exists()))
        given = setup.read_given(
            sources=sources or [],
            currency=currency,
            budget=budget,
            team_tag=team_tag,
            mail=mail,
            smtp=smtp,
            smtp_user=smtp_user,
            rates=rates,
        )
        answers = ask(options.out, given) if sys.stdin.isatty() else given.complete()
        files = setup.files_of(answers)
        verified = setup.verify(files)
        written = write_files(folder, {names[name]: content for name, content in files.items()}, replace=replace)
        for path in written or sorted(folder / name for name in names.values()):
            options.out.print(f"written: {path}", markup=False, highlight=False, soft_wrap=True)
        sources_read = count_text(verified.sources, "source")
        options.out.print(f"read again: {sources_read}, {verified.policies}, all pass", markup=False)
    works = not check or _sources_work(options)
    _say_what_is_next(options, answers, works=works)
    if not works:
        raise typer.Exit(4)


def _sources_work(options: Globals) -> bool:
    """Tries them as ``finops sources check`` does, and shows what was seen."""
    from finops.cli.opening import opened
    from finops.cli.sources import show_checks

    with opened(options) as container:
        return show_checks(options, container.collectors, [])


def _say_what_is_next(options: Globals, answers: Answers, *, works: bool) -> None:
    from finops.app.setup import steps_after

    options.out.print("\nNext:", style="bold")
    for command, why in steps_after(answers, works=works, config=options.config):
        options.out.print(f"  {command}", style="bold", markup=False, highlight=False, soft_wrap=True)
        options.out.print(f"      {why}", markup=False, highlight=False, soft_wrap=True)
