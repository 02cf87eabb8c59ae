#!/usr/bin/env python3
"""Reads the same MT940 files with `aanmaand inspect statement` and with PyPI `mt-940`, and counts what each finds.

    pip install mt-940
    tests/compare/statements.py target/debug/aanmaand FILE...
    tests/compare/statements.py --speed FILE      # entries that mt-940 reads in a second of processor time
"""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from decimal import Decimal

import mt940

# What mt-940 keeps of a reference, in its own fields; "no reference" of the banks is none.
THEIRS = ("end_to_end_reference", "customer_reference", "bank_reference", "applicant_creditor_id")
NONE = re.compile(r"^(NONREF|NOTPROVIDED|EREF|PREF|MARF|KREF\+?|)$", re.IGNORECASE)


def theirs(path):
    try:
        transactions = mt940.parse(path)
    except Exception as error:  # it raises many kinds
        return None, f"{type(error).__name__}: {error}"
    rows = []
    for transaction in transactions:
        data = transaction.data
        if "amount" not in data or data["amount"] is None:
            continue
        amount = data["amount"].amount
        values = [data.get(key) for key in THEIRS]
        refs = {str(value).strip() for value in values if value and not NONE.match(str(value).strip())}
        booked = data.get("entry_date") or data.get("date")
        rows.append((Decimal(amount), str(booked), data.get("applicant_iban"), refs))
    return rows, None


def ours(binary, path):
    out = subprocess.run([binary, "inspect", "statement", "--json", path], capture_output=True, text=True, check=False)
    rows = []
    for line in out.stdout.splitlines():
        statement = json.loads(line)
        if statement["error"]:
            return None, statement["error"]
        for entry in statement["entries"]:
            refs = {entry[key] for key in ("end_to_end", "bank_reference", "reference") if entry[key]}
            rows.append((Decimal(entry["amount"]), entry["booked"], entry["iban"], refs))
    return rows, None


def speed(path):
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        count = len(mt940.parse(path))
        best = min(best, time.process_time() - start)
    print(f"mt-940: {count} entries, {count / best:.0f} entries/s")


def main():
    if sys.argv[1] == "--speed":
        return speed(sys.argv[2])
    binary, paths = sys.argv[1], sys.argv[2:]
    total = Counter()
    for path in paths:
        a, a_error = ours(binary, path)
        b, b_error = theirs(path)
        total["files"] += 1
        for who, rows in (("ours", a), ("mt-940", b)):
            total[who, "files read"] += rows is not None
            for amount, booked, iban, refs in rows or []:
                total[who, "entries"] += 1
                total[who, "accounts"] += bool(iban)
                total[who, "references"] += len(refs)
                total[who, "days"] += bool(booked and booked != "None")
        mine, other = Counter(r[0] for r in a or []), Counter(r[0] for r in b or [])
        days = Counter((r[0], r[1]) for r in a or []), Counter((r[0], r[1]) for r in b or [])
        if mine != other or days[0] != days[1]:
            print(f"{path}: only ours {sorted((mine - other).elements())[:4]}, only mt-940 "
                  f"{sorted((other - mine).elements())[:4]} days {list((days[0]-days[1]).elements())[:2]} "
                  f"{list((days[1]-days[0]).elements())[:2]} {a_error or ''} {b_error or ''}")
        elif a_error:
            print(f"{path}: {a_error}")
    print(f"{'':12}{'ours':>8}{'mt-940':>8}   of {total['files']} files")
    for what in ("files read", "entries", "days", "accounts", "references"):
        print(f"{what:12}{total['ours', what]:8}{total['mt-940', what]:8}")


if __name__ == "__main__":
    main()
