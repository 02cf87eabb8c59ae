//! CAMT.053 (ISO 20022 bank-to-customer statement), all common versions.
