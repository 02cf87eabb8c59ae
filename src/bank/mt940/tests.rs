use super::*;
use proptest::prelude::*;

fn one(text: &str) -> Statement {
    read(text).unwrap().remove(0)
}

/// A statement of 100.00 with these entries, whose closing balance is theirs.
fn statement(entries: &str, closing: &str) -> String {
    format!(
        ":20:X\r\n:25:NL91ABNA0417164300\r\n:28C:12/1\r\n:60F:C261119EUR100,00\r\n{entries}:62F:C261120EUR{closing}\r\n-\r\n"
    )
}

fn only_entry(entries: &str, closing: &str) -> Entry {
    let found = one(&statement(entries, closing));
    assert_eq!(found.balanced, Some(true), "{:?}", found.warnings);
    assert_eq!(found.entries.len(), 1);
    found.entries.into_iter().next().unwrap()
}

fn day(d: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2026, 11, d)
}

#[test]
fn slash_codes() {
    let entry = only_entry(
        ":61:2611201120C121,00N654NONREF//B7\r\n:86:/TRTP/SEPA OVERBOEKING/IBAN/NL69INGB0123456789/BIC/INGBNL2A/NAME/JAN\r\nSEN BOUW B.V./REMI/FACTUUR 2026-0412/EREF/KLANT-7\r\n",
        "221,00",
    );
    assert_eq!(entry.counterparty.as_deref(), Some("JANSEN BOUW B.V."), "a full line goes on");
    assert_eq!(entry.iban.as_deref(), Some("NL69INGB0123456789"));
    assert_eq!(entry.description, "FACTUUR 2026-0412");
    assert_eq!((entry.end_to_end.as_deref(), entry.bank_reference.as_deref()), (Some("KLANT-7"), Some("B7")));
    assert_eq!((entry.booked, entry.value, entry.status), (day(20), day(20), Status::Booked));

    let full = format!("/TRTP/X/IBAN/NL69INGB0123456789/NAME/J/REMI/{:21}", "FACTUUR VAN MEI 2026-");
    assert_eq!(full.chars().count(), 65);
    let entry = only_entry(&format!(":61:261120C1,00NTRFNONREF\r\n:86:{full}\r\n0412\r\n"), "101,00");
    assert_eq!(entry.description, "FACTUUR VAN MEI 2026-0412", "a full line goes on");
}

#[test]
fn what_rabobank_and_ing_write() {
    let entry = only_entry(
        ":61:261120C000000000121,00N541EREF\r\nNL69INGB0123456789\r\n:86:/EREF/2026-11/ORDP//NAME/JANSEN BOUW/REMI//CDTRREFTP//CD/SCOR/ISSR/CUR/CDTRREF/6000000020260042/ISDT/2026-11-20\r\n",
        "221,00",
    );
    assert_eq!(entry.reference.as_deref(), Some("6000000020260042"));
    assert_eq!(
        (entry.iban.as_deref(), entry.counterparty.as_deref()),
        (Some("NL69INGB0123456789"), Some("JANSEN BOUW"))
    );
    let entry = only_entry(
        ":61:2611201120C5,00NTRFNONREF//123\r\n/TRCD/00100/\r\n:86:/CNTP/NL69INGB0123456789/INGBNL2A/JANSEN BOUW///REMI/STRD/CUR/6000000020260042/\r\n",
        "105,00",
    );
    assert_eq!(entry.reference.as_deref(), Some("6000000020260042"));
    assert_eq!((entry.counterparty.as_deref(), entry.description.as_str()), (Some("JANSEN BOUW"), ""));
    let entry =
        only_entry(":61:2611201120D5,00NDDTEREF//1\r\n:86:/RTRN/MS03//EREF/R-7//REMI/USTD//INCASSO 12/\r\n", "95,00");
    assert!(entry.returned, "a direct debit that came back");
    assert_eq!((entry.end_to_end.as_deref(), entry.description.as_str()), (Some("R-7"), "INCASSO 12"));
}

