#!/usr/bin/env python3
"""Looks for the invoice in the same PDFs with `aanmaand inspect invoice` and with PyPI `factur-x`, and counts.

    pip install factur-x
    tests/compare/pdf_invoices.py target/debug/aanmaand FILE...
"""

import json
import logging
import subprocess
import sys

from facturx import get_facturx_xml_from_pdf

logging.disable(logging.CRITICAL)


def theirs(path):
    try:
        with open(path, "rb") as file:
            name, xml = get_facturx_xml_from_pdf(file.read(), check_xsd=False)
        return bool(name and xml)
    except Exception:  # it raises many kinds
        return False


def ours(program, path):
    done = subprocess.run([program, "--json", "inspect", "invoice", path], capture_output=True, text=True)
    value = json.loads(done.stdout)
    # Refused for what the invoice says, not because none was found.
    found = value["error"] is None or "holds no invoice" not in value["error"]
    return found and "damaged" not in (value["error"] or ""), value["error"]


def main():
    program, *paths = sys.argv[1:]
    both = only_ours = only_theirs = neither = 0
    for path in paths:
        (we, error), they = ours(program, path), theirs(path)
        both += we and they
        only_ours += we and not they
        only_theirs += they and not we
        neither += not we and not they
        if they and not we:
            print(f"only factur-x: {path}: {error}")
    print(f"{len(paths)} files: both {both}, only aanmaand {only_ours}, only factur-x {only_theirs}, neither {neither}")


main()
