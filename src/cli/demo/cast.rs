//! Who plays: the customers with their invoices, and what each of them does after which letter. Only this; what the
//! daemon makes of it is the daemon's.

use chrono::NaiveDate;

/// The first simulated day, a Tuesday.
pub const FIRST_DAY: NaiveDate = day(2026, 9, 1);
/// The last simulated day.
pub const LAST_DAY: NaiveDate = day(2026, 12, 31);

#[derive(Debug)]
pub struct Customer {
    pub id: &'static str,
    pub name: &'static str,
    pub contact: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    /// As in an invoice file.
    pub kind: &'static str,
    pub country: &'static str,
    pub language: &'static str,
    pub iban: &'static str,
}

/// An invoice, or a credit note that corrects one.
#[derive(Debug)]
pub struct Bill {
    pub number: &'static str,
    pub to: &'static Customer,
    /// The day on which the file lands in the folder.
    pub date: NaiveDate,
    pub due: Option<NaiveDate>,
    pub cents: i64,
    pub about: &'static str,
    pub form: Form,
    pub corrects: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Toml,
    Ubl,
}

/// Something that happens in the world outside.
#[derive(Debug)]
pub struct Scene {
    pub when: When,
    pub act: Act,
}

#[derive(Debug)]
pub enum When {
    On(NaiveDate),
    /// So many days after the n-th letter (from 1) to this customer was found in the outbox.
    AfterLetter(&'static Customer, usize, i64),
}

#[derive(Debug)]
pub enum Act {
    /// A file of which the amount cannot be read.
    BrokenFile,
    /// A person answers the letter.
    Answer {
        words: &'static str,
        quiet: Quiet,
    },
    /// A machine answers the letter.
    OutOfOffice {
        words: &'static str,
    },
    /// A mail server returns the letter.
    Bounce,
    Pay(Transfer),
    /// The bank really announces a transfer by mail, and books it.
    PayWithNotice(Transfer),
    /// Somebody writes in the bank's name that the invoice was paid.
    ForgedNotice(Transfer),
}

#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    pub from: &'static Customer,
    pub cents: i64,
    pub text: &'static str,
}

/// How long nobody may write to a customer who answered.
#[derive(Clone, Copy, Debug)]
pub enum Quiet {
    /// Nobody but the owner can end it, and in this story he does not.
    ToTheEnd,
    Until(NaiveDate),
}

/// How a case must stand at the end.
#[derive(Debug)]
pub struct Ending {
    pub number: &'static str,
    pub state: &'static str,
    /// The hold of a held case, `closed_as` of a closed one.
    pub by: &'static str,
    /// Words that the hold's evidence must contain.
    pub evidence: &'static str,
    /// Letters that the customer must have got by the end, about all his invoices.
    pub letters: usize,
}

pub const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => panic!("BUG: no such day"),
    }
}

const DUTCH_FIRM: Customer = Customer {
    id: "",
    name: "",
    contact: "",
    email: "",
    phone: "010-7654321",
    kind: "business",
    country: "NL",
    language: "nl",
    iban: "",
};

/// Pays late, after the second reminder; the next invoice in time.
pub static BAKERY: Customer = Customer {
    id: "K1001",
    name: "Bakkerij De Korenaar",
    contact: "de heer Jacobs",
    email: "administratie@dekorenaar.example",
    iban: "NL41RABO0301000017",
    ..DUTCH_FIRM
};
/// Pays in two parts.
pub static PAINTER: Customer = Customer {
    id: "K1002",
    name: "Schildersbedrijf Van Dijk",
    contact: "mevrouw Van Dijk",
    email: "info@vandijkschilders.example",
    iban: "NL62INGB0004560038",
    ..DUTCH_FIRM
};
/// Contests the work.
pub static GARAGE: Customer = Customer {
    id: "K1003",
    name: "Garage Hoekstra B.V.",
    contact: "de heer Hoekstra",
    email: "werkplaats@garagehoekstra.example",
    iban: "NL68ABNA0512345673",
    ..DUTCH_FIRM
};
/// Promises and does not keep it.
pub static PLUMBER: Customer = Customer {
    id: "K1004",
    name: "Loodgietersbedrijf Smit",
    contact: "de heer Smit",
    email: "kantoor@loodgietersmit.example",
    iban: "NL36TRIO0212345679",
    ..DUTCH_FIRM
};
/// Is on leave, then pays; the bank tells it by mail.
pub static ADVISER: Customer = Customer {
    id: "K1005",
    name: "Adviesbureau Lindeman",
    contact: "mevrouw Lindeman",
    email: "m.lindeman@lindeman-advies.example",
    iban: "NL74RABO0345600023",
    ..DUTCH_FIRM
};
/// Has left this address.
pub static PRINTER: Customer = Customer {
    id: "K1006",
    name: "Drukkerij Noord",
    contact: "de heer Bakker",
    email: "facturen@drukkerijnoord.example",
    iban: "NL25KNAB0255667787",
    ..DUTCH_FIRM
};
/// In whose name a bank mail is forged.
pub static FLORIST: Customer = Customer {
    id: "K1007",
    name: "Bloemisterij Vermeer",
    contact: "mevrouw Vermeer",
    email: "boekhouding@bloemisterijvermeer.example",
    iban: "NL53INGB0006780045",
    ..DUTCH_FIRM
};
/// Gets a credit note.
pub static GARDENER: Customer = Customer {
    id: "K1009",
    name: "Hoveniersbedrijf Bos",
    contact: "de heer Bos",
    email: "kantoor@hoveniersbos.example",
    iban: "NL77ABNA0598765430",
    ..DUTCH_FIRM
};
/// Reads English, and says to have paid.
pub static HARBOUR: Customer = Customer {
    id: "K1010",
    name: "Harbour & Finch Ltd",
    contact: "Ms Finch",
    email: "accounts@harbourfinch.example",
    phone: "+44 20 7946 0011",
    country: "GB",
    language: "en",
    iban: "GB29NWBK60161331926819",
    ..DUTCH_FIRM
};
/// Never says a word.
pub static ENGINEER: Customer = Customer {
    id: "K1011",
    name: "Technisch Bureau Kramer B.V.",
    contact: "de heer Kramer",
    email: "crediteuren@bureaukramer.example",
    iban: "NL97RABO0367800096",
    ..DUTCH_FIRM
};
/// A consumer who cannot pay at once.
pub static CONSUMER: Customer = Customer {
    id: "K1012",
    name: "A. de Boer",
    contact: "mevrouw De Boer",
    email: "anneke.deboer@post.example",
    kind: "consumer",
    ..DUTCH_FIRM
};

