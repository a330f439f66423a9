"""Notices as mail, in text and HTML."""

from finops_exporters.email.options import EmailOptions, SmtpOptions
from finops_exporters.email.receiver import Email

__all__ = ["Email", "EmailOptions", "SmtpOptions"]
