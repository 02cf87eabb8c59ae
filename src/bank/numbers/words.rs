//! Words that stand before numbers.

/// Words that announce an invoice number.
#[rustfmt::skip]
pub(super) const INVOICE_WORDS: [&str; 30] = [
    "F", "FA", "FAC", "FACT", "FACTNR", "FACTUUR", "FACTUURNR", "FACTUURNUMMER", "FACTUUR NR", "FAKT", "FAKTUUR",
    "FCT", "INV", "INVOICE", "INVOICES", "NR", "NO", "NUMMER", "NUMBER", "NOTA", "NOTANR", "REKENING", "FACTURE",
    "FACTUREN", "FACTURES", "RECHNUNG", "RECHNUNGEN", "RE", "RG", "BETREFT",
];

/// Words that announce a number of something else.
#[rustfmt::skip]
pub(super) const OTHER_WORDS: [&str; 34] = [
    "C", "CN", "CR", "CREDIT", "CREDITNOTA", "CREDITFACTUUR", "CREDITNOTE", "AVOIR", "KLANT", "KLANTNR",
    "KLANTNUMMER", "KLNR", "DEB", "DEBNR", "DEBITEUR", "DEBITEURNR", "DEBITEURNUMMER", "CUSTOMER", "CLIENT", "ORDER",
    "ORDERNR", "ORDERNUMMER", "BESTELLING", "OFFERTE", "PROJECT", "POLIS", "LEV", "LEVNR", "CONTRACT", "LID", "PAS",
    "TRANSACTIE", "TERMINAL", "MACHTIGING",
];