const TOML_INVOICE: Bill =
    Bill { number: "", to: &BAKERY, date: FIRST_DAY, due: None, cents: 0, about: "", form: Form::Toml, corrects: None };

const fn bill(
    number: &'static str,
    to: &'static Customer,
    date: NaiveDate,
    due: NaiveDate,
    cents: i64,
    about: &'static str,
) -> Bill {
    Bill { number, to, date, due: Some(due), cents, about, ..TOML_INVOICE }
}

pub static BILLS: [Bill; 14] = [
    bill("2026-0301", &BAKERY, FIRST_DAY, day(2026, 9, 15), 60_500, "Onderhoud oven"),
    bill("2026-0302", &PAINTER, FIRST_DAY, day(2026, 9, 18), 181_500, "Steigerhuur augustus"),
    bill("2026-0303", &GARAGE, day(2026, 9, 2), day(2026, 9, 21), 145_200, "Hefbrug: montage en keuring"),
    bill("2026-0304", &PLUMBER, day(2026, 9, 2), day(2026, 9, 22), 78_650, "Huur koelunit"),
    bill("2026-0305", &ADVISER, day(2026, 9, 3), day(2026, 9, 28), 96_800, "Werkplekken, derde kwartaal"),
    bill("2026-0306", &PRINTER, day(2026, 9, 3), day(2026, 9, 25), 48_400, "Keuring elektra"),
    bill("2026-0307", &FLORIST, day(2026, 9, 4), day(2026, 9, 24), 66_550, "Reparatie koelcel"),
    Bill {
        form: Form::Ubl,
        ..bill("2026-0308", &ENGINEER, day(2026, 9, 7), day(2026, 10, 1), 242_000, "Onderhoudscontract 2026-2027")
    },
    bill("2026-0309", &ENGINEER, day(2026, 9, 7), day(2026, 10, 1), 30_250, "Spoedbezoek 3 september"),
    bill("2026-0321", &HARBOUR, day(2026, 10, 1), day(2026, 10, 30), 125_000, "Cold store inspection"),
    bill("2026-0322", &CONSUMER, day(2026, 10, 5), day(2026, 10, 26), 36_300, "Reparatie cv-ketel"),
    bill("2026-0324", &GARDENER, day(2026, 10, 12), day(2026, 11, 2), 42_350, "Huur verwarmingsunit"),
    bill("2026-0330", &BAKERY, day(2026, 11, 2), day(2026, 11, 27), 27_225, "Filters oven"),
    Bill {
        due: None,
        corrects: Some("2026-0324"),
        ..bill("2026-0331", &GARDENER, day(2026, 11, 9), FIRST_DAY, 42_350, "Creditering: unit niet gebruikt")
    },
];

const fn after(who: &'static Customer, letter: usize, days: i64, act: Act) -> Scene {
    Scene { when: When::AfterLetter(who, letter, days), act }
}

const fn transfer(from: &'static Customer, cents: i64, text: &'static str) -> Transfer {
    Transfer { from, cents, text }
}

