#!/usr/bin/env python3
"""Own words: `aanmaand inspect mail` against PyPI mail-parser-reply on the same mails. By hand:

    pip install mail-parser-reply
    tests/compare/own_words.py target/debug/aanmaand CORPORA

CORPORA is the folder with `replies` and `reply-quoting`. Prints the mean token F1 of both, and how many mails are
exactly right. Bounces and read receipts are left out: nobody's words are in them.
"""

import email
import email.policy
import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import Counter

from mailparser_reply import EmailReplyParser

LANGUAGES = ["en", "nl", "de", "fr"]
HEAD = "From: a@klant.example\nSubject: Re: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"


def words(text):
    return re.findall(r"[^\W_]+", text.lower())


def token_f1(found, wanted):
    found, wanted = words(found), words(wanted)
    if not found and not wanted:
        return 1.0
    common = sum((Counter(found) & Counter(wanted)).values())
    return 2 * common / (len(found) + len(wanted))


def text_of(raw):
    """What mail-parser-reply gets: the plain part; without one the HTML as lines, quotations marked."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    plain = message.get_body(("plain",))
    if plain:
        return plain.get_content()
    rich = message.get_body(("html",))
    return lines_of(rich.get_content()) if rich else ""


def lines_of(source):
    source = re.sub(r"(?is)<(style|script|head)\b.*?</\1>", "", source)
    source = re.sub(r"(?i)<br[^>]*>|</(p|div|tr|h\d|li|blockquote)>", "\n", source)
    return html.unescape(re.sub(r"<[^>]+>", "", source))


def replies(corpora):
    for line in (corpora / "replies" / "labels.jsonl").read_text().splitlines():
        label = json.loads(line)
        raw = (corpora / "replies" / label["file"]).read_bytes()
        if label["label"] != "bounce" and b"disposition-notification" not in raw and b"is gelezen op" not in raw:
            yield raw, label["new_text"]


def trimmed(corpora):
    folder = corpora / "reply-quoting" / "email-reply-trimmer"
    for wanted in sorted((folder / "trimmed").iterdir()):
        text = (folder / "emails" / wanted.name).read_text(errors="replace")
        yield (HEAD + text).encode(), wanted.read_text(errors="replace")


def programs(corpora):
    folder = corpora / "reply-quoting" / "talon"
    for line in (folder / "expected.tsv").read_text().splitlines()[1:]:
        file, what, wanted = line.split("\t")
        wanted = wanted.strip('"').replace("\\\\n", " ").replace("\\n", " ").replace("Sent from my iPhone", "")
        raw = (folder / file).read_bytes()
        if what.startswith("html"):
            yield HEAD.replace("text/plain", "text/html").encode() + raw, wanted
        elif what.startswith("text"):
            yield raw, wanted


def ours(binary, mails):
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / f"{at:04}.eml" for at in range(len(mails))]
        for path, (raw, _) in zip(paths, mails):
            path.write_bytes(raw)
        run = subprocess.run([binary, "inspect", "mail", "--json", *map(str, paths)], capture_output=True, text=True)
        return [json.loads(line)["new_text"] or "" for line in run.stdout.splitlines()]


def told(name, who, found, mails):
    scores = [token_f1(one, wanted) for one, (_, wanted) in zip(found, mails, strict=True)]
    exact = sum(words(one) == words(wanted) for one, (_, wanted) in zip(found, mails))
    print(f"{name:22} {who:18} token F1 {sum(scores) / len(scores):.4f}, exact {exact} of {len(mails)}")


def main(binary, corpora):
    parser = EmailReplyParser(languages=LANGUAGES)
    for name, source in [("replies", replies), ("email-reply-trimmer", trimmed), ("talon", programs)]:
        mails = list(source(corpora))
        told(name, "aanmaand", ours(binary, mails), mails)
        told(name, "mail-parser-reply", [parser.parse_reply(text=text_of(raw)) or "" for raw, _ in mails], mails)


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
