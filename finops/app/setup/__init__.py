"""``finops init``: answers -> a configuration, a first policy and its test, checked before they are written."""

from finops.app.setup.answers import Answers, MailAnswer, SourceAnswer
from finops.app.setup.editor import VSCODE, editor_files
from finops.app.setup.files import (
    CONFIG,
    FILE_NAMES,
    files_of,
    findings_of,
    foreign_currencies,
    lacks_rates,
    policy_text,
)
from finops.app.setup.next_steps import steps_after
from finops.app.setup.options import Given, parse_budget, parse_currency, read_given
from finops.app.setup.source_catalogue import OFFERED, Offered, Question
from finops.app.setup.verify import Verified, verify

__all__ = [
    "CONFIG",
    "FILE_NAMES",
    "OFFERED",
    "VSCODE",
    "Answers",
    "Given",
    "MailAnswer",
    "Offered",
    "Question",
    "SourceAnswer",
    "Verified",
    "editor_files",
    "files_of",
    "findings_of",
    "foreign_currencies",
    "lacks_rates",
    "parse_budget",
    "parse_currency",
    "policy_text",
    "read_given",
    "steps_after",
    "verify",
]