#[test]
fn numbered_fields() {
    let entry = only_entry(
        ":61:2611201120CR121,00NTRFNONREF//9\r\n:86:166?00SEPA-GUTSCHRIFT?109075?20EREF+K-12?21SVWZ+RECHNUNG 2026-0412 VO?22M NOVEMBER?30COBADEFF?31DE89370400440532013000?32JANSEN BAU?33GMBH\r\n",
        "221,00",
    );
    assert_eq!(entry.description, "RECHNUNG 2026-0412 VO M NOVEMBER");
    assert_eq!((entry.counterparty.as_deref(), entry.end_to_end.as_deref()), (Some("JANSEN BAU GMBH"), Some("K-12")));
    assert_eq!(entry.iban.as_deref(), Some("DE89370400440532013000"));
    let triodos = only_entry(
        ":61:261120C1,00NET NONREF\r\n:86:000>100000000000\r\n>20INGBNL2A>21NL69INGB0123456789\r\n>22FACTUUR 2026-0412 EN NOG EE>23N>310123456789\r\n",
        "101,00",
    );
    assert_eq!(
        (triodos.iban.as_deref(), triodos.description.as_str()),
        (Some("NL69INGB0123456789"), "FACTUUR 2026-0412 EN NOG EEN")
    );
}

#[test]
fn prose() {
    let entry = only_entry(
        ":61:2611201120C1,00N247NONREF\r\n:86:SEPA OVERBOEKING                 IBAN: NL69INGB0123456789\r\nBIC: INGBNL2A                    NAAM: J JANSEN\r\nOMSCHRIJVING: FACTUUR 2026-0412 NAAM: PIET\r\n",
        "101,00",
    );
    assert_eq!(
        (entry.counterparty.as_deref(), entry.description.as_str()),
        (Some("J JANSEN"), "FACTUUR 2026-0412 NAAM: PIET")
    );
    let knab = only_entry(
        ":61:2611201120C1,NTRFNONREF//A\r\n:86:FACTUUR 2026-0412\r\nREK: NL69INGB0123456789/NAAM: JANSEN\r\n",
        "101,",
    );
    assert_eq!((knab.counterparty.as_deref(), knab.description.as_str()), (Some("JANSEN"), "FACTUUR 2026-0412"));
    let sns = only_entry(
        ":61:2611201120C1,00NOVBNL69INGB0123456789\r\nj jansen\r\n:86:NL69INGB0123456789 j jansen\r\n     \r\nfactuur 2026-0412     \r\n\r\n",
        "101,00",
    );
    assert_eq!((sns.counterparty.as_deref(), sns.description.as_str()), (Some("j jansen"), "factuur 2026-0412"));
    let old = only_entry(
        ":61:261120C1,00N0840123456789      Jansen Bouw\r\n:86:BETALINGSKENM.  6000000020260042\r\n:86:DANK\r\n",
        "101,00",
    );
    assert_eq!(
        (old.counterparty.as_deref(), old.reference.as_deref()),
        (Some("Jansen Bouw"), Some("6000000020260042"))
    );
    let belgian = only_entry(
        ":61:2611201120C1,00NTRFNONREF\r\n:86:OVERSCHRIJVING VAN J JANSEN +++090/9337/55493+++ 20-11\r\n",
        "101,00",
    );
    assert_eq!(belgian.reference.as_deref(), Some("090933755493"));
}

#[test]
fn reversals_and_announcements() {
    let dollars = only_entry(":61:2611201120C110,00NTRFNONREF\r\n/OCMT/USD120,00//CHGS/EUR1,/\r\n", "210,00");
    assert_eq!(
        dollars.instructed.map(|money| format!("{money} {}", money.currency().code())).as_deref(),
        Some("120.00 USD")
    );
    let entry = only_entry(":61:2611201120RC10,00NRTINONREF\r\n:86:STORNO\r\n", "90,00");
    assert_eq!((entry.amount.to_string().as_str(), entry.reversal), ("-10.00", true));
    let entry = only_entry(":61:2611201120EC10,00NTRFNONREF\r\n", "100,00");
    assert_eq!(entry.status, Status::Pending);
}

