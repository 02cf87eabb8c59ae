//! The bank's files: a day as CAMT.053, and the same day as MT940.

use super::truth::Entry;

pub const OUR_IBAN: &str = "NL91ABNA0417164300";

fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// The balance at the end of the day comes with the file.
pub fn camt(day: &str, opening: i64, entries: &[&Entry]) -> (String, i64) {
    let closing = opening + entries.iter().map(|entry| entry.cents).sum::<i64>();
    let balance = |code: &str, cents: i64| {
        let sign = if cents < 0 { "DBIT" } else { "CRDT" };
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>",
            euros(cents)
        )
    };
    let lines: String = entries.iter().enumerate().map(|(at, entry)| camt_entry(day, at, entry)).collect();
    let file = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt>\
         <Stmt><Id>{day}</Id><Acct><Id><IBAN>{OUR_IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>{}{}{lines}</Stmt></BkToCstmrStmt></Document>\n",
        balance("OPBD", opening),
        balance("CLBD", closing)
    );
    (file, closing)
}

fn camt_entry(day: &str, at: usize, entry: &Entry) -> String {
    let is_taken_back = entry.kind == super::truth::Kind::TakenBack;
    let direction = if entry.cents < 0 { "DBIT" } else { "CRDT" };
    // Who is taken back from keeps the part of the payment that was.
    let party = if entry.cents < 0 && !is_taken_back { "Cdtr" } else { "Dbtr" };
    let reversal = if is_taken_back { "<RvslInd>true</RvslInd>" } else { "" };
    let reference = entry
        .reference
        .as_ref()
        .map_or(String::new(), |reference| format!("<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>"));
    format!(
        "<Ntry><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{reversal}<Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt>\
         <AcctSvcrRef>{day}-{at}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>{}</EndToEndId></Refs>\
         <RltdPties><{party}><Nm>{}</Nm></{party}><{party}Acct><Id><IBAN>{}</IBAN></Id></{party}Acct></RltdPties>\
         <RmtInf><Ustrd>{}</Ustrd>{reference}</RmtInf></TxDtls></NtryDtls></Ntry>",
        euros(entry.cents),
        entry.end_to_end.as_deref().unwrap_or("NOTPROVIDED"),
        entry.payer.name,
        entry.payer.iban,
        entry.text
    )
}

pub fn mt940(day: &str, number: u32, opening: i64, entries: &[&Entry]) -> String {
    let swift_day = day[2..].replace('-', "");
    let amount = |cents: i64| euros(cents).replace('.', ",");
    let sign = |cents: i64| if cents < 0 { "D" } else { "C" };
    let closing = opening + entries.iter().map(|entry| entry.cents).sum::<i64>();
    let lines: String = entries
        .iter()
        .map(|entry| {
            let mark = match entry.kind {
                super::truth::Kind::TakenBack => "RC",
                _ => sign(entry.cents),
            };
            let remittance = match &entry.reference {
                Some(reference) => format!("STRD/CUR/{}", reference.trim_matches('+').replace('/', "")),
                None => format!("USTD//{}", entry.text),
            };
            let told = format!(
                "/TRTP/SEPA OVERBOEKING/IBAN/{}/BIC/BANKNL2A/NAME/{}/REMI/{remittance}/EREF/{}",
                entry.payer.iban,
                entry.payer.name,
                entry.end_to_end.as_deref().unwrap_or("NOTPROVIDED")
            );
            let wrapped: Vec<String> =
                told.as_bytes().chunks(65).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
            format!(
                ":61:{swift_day}{}{mark}{}NTRFNONREF\r\n:86:{}\r\n",
                &swift_day[2..],
                amount(entry.cents),
                wrapped.join("\r\n")
            )
        })
        .collect();
    format!(
        ":20:DAG\r\n:25:{OUR_IBAN}\r\n:28C:{number}/1\r\n:60F:{}{swift_day}EUR{}\r\n{lines}:62F:{}{swift_day}EUR{}\r\n-\r\n",
        sign(opening),
        amount(opening),
        sign(closing),
        amount(closing)
    )
}