/// What they do. Letters are counted with the friendly note before the due date as the first.
pub static SCENES: [Scene; 17] = [
    Scene { when: When::On(day(2026, 9, 8)), act: Act::BrokenFile },
    after(&BAKERY, 3, 3, Act::Pay(transfer(&BAKERY, 60_500, "factuur 2026-0301"))),
    Scene { when: When::On(day(2026, 11, 24)), act: Act::Pay(transfer(&BAKERY, 27_225, "2026-0330")) },
    after(&PAINTER, 2, 2, Act::Pay(transfer(&PAINTER, 100_000, "factuur 2026-0302 eerste deel"))),
    after(&PAINTER, 3, 3, Act::Pay(transfer(&PAINTER, 81_500, "factuur 2026-0302 restant"))),
    after(
        &GARAGE,
        2,
        1,
        Act::Answer {
            words: "Beste mevrouw, meneer,\n\nWij zijn het niet eens met deze factuur. De montage is maar voor de helft \
                    uitgevoerd en de keuring heeft nooit plaatsgevonden. Kunt u mij hierover bellen?\n\n\
                    Met vriendelijke groet,\nTjeerd Hoekstra\nGarage Hoekstra B.V.",
            quiet: Quiet::ToTheEnd,
        },
    ),
    after(
        &PLUMBER,
        2,
        3,
        Act::Answer {
            words: "Goedemorgen,\n\nExcuses, deze is bij ons tussendoor geglipt. Wij betalen de factuur uiterlijk \
                    vrijdag 9 oktober.\n\nGroet,\nRob Smit",
            quiet: Quiet::Until(day(2026, 10, 9)),
        },
    ),
    after(&PLUMBER, 3, 4, Act::Pay(transfer(&PLUMBER, 78_650, "2026-0304, met excuses"))),
    after(
        &ADVISER,
        2,
        0,
        Act::OutOfOffice {
            words: "Bedankt voor uw bericht. Ik ben met vakantie en lees mijn e-mail niet. Vanaf maandag 12 oktober ben \
                    ik weer bereikbaar.\n\nMet vriendelijke groet,\nMarieke Lindeman",
        },
    ),
    after(&ADVISER, 3, 6, Act::PayWithNotice(transfer(&ADVISER, 96_800, "factuur 2026-0305"))),
    after(&PRINTER, 1, 0, Act::Bounce),
    after(&FLORIST, 2, 2, Act::ForgedNotice(transfer(&FLORIST, 66_550, "factuur 2026-0307"))),
    after(&FLORIST, 4, 4, Act::Pay(transfer(&FLORIST, 71_024, "factuur 2026-0307"))),
    after(
        &HARBOUR,
        2,
        2,
        Act::Answer {
            words: "Hello,\n\nThank you for the reminder. We have paid invoice 2026-0321 by bank transfer this morning.\
                    \n\nKind regards,\nOlivia Finch",
            quiet: Quiet::ToTheEnd,
        },
    ),
    after(&HARBOUR, 2, 2, Act::Pay(transfer(&HARBOUR, 125_000, "INVOICE 2026-0321"))),
    after(
        &CONSUMER,
        2,
        2,
        Act::Answer {
            words: "Goedendag,\n\nHet lukt mij niet om dit bedrag in één keer te betalen. Zou ik het in drie termijnen \
                    mogen voldoen?\n\nVriendelijke groeten,\nAnneke de Boer",
            quiet: Quiet::ToTheEnd,
        },
    ),
    Scene { when: When::On(day(2026, 10, 6)), act: Act::Pay(transfer(&STRANGER, 5_000, "donatie buurtfeest")) },
];

/// Somebody who owes nothing.
static STRANGER: Customer = Customer { name: "Buurtvereniging De Eik", iban: "NL25KNAB0255667787", ..DUTCH_FIRM };

const fn ends(
    number: &'static str,
    state: &'static str,
    by: &'static str,
    evidence: &'static str,
    letters: usize,
) -> Ending {
    Ending { number, state, by, evidence, letters }
}

/// The truth that the end is measured by.
pub static ENDINGS: [Ending; 13] = [
    ends("2026-0301", "closed", "paid", "", 4),
    ends("2026-0302", "closed", "paid", "", 3),
    ends("2026-0303", "held", "dispute", "niet eens met deze factuur", 2),
    ends("2026-0304", "closed", "paid", "", 3),
    ends("2026-0305", "closed", "paid", "", 3),
    ends("2026-0306", "held", "bounce", "5.1.1", 1),
    ends("2026-0307", "closed", "paid", "", 4),
    ends("2026-0308", "open", "", "", 5),
    ends("2026-0309", "open", "", "", 5),
    ends("2026-0321", "closed", "paid", "", 2),
    ends("2026-0322", "held", "plan", "niet om dit bedrag in één keer", 2),
    ends("2026-0324", "closed", "credited", "", 2),
    ends("2026-0330", "closed", "paid", "", 4),
];
