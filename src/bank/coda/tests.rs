use super::*;
use proptest::prelude::*;

/// A record of 128 characters with texts at their places.
fn line(parts: &[(usize, &str)]) -> String {
    let mut characters = vec![' '; 128];
    for (from, text) in parts {
        for (at, c) in text.chars().enumerate() {
            characters[from + at] = c;
        }
    }
    characters.into_iter().collect()
}

fn header() -> String {
    line(&[(0, "00000211126"), (11, "123"), (14, "05"), (34, "VOORBEELDBEDRIJF"), (127, "2")])
}

fn opening() -> String {
    line(&[
        (0, "12047BE68539007547034"),
        (39, "EUR"),
        (42, "0000000000100000"),
        (58, "201126"),
        (64, "VOORBEELD"),
        (125, "012"),
    ])
}

fn movement(number: &str, detail: &str, signed: &str, code: &str, communication: &str) -> String {
    line(&[
        (0, "21"),
        (2, number),
        (6, detail),
        (10, "BANKREF"),
        (31, signed),
        (47, "211126"),
        (53, code),
        (61, communication),
        (115, "211126"),
        (124, "0"),
    ])
}

fn closing(signed: &str) -> String {
    line(&[(0, "8047BE68539007547034"), (38, "EUR"), (41, signed), (57, "211126")])
}

fn trailer(records: usize, debit: &str, credit: &str) -> String {
    line(&[(0, "9"), (16, &format!("{records:06}")), (22, debit), (37, credit), (127, "2")])
}

/// Two payments in, one batch of two, one payment out.
fn file() -> String {
    let two_two = line(&[(0, "2200010000"), (63, "FACTUUR-2026-0412"), (98, "KREDBEBB")]);
    let two_three =
        line(&[(0, "2300010000"), (10, "BE71096123456769"), (44, "EUR"), (47, "JANSEN BOUW BV"), (82, "EN DANK")]);
    [
        header(),
        opening(),
        movement("0001", "0000", "0000000000121000", "00150000", "0FACTUUR 2026-0412 "),
        two_two,
        two_three,
        line(&[(0, "3100010001BANKREF"), (31, "00150000"), (39, "1001JANSEN BOUW")]),
        movement("0002", "0000", "0000000000050000", "00150000", "1101090933755493"),
        movement("0003", "0000", "0000000000030000", "20150000", "0"),
        movement("0003", "0001", "0000000000010000", "60150000", "0EERSTE"),
        movement("0003", "0002", "0000000000020000", "60150000", "0TWEEDE"),
        movement("0004", "0000", "1000000000001000", "03537000", "0KOSTEN"),
        closing("0000000000300000"),
        trailer(11, "000000000001000", "000000000201000"),
    ]
    .join("\r\n")
}

fn one(text: &str) -> Statement {
    read(text).unwrap().remove(0)
}

#[test]
fn reads_a_statement() {
    let found = one(&file());
    assert_eq!((found.format.as_str(), found.account.as_str()), ("coda", "BE68539007547034"));
    assert_eq!((found.sequence.as_deref(), found.balanced), (Some("012"), Some(true)), "{:?}", found.warnings);
    assert_eq!(found.covers_until, NaiveDate::from_ymd_opt(2026, 11, 21));
    let amounts: Vec<String> = found.entries.iter().map(|entry| entry.amount.to_string()).collect();
    assert_eq!(amounts, ["121.00", "50.00", "10.00", "20.00", "-1.00"], "a batch counts once, by its details");
    let first = &found.entries[0];
    assert_eq!(first.description, "FACTUUR 2026-0412 EN DANK");
    assert_eq!(
        (first.counterparty.as_deref(), first.iban.as_deref()),
        (Some("JANSEN BOUW BV"), Some("BE71096123456769"))
    );
    assert_eq!(first.end_to_end.as_deref(), Some("FACTUUR-2026-0412"));
    assert_eq!(found.entries[1].reference.as_deref(), Some("090933755493"));
    assert_eq!(found.entries[3].bank_reference.as_deref(), Some("BANKREF/2"));
    assert_eq!(found.entries[3].description, "TWEEDE");
}

