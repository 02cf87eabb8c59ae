//! UBL 2.1 Invoice and CreditNote (Peppol BIS 3, NLCIUS/SI-UBL, Belgian e-FFF).