#[test]
fn pages_become_one_statement() {
    let page = |number: &str, open: &str, entry: &str, close: &str| {
        format!(
            ":20:X\n:25:NL91ABNA0417164300\n:28C:12/{number}\n:60{open}\n:61:261120C{entry}NTRFNONREF\n:62{close}\n-\n"
        )
    };
    let first = page("1", "F:C261119EUR100,", "1,", "M:C261120EUR101,");
    let second = page("2", "M:C261120EUR101,", "2,", "F:C261120EUR103,");
    let found = one(&format!("{first}{second}"));
    assert_eq!((found.entries.len(), found.balanced, found.covers_until), (2, Some(true), day(20)));
    let alone = one(&first);
    assert_eq!((alone.balanced, alone.covers_until), (Some(true), None), "the day is not complete");
    assert_eq!(read(&format!("{first}{}", second.replace("101,", "111,"))).unwrap().len(), 2);
}

#[test]
fn interim_reports_check_their_totals() {
    let text = ":20:X\n:25:NL91ABNA0417164300EUR\n:28C:7\n:34F:EUR0,\n:13D:2611201815+0100\n:61:2611201120C3,NTRFNONREF\n:90D:0EUR0,00\n:90C:1EUR3,00\n-\n";
    let found = one(text);
    assert_eq!((found.format.as_str(), found.balanced, found.currency), ("mt942", Some(true), Currency::EUR));
    assert_eq!(one(&text.replace(":90", ":9X")).balanced, None, "without totals nothing tells that it is whole");
    assert_eq!(one(&text.replace("1EUR3,00", "2EUR3,00")).balanced, Some(false));
}

#[test]
fn refuses_with_the_line() {
    let rows = [
        (statement(":61:2611201120X1,00NTRF\r\n", "1,"), "is not an entry", Some(5)),
        (statement(":61:2611201120C1,005NTRF\r\n", "1,"), "1.005", Some(5)),
        (statement("", "1,").replace("C261119", "Q261119"), "is not a balance", Some(4)),
        (statement("", "1,x"), "is not a balance", Some(5)),
        (":940:\r\n".to_owned(), "no statement", None),
    ];
    for (text, reason, line) in rows {
        let fault = read(&text).unwrap_err();
        assert!(fault.reason.contains(reason), "{fault:?}");
        assert_eq!(fault.line, line, "{fault:?}");
    }
}

#[test]
fn no_truncation_is_taken_for_a_whole() {
    let whole = statement(":61:2611201120C121,50NTRFNONREF//B7\r\n:86:/NAME/J/REMI/2026-0412\r\n", "221,50");
    let end_of_balance = whole.find("221,50").unwrap() + 5;
    for end in 0..end_of_balance {
        let taken = read(&whole[..end]).is_ok_and(|found| found.iter().all(|s| s.balanced == Some(true)));
        assert!(!taken, "cut at {end}: {:?}", &whole[..end]);
    }
    assert_eq!(one(&whole[..=end_of_balance]).balanced, Some(true));
}

proptest! {
    #[test]
    fn total(text in "(:(20|25|28C|60F|61|86|62F|NS):|[\\PC\r\n]{0,12}|\\?[0-9]{2}|/REMI/|EREF\\+|261120C1,NTRF|-\r\n){0,20}") {
        let _ = read(&text);
    }

    #[test]
    fn amounts_and_days_come_through(cents in 1i64..10_000_000, credit in any::<bool>(), d in 1u32..29, words in "[A-Za-z0-9 .]{0,40}") {
        let signed = if credit { cents } else { -cents };
        let closing = 10_000 + signed;
        let mark = if closing < 0 { "D" } else { "C" };
        let comma = |cents: i64| format!("{},{:02}", cents.abs() / 100, cents.abs() % 100);
        let line = format!(":61:2611{d:02}{}{}NTRFNONREF\r\n:86:{words}\r\n", if credit { "C" } else { "D" }, comma(cents));
        let text = statement(&line, &comma(closing)).replace(":62F:C", &format!(":62F:{mark}"));
        let found = one(&text);
        prop_assert_eq!(found.balanced, Some(true));
        prop_assert_eq!(found.entries[0].amount, Money::eur_cents(signed));
        prop_assert_eq!(found.entries[0].booked, day(d));
    }
}