#[test]
fn version_one_and_accounts_of_before_iban() {
    let account = line(&[(0, "10047539007547034 EUR"), (42, "0000000000100000"), (58, "201126"), (125, "012")]);
    let head = line(&[(0, "00000211126"), (127, "1")]);
    let old = file().replacen(&opening(), &account, 1).replacen(&header(), &head, 1);
    let found = one(&old);
    assert_eq!((found.account.as_str(), found.balanced), ("539007547034", Some(true)), "{:?}", found.warnings);
    assert_eq!(found.entries[0].iban.as_deref(), Some("BE7109612345"), "twelve characters in version 1");
}

#[test]
fn reversals() {
    let details = format!("{:79}{:62}3MD06", "2111261011", "INCASSO 2026-0412");
    let (first, rest) = details.split_at(50);
    let text = [
        header(),
        opening(),
        movement("0001", "0000", "1000000000010000", "00505000", &format!("1127{first}")),
        line(&[(0, "2200010000"), (10, &rest[..53])]),
        line(&[(0, "2300010000"), (10, "BE71096123456769"), (82, &rest[53..])]),
        movement("0002", "0000", "1000000000010000", "00149000", "0CORRECTIE"),
        closing("0000000000080000"),
        trailer(6, "000000000020000", "000000000000000"),
    ]
    .join("\n");
    let found = one(&text);
    assert_eq!(found.balanced, Some(true), "{:?}", found.warnings);
    assert!(found.entries.iter().all(|entry| entry.reversal), "{found:?}");
    assert_eq!(found.entries[0].description, "INCASSO 2026-0412");
}

/// A payment from abroad: its gross amount and the bank's costs stand in details, the payer's words do not.
#[test]
fn what_a_payer_wrote_stays_with_his_payment() {
    let amounts = "1105000000000030000000000000030000000100000000EUR";
    let text = [
        header(),
        opening(),
        movement("0001", "0000", "0000000000029000", "34150000", "0/INV/2026-0412"),
        line(&[(0, "2200010000"), (63, "NOT PROVIDED")]),
        line(&[(0, "2300010000"), (10, "LU280019400644750000"), (47, "WEBER SARL"), (125, "01")]),
        movement("0001", "0001", "0000000000030000", "84150100", amounts),
        movement("0001", "0002", "1000000000001000", "84137013", "1106000000000010000000000000000000"),
        closing("0000000000129000"),
        trailer(7, "000000000000000", "000000000029000"),
    ]
    .join("\n");
    let found = one(&text);
    assert_eq!(found.balanced, Some(true), "{:?}", found.warnings);
    let told: Vec<_> = found.entries.iter().map(|e| (e.amount.to_string(), e.description.as_str())).collect();
    assert_eq!(told, [("30.00".to_owned(), "/INV/2026-0412"), ("-1.00".to_owned(), "")]);
    assert_eq!(found.entries[0].iban.as_deref(), Some("LU280019400644750000"));
    assert!(found.entries.iter().all(|entry| entry.end_to_end.is_none()), "the bank's word for none");
}

/// What a detail says itself is not lost to what is said of the whole.
#[test]
fn a_detail_keeps_its_own_reference() {
    let of = |main: &str, detail: &str| {
        let text = [
            header(),
            opening(),
            movement("0001", "0000", "0000000000029000", "34150000", main),
            movement("0001", "0001", "0000000000030000", "84150100", detail),
            movement("0001", "0002", "1000000000001000", "84137013", "1106000000000010000000000000000000"),
            closing("0000000000129000"),
            trailer(5, "000000000000000", "000000000029000"),
        ]
        .join("\n");
        one(&text).entries.remove(0)
    };
    let own = of("0BUITENLANDSE BETALING", "1101090933755493");
    assert_eq!(own.reference.as_deref(), Some("090933755493"));
    let whole = of("1100RF18539007547034", "0FACTUUR 2026-0412");
    assert_eq!(whole.reference.as_deref(), Some("RF18539007547034"));
    assert!(whole.description.contains("FACTUUR 2026-0412"), "{:?}", whole.description);
}

