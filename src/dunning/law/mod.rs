//! What the law lets a creditor ask: statutory interest, collection costs, terms, limitation, and which debt a payment
//! settles. Pure arithmetic over dated tables. Amounts are exact until one half-up rounding to whole cents; never floats.
//!
//! Not legal advice: each module names its articles, and says where practice differs and which side was chosen. BW is the
//! Dutch Civil Code (Burgerlijk Wetboek).

pub mod allocation;
pub mod costs;
pub mod interest;
pub mod limitation;
pub mod rates;
pub mod term;
pub mod terms;
