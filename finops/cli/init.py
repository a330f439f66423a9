"""``finops init``: writes and checks the first files."""

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
            help="Source of bills; repeatable: 'focus-files:path=./bills', 'aws-data-export:bucket=b,export=e'",
        ),
    ] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", help="Reporting currency  [default: that of the bills]")
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", help="Monthly budget for all costs  [default: an ordinary month of the bills]"),
    ] = None,
    team_tag: Annotated[
        list[str] | None,
        typer.Option(
            "--team-tag",
            help="Tag that holds the team; repeatable, in order of precedence  [default: from the bills]",
        ),
    ] = None,
    mail: Annotated[
        str | None, typer.Option("--mail", help="Address that alerts are mailed to  [default: none]")
    ] = None,
    smtp: Annotated[str | None, typer.Option("--smtp", metavar="HOST[:PORT]", help="Mail server")] = None,
    smtp_user: Annotated[
        str | None,
        typer.Option("--smtp-user", help="Login on the mail server; the password is read from $SMTP_PASSWORD"),
    ] = None,
    rates: Annotated[
        str | None, typer.Option("--rates", metavar="PATH", help="Exchange rates, in the ECB's CSV format")
    ] = None,
    editor: Annotated[
        bool, typer.Option("--vscode", help="Write .vscode/ settings: completion and checks while you type")
    ] = False,
    example: Annotated[
        bool, typer.Option("--example", help="Write a bill to learn with, which ends yesterday, and use it")
    ] = False,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Check that the sources are usable")] = True,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite existing files")] = False,
) -> None:
    """Write finops.yaml, a first policy and its test.

    On a terminal, missing options are asked for. Exit status 2 when a value is missing or invalid (nothing is written),
    4 when a source is not usable yet.
    """
    options = globals_of(context)
    with told(options):
        from finops.app import setup
        from finops.app.clock import SystemClock
        from finops.app.written_files import refuse_to_overwrite, write_files
        from finops.cli.questions import ask

        folder = options.config.parent
        names = {name: options.config.name if name == setup.CONFIG else name for name in setup.FILE_NAMES}
        if not replace:
            ours = [*names.values(), *(setup.VSCODE if editor else ())]
            refuse_to_overwrite(folder, (name for name in ours if (folder / name).exists()))
        if example:
            from finops.app.setup.example import PATH, example_bill

            bill = example_bill(SystemClock().now().date())
            write_files(folder, {PATH: bill}, replace=True)
            options.out.print(f"written: {folder / PATH}", highlight=False, soft_wrap=True)
        given = setup.read_given(
            sources=[*(sources or []), *(["focus-files:path=./bills"] if example else [])],
            currency=currency,
            budget=budget,
            team_tag=team_tag or [],
            mail=mail,
            smtp=smtp,
            smtp_user=smtp_user,
            rates=rates,
            editor=editor,
        )
        if sys.stdin.isatty():
            answers = ask(options.out, given, folder)
        else:
            answers = given.from_bills(folder, lambda _doing: None).complete()
            for line in setup.findings_of(answers.survey) if answers.survey else ():
                options.out.print(line, highlight=False, soft_wrap=True)
        files = setup.files_of(answers)
        verified = setup.verify(files)
        write_files(folder, setup.editor_files(vscode=answers.editor), replace=True)
        written = write_files(folder, {names[name]: content for name, content in files.items()}, replace=replace)
        for path in written or sorted(folder / name for name in names.values()):
            options.out.print(f"written: {path}", highlight=False, soft_wrap=True)
        sources_read = count_text(verified.sources, "source")
        options.out.print(f"checked: {sources_read}, {verified.policies}, all valid")
    works = not check or _sources_work(options)
    _say_what_is_next(options, answers, works=works)
    if not works:
        raise typer.Exit(4)


def _sources_work(options: Globals) -> bool:
    """Runs ``finops sources check``."""
    from finops.cli.opening import opened
    from finops.cli.sources import show_checks

    with opened(options) as container:
        return show_checks(options, container.collectors, [])


def _say_what_is_next(options: Globals, answers: Answers, *, works: bool) -> None:
    from finops.app.clock import SystemClock
    from finops.app.setup import steps_after

    options.out.print("\nNext:", style="bold")
    now = SystemClock().now()
    for command, why in steps_after(answers, works=works, config=options.config, now=now):
        options.out.print(f"  {command}", style="bold", highlight=False, soft_wrap=True)
        options.out.print(f"      {why}", highlight=False, soft_wrap=True)
