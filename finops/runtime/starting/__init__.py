"""``finops init``: answers -> a configuration, a first policy and its test, checked before they are written."""

from finops.runtime.starting.answers import Answers, MailAnswer, SourceAnswer
from finops.runtime.starting.files import CONFIG, FILE_NAMES, files_of, lacks_rates
from finops.runtime.starting.given import Given, parse_budget, parse_currency, read_given
from finops.runtime.starting.next_steps import steps_after
from finops.runtime.starting.offered import OFFERED, Offered, Question
from finops.runtime.starting.verify import Verified, verify

__all__ = [
    "CONFIG",
    "FILE_NAMES",
    "OFFERED",
    "Answers",
    "Given",
    "MailAnswer",
    "Offered",
    "Question",
    "SourceAnswer",
    "Verified",
    "files_of",
    "lacks_rates",
    "parse_budget",
    "parse_currency",
    "read_given",
    "steps_after",
    "verify",
]
