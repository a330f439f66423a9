"""Names that somebody who may tag a resource could choose. Whatever shows a name has to survive all of them."""

from __future__ import annotations

HOSTILE_NAMES = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(2)><b>bold</b>",
    "html-attribute": '" onmouseover="alert(1)" x=\'',
    "html-entity": "&lt;b&gt; &amp; &#x202e;",
    "template": "{{ 7 * 7 }}{% raw %}${7*7}#{7*7}",
    "markdown": "**bold** [click](https://evil.example/) ![x](https://evil.example/x.png) `code` # title",
    "slack": "<!channel> <@U012AB3CD> <https://evil.example|click> @here @everyone",
    "link": "https://evil.example/reset-your-password",
    "newlines": "one\r\ntwo\n\nthree\u2028four\x0bfive",
    "mail-header": "x\r\nBcc: victim@example.com\r\nSubject: you won",
    "smtp-end": "x\r\n.\r\nMAIL FROM:<a@example.com>",
    "right-to-left": "\u202egnp.exe\u202c \u2066hidden\u2069 \u200f",
    "invisible": "a\u200bb\ufeffc\u00add",
    "controls": "\x00\x07\x1b[2J\x1b]0;title\x07\x7f\x9b31m",
    "escapes": "\x1b[2J\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\\x9b31m[link=https://evil.example]x[/link]",
    "log-line": 'x\n2026-01-01T00:00:00Z [error] forged level=critical msg="all is lost"',
    "prometheus-label": 'a\\b"c\n} 1e9\nfinops_policy_state{state="ok',
    "formula": '=HYPERLINK("https://evil.example";"click")+cmd|\' /C calc\'!A0',
    "formula-at": "@SUM(1+9)*cmd|' /C calc'!A0",
    "sql": "'; DROP TABLE costs; --",
    "path": "../../etc/passwd\x00.png",
    "percent": "%s %n %(asctime)s %00",
    "surrogate-pair": "\U0001f4b8\U0001f3f4\U000e0067\U000e0062",
    "combining": "Z\u0351\u036b\u0343\u036a\u0302" * 20,
    "empty-looking": "\u00a0\u2003",
    "long": "x" * 10_000,
    "long-words": "lorem ipsum <b> & " * 600,
}
"""Kind of trouble -> a name that makes it; about 10 kB each for the long ones."""
