//! The longest terms of payment that may be agreed. A warning for the owner, never a correction.

use crate::dunning::calendar::Country;
use crate::dunning::debtor::DebtorKind;

/// Which maximum a term exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LongTerm {
    #[error(
        "a term of more than 60 days between businesses must be agreed expressly and not be grossly unfair to the creditor \
         (art. 6:119a(5) BW)"
    )]
    DutchBusiness,
    #[error(
        "a large company may not agree on more than 30 days with a small or medium-sized creditor: the term is void and 30 \
         days apply (art. 6:119a BW, since 2022-07-01)"
    )]
    DutchLargeDebtor,
    #[error(
        "a public body pays within 30 days; up to 60 only when agreed expressly and objectively justified \
         (art. 6:119b(5) BW)"
    )]
    DutchGovernment,
    #[error(
        "a term of more than 60 days between businesses is not allowed, verification included (Act of 2 August 2002)"
    )]
    BelgianBusiness,
}

/// The maximum that a term of `days` exceeds, if any. `large`: the debtor is a large company and the creditor is not.
/// Nothing is known of a maximum for consumers, or for public bodies in Belgium.
pub fn too_long(country: Country, debtor: DebtorKind, large: bool, days: u32) -> Option<LongTerm> {
    let (longest, warning) = match (country, debtor) {
        (_, DebtorKind::Consumer) | (Country::Be, DebtorKind::Government) => return None,
        (Country::Nl, DebtorKind::Business) if large => (30, LongTerm::DutchLargeDebtor),
        (Country::Nl, DebtorKind::Business) => (60, LongTerm::DutchBusiness),
        (Country::Nl, DebtorKind::Government) => (30, LongTerm::DutchGovernment),
        (Country::Be, DebtorKind::Business) => (60, LongTerm::BelgianBusiness),
    };
    (days > longest).then_some(warning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_terms() {
        use Country::*;
        use DebtorKind::*;
        let cases = [
            (Nl, Business, false, 60, None),
            (Nl, Business, false, 61, Some(LongTerm::DutchBusiness)),
            (Nl, Business, true, 30, None),
            (Nl, Business, true, 31, Some(LongTerm::DutchLargeDebtor)),
            (Nl, Government, false, 30, None),
            (Nl, Government, true, 31, Some(LongTerm::DutchGovernment)),
            (Nl, Consumer, true, 400, None),
            (Be, Business, true, 60, None),
            (Be, Business, false, 61, Some(LongTerm::BelgianBusiness)),
            (Be, Government, false, 90, None),
            (Be, Consumer, false, 90, None),
        ];
        for (country, debtor, large, days, expected) in cases {
            assert_eq!(too_long(country, debtor, large, days), expected, "{country:?} {debtor:?} {large} {days}");
        }
        assert!(LongTerm::DutchLargeDebtor.to_string().contains("30 days apply"));
    }
}
