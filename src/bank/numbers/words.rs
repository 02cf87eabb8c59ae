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

/// Words that announce a number of something else where ours are not known, and letters that such a number begins with.
#[rustfmt::skip]
pub(super) const STRANGE_WORDS: [&str; 79] = [
    "ART", "ARTIKEL", "AUFTRAG", "AUTH", "AUTORISATIE", "BATCH", "BE", "BESTEL", "BIC", "BON", "BTW", "CARD", "CASE", "COMMANDE", "DE",
    "DEVIS", "DOSSIER", "EREF", "FR", "GSM", "HUISNR", "IBAN", "ID", "INC", "INCASSANT", "KAART", "KASSABON", "KENTEKEN", "KUNDE", "KUNDEN",
    "KVK", "LEVERANCIER", "LIDMAATSCHAP", "LU", "MANDAAT", "MANDATE", "MARF", "MOB", "MOBIEL", "NL", "OFF", "OGM", "OR", "ORD", "PAKBON",
    "PASNR", "PHONE", "PIN", "PNR", "PO", "PRJ", "QUOTE", "RELATIE", "RESERVERING", "RMA", "SEPA", "SO", "TEL", "TELEFOON", "TERM",
    "TICKET", "TRANS", "TRANSACTION", "TRX", "TX", "TXN", "UST", "VAT", "WERKBON", "WO", "ZAAK", "PAYMENTID", "REK", "ACCOUNT", "WK",
    "WEEK", "KW", "Q", "ORDERS",
];

/// Letters that invoice numbers begin with.
#[rustfmt::skip]
pub(super) const INVOICE_PREFIXES: [&str; 15] = [
    "F", "FA", "FAC", "FN", "FV", "I", "INV", "R", "RE", "RG", "V", "VF", "VFA", "VK", "VKF",
];

/// Words after which what was announced may still come.
#[rustfmt::skip]
pub(super) const PASSED_OVER: [&str; 15] = [
    "N", "NR", "NRS", "NO", "NUM", "NUMMER", "NUMMERS", "NUMBER", "NUMERO", "NUMÉRO", "IS", "DD", "D", "DATUM", "MET",
];

/// What may be counted, and money.
#[rustfmt::skip]
pub(super) const UNITS: [&str; 15] = [
    "EUR", "EURO", "EUROS", "GBP", "USD", "STUKS", "ST", "X", "KEER", "DAGEN", "DAYS", "WEKEN", "UUR", "TERMIJNEN", "PCT",
];

/// How the months begin in four languages.
#[rustfmt::skip]
pub(super) const MONTHS: [&str; 26] = [
    "JAN", "FEB", "FEV", "FÉV", "MAART", "MRT", "MAR", "MÄRZ", "APR", "AVR", "MEI", "MAI", "MAY", "JUN", "JUIN", "JUL", "JUIL", "AUG", "AOU",
    "AOÛ", "SEP", "OKT", "OCT", "NOV", "DEC", "DEZ",
];

/// Who pays by such a number is a customer.
#[rustfmt::skip]
pub(super) const CUSTOMER_WORDS: [&str; 9] =
    ["KLANT", "KLANTEN", "KL", "CLIENT", "CUSTOMER", "KUNDE", "KUNDEN", "DEBITEUR", "RELATIE"];

/// Words of money that goes back.
#[rustfmt::skip]
pub(super) const REFUND_WORDS: [&str; 14] = [
    "TERUG", "TERUGBETALING", "TERUGBETAALD", "TERUGSTORTING", "RESTITUTIE", "RETOUR", "REFUND", "DUBBEL", "TWICE", "CN", "CREDITNOTA",
    "REMBOURSEMENT", "ERSTATTUNG", "GUTSCHRIFT",
];