/// A full record of free text ends in the middle of a word; records 32 and 33 go on with it.
#[test]
fn free_text_runs_over_records() {
    let full = format!("{:<73}", "VIREMENT DE: JANSEN BOUW BV RUE DE L'EXEMPLE 12 1150 BRUXELLES FACTURE 20");
    assert_eq!(full.len(), 73);
    let text = [
        header(),
        opening(),
        movement("0001", "0000", "0000000000030000", "00150000", "0"),
        line(&[(0, "2300010000"), (10, "000000000000"), (47, "JANSEN BOUW BV")]),
        line(&[(0, "3100010001BANKREF"), (31, "001500000"), (40, &full)]),
        line(&[(0, "320001000126-0412"), (125, "0 1")]),
        line(&[(0, "3100010002BANKREF"), (31, "001500001001JANSEN BOUW"), (125, "1 0")]),
        line(&[(0, "3200010002RUE DE L'EXEMPLE 12")]),
        closing("0000000000130000"),
        trailer(8, "000000000000000", "000000000030000"),
    ]
    .join("\n");
    let found = one(&text);
    assert_eq!(found.balanced, Some(true), "{:?}", found.warnings);
    assert!(found.entries[0].description.ends_with("BRUXELLES FACTURE 2026-0412"), "{:?}", found.entries[0]);
    assert_eq!(found.entries[0].iban, None, "zeros are no account");
}

#[test]
fn a_day_without_movements_may_have_no_closing_balance() {
    let found = one(&[header(), opening(), trailer(1, "000000000000000", "000000000000000")].join("\n"));
    assert_eq!((found.entries.len(), found.balanced), (0, Some(true)), "{:?}", found.warnings);
    assert_eq!(found.closing, found.opening);
    let cut = [header(), opening(), trailer(5, "000000000000000", "000000000000000")].join("\n");
    assert!(read(&cut).unwrap_err().reason.contains("closing balance"));
}

#[test]
fn two_accounts_in_a_file() {
    let second = file().replace("BE68539007547034", "BE71096123456769");
    let found = read(&format!("{}\r\n{second}", file())).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].account, "BE71096123456769");
}

#[test]
fn what_does_not_add_up_is_said() {
    for (from, to, part) in [
        ("0000000000300000", "0000000000300010", "closing balance"),
        ("000000000201000", "000000000301000", "sums of debits"),
        ("      000011", "      000012", "counts 12 records"),
    ] {
        assert!(file().contains(from), "{from}");
        let found = one(&file().replace(from, to));
        assert_eq!(found.balanced, Some(false), "{from}");
        assert!(found.warnings.iter().any(|warning| warning.contains(part)), "{:?}", found.warnings);
    }
}

#[test]
fn refuses_with_the_line() {
    let rows = [
        (file().replace("0000000000050000", "00000000000X0000"), "is not an amount", Some(7)),
        (file().replace("2200010000", "2200020000"), "follows no record 21", Some(4)),
        (file().replace("2026-0412 ", "2026-0412\u{e9}\u{e9}\n") + "", "no record of CODA", Some(4)),
        (file().replacen(&closing("0000000000300000"), "", 1), "closing balance", Some(13)),
        (file().replacen(&header(), "", 1), "record 0", Some(2)),
    ];
    for (text, reason, line) in rows {
        let fault = read(&text).unwrap_err();
        assert!(fault.reason.contains(reason), "{fault:?}");
        assert_eq!(fault.line, line, "{fault:?}");
    }
}

#[test]
fn every_truncation_is_refused() {
    let whole = file();
    let last = whole.rfind('9').unwrap_or(0).min(whole.len() - 128);
    for end in 0..=last {
        assert!(read(&whole[..end]).is_err(), "cut at {end}");
    }
    // Of the last record only the blanks and the mark of the last file may be missing.
    for end in last..whole.len() {
        let complete = read(&whole[..end]).is_ok_and(|found| found[0].balanced == Some(true));
        assert!(!complete || end >= last + 52, "cut at {end}");
    }
}

proptest! {
    #[test]
    fn total(text in "\\PC{0,200}", place in 0usize..1600, byte in any::<char>()) {
        let _ = read(&text);
        let mut whole: Vec<char> = file().chars().collect();
        if let Some(target) = whole.get_mut(place) {
            *target = byte;
        }
        let _ = read(&whole.into_iter().collect::<String>());
    }
}