/// Banks choose the sign of the subfields; some put the account behind the name, and a slash before their own number.
#[test]
fn subfields_behind_other_signs() {
    for sign in ['?', '~', '<', '+', '|'] {
        let told = "020+00OVERBOEKING+20FACTUUR 2026-0412+32JANSEN BOUW BV+33BE71096123456769";
        let text = format!(
            ":20:X\n:25:/BE68539007547034\n:28C:12/1\n:60F:C261119EUR100,00\n:61:2611201120C50,00NTRFNONREF\n:86:{}\n:62F:C261120EUR150,00\n-\n",
            told.replace('+', &sign.to_string())
        );
        let found = read(&text).unwrap().remove(0);
        assert_eq!(found.account, "BE68539007547034");
        let entry = &found.entries[0];
        assert_eq!(entry.counterparty.as_deref(), Some("JANSEN BOUW BV"), "{sign}");
        assert_eq!(entry.iban.as_deref(), Some("BE71096123456769"), "{sign}");
        assert_eq!(entry.description, "FACTUUR 2026-0412", "{sign}");
    }
    let unsorted = ":61:2611201120C50,00NTRFNONREF\r\n:86:000+20BETALING +30302410000+31BE71096123456769 +32JANSEN BOUW BV+33/ +23FACTUUR 2026-0412\r\n";
    let entry = only_entry(unsorted, "150,00");
    assert_eq!(entry.description, "BETALING FACTUUR 2026-0412");
    let fee = only_entry(":61:2611201120C50,00NTRFNONREF\r\n:86:000+20KOSTEN +2325-REKENING\r\n", "150,00");
    assert_eq!(fee.description, "KOSTEN 25-REKENING");
    assert_eq!(entry.iban.as_deref(), Some("BE71096123456769"));
}

/// A sign that the payer wrote is a word of his.
#[test]
fn signs_that_payers_write() {
    for (told, wanted) in [
        ("412+413 betaald factuur 2026-0412", "412+413 betaald factuur 2026-0412"),
        ("412|413", "412|413"),
        ("412+2026-0413 betaald", "412+2026-0413 betaald"),
        ("412<413", "412<413"),
        ("166+00OVERBOEKING+20FACTUUR 412+413+32JANSEN BV", "FACTUUR 412+413"),
        ("020+00OVERBOEKING+20TEL +31 612 FACT 2026-0412+32JANSEN BV", "TEL +31 612 FACT 2026-0412"),
        ("020+00OVERBOEKING+202026-0412+2026-0413+32JANSEN BV", "2026-0412+2026-0413"),
    ] {
        let entry = only_entry(&format!(":61:2611201120C50,00NTRFNONREF\r\n:86:{told}\r\n"), "150,00");
        assert_eq!(entry.description, wanted, "{told}");
    }
}

#[test]
fn parties_as_dutch_banks_write_them() {
    let party = |entry: &str| {
        let found = only_entry(&format!(":61:2611201120C50,00N541EREF//1\r\n{entry}\r\n"), "150,00");
        (found.counterparty.unwrap_or_default(), found.iban.unwrap_or_default(), found.description)
    };
    let of = |name: &str, iban: &str, text: &str| (name.to_owned(), iban.to_owned(), text.to_owned());
    let numbered =
        "NL62INGB0001234567\r\n:86:/EREF/E1/TRCD/541/ORDP//NAME/JANSEN/ID/34360247/REMI/FACTUUR 1/ISDT/2026-11-20";
    assert_eq!(party(numbered), of("JANSEN", "NL62INGB0001234567", "FACTUUR 1"));
    let without = "0000000000\r\n:86:/PREF/1010854019/TRCD/586/INIT//NAME/JANSEN BV/ISDT/2026-11-20";
    assert_eq!(party(without), of("JANSEN BV", "", ""));
    let with_bank = ":86:/BENM/NL62INGB0001234567/INGBNL2A/JANSEN BV///EREF/E2//REMI///FACTUUR 2/";
    assert_eq!(party(with_bank), of("JANSEN BV", "NL62INGB0001234567", "FACTUUR 2"));
    let short = ":86:/BENM/NL62INGB0001234567/BAKKERIJ///EREF/E2//REMI///FACTUUR 2/";
    assert_eq!(party(short).0, "BAKKERIJ");
}

#[test]
fn balances_in_two_currencies_do_not_join() {
    let text = statement(":61:2611201120C50,00NTRFNONREF\r\n", "150,00").replace(":62F:C261120EUR", ":62F:C261120USD");
    let found = one(&text);
    assert_eq!(found.balanced, Some(false));
    assert!(found.warnings.iter().any(|warning| warning.contains("one currency")), "{:?}", found.warnings);
}
