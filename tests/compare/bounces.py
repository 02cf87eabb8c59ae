#!/usr/bin/env python3
"""Our reading of bounces beside flufl.bounce (PyPI, Mailman's), on the same files. Run by hand:

    pip install flufl.bounce
    target/debug/aanmaand --json inspect mail CORPORA/bounces > read.jsonl
    tests/compare/bounces.py CORPORA read.jsonl

Recognised: of the mails that CORPORA/mail-classes.tsv calls a bounce, those taken for one; for flufl.bounce those in
which it finds an address. Recipients: of the mails whose address is known, from the report's own fields (derived.jsonl)
or from upstream's tests (expected.tsv), those of which all found addresses are right and at least one was found.
"""
import csv
import email
import json
import sys
from pathlib import Path

from flufl.bounce import all_failures


def tsv(path):
    with open(path, encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def bare(value):
    return value.rsplit(";", 1)[-1].split("(")[0].strip().strip("<>").lower()


def known(bounces):
    """Addresses that a mail's original gives, by source and file."""
    found = {}
    for derived in bounces.glob("*/derived.jsonl"):
        for line in derived.open(encoding="utf-8"):
            record = json.loads(line)
            fields = [r.get(k) for r in record.get("recipients", []) for k in ("Final-Recipient", "Original-Recipient")]
            addresses = {bare(field) for field in fields if field and "@" in field}
            if addresses:
                found[f"{derived.parent.name}/{record['file']}"] = addresses
    for source, column in (("flufl", "addresses"), ("bounceparser", "recipient")):
        for row in tsv(bounces / source / "expected.tsv"):
            addresses = set(row[column].lower().split())
            if addresses:
                found.setdefault(f"{source}/{row['file']}", set()).update(addresses)
    return found


def theirs(path):
    temporary, permanent = all_failures(email.message_from_bytes(path.read_bytes()))
    decoded = (a.decode("utf-8", "replace") if isinstance(a, bytes) else a for a in temporary | permanent)
    return {address.lower() for address in decoded}


def main(corpora, read):
    bounces = Path(corpora) / "bounces"
    ours = {}
    for line in open(read, encoding="utf-8"):
        record = json.loads(line)
        _, _, name = record["file"].rpartition("/bounces/")
        ours[name or record["file"]] = record.get("bounce")
    score = {}

    def count(source, what, hits):
        for who, hit in zip(("ours", "flufl.bounce"), hits):
            counted = score.setdefault((source, what), {}).setdefault(who, [0, 0])
            counted[0] += bool(hit)
            counted[1] += 1

    for row in tsv(Path(corpora) / "mail-classes.tsv"):
        if row["area"] != "bounces" or not row["class"].startswith("bounce"):
            continue
        name = f"{row['source']}/{row['file']}"
        count(row["source"], "recognised", (ours.get(name), theirs(bounces / name)))
    for name, addresses in known(bounces).items():
        path = bounces / name
        if not path.exists():
            continue
        mine = set((ours.get(name) or {}).get("recipients", []))
        other = theirs(path)
        count(name.split("/")[0], "recipients", (mine and mine <= addresses, other and other <= addresses))
    print(f"{'source':20} {'what':12} {'ours':>12} {'flufl.bounce':>14}")
    total = {}
    for (source, what), who in sorted(score.items(), key=lambda item: (item[0][1], item[0][0])):
        print(f"{source:20} {what:12} " + " ".join(f"{f'{a}/{b}':>13}" for a, b in who.values()))
        for name, (a, b) in who.items():
            t = total.setdefault(what, {}).setdefault(name, [0, 0])
            t[0], t[1] = t[0] + a, t[1] + b
    for what, who in total.items():
        print(f"{'all':20} {what:12} " + " ".join(f"{f'{a}/{b}':>13}" for a, b in who.values()))


if __name__ == "__main__":
    main(*sys.argv[1:3])
