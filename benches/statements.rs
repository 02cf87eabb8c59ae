//! How fast statements are read: CAMT against quick-xml's plain loop over the events of the same bytes, MT940 and CODA
//! in entries a second. `cargo bench --no-default-features --bench statements -- DIR` also leaves the MT940 file in DIR,
//! for `tests/compare/statements.py --speed` to read with another program.

mod measure;

use aanmaand::bank::statement;
use measure::clock;
use std::fmt::Write;
use std::hint::black_box;

const ROUNDS: usize = 15;
const ENTRIES: usize = 20_000;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    camt();
    let swift = mt940();
    if let Some(folder) = folder {
        std::fs::write(std::path::Path::new(&folder).join("bench.sta"), swift).expect("a file in the folder");
    }
}

fn camt() {
    let file = camt_file();
    let plain = best(|| {
        let mut reader = quick_xml::Reader::from_reader(file.as_bytes());
        let mut events = 0u64;
        let mut buffer = Vec::new();
        loop {
            match reader.read_event_into(&mut buffer).expect("well-formed") {
                quick_xml::events::Event::Eof => break,
                event => {
                    black_box(&event);
                    events += 1;
                }
            }
            buffer.clear();
        }
        black_box(events);
    });
    let ours = best(|| check(file.as_bytes()));
    let rate = |seconds: f64| file.len() as f64 / 1e6 / seconds;
    println!("CAMT.053, {:.1} MB, {ENTRIES} entries", file.len() as f64 / 1e6);
    println!("  read and checked    {:8.1} MB/s  {:10.0} entries/s", rate(ours), ENTRIES as f64 / ours);
    println!("  quick-xml, events   {:8.1} MB/s  ratio {:.2}", rate(plain), plain / ours);
}

fn mt940() -> String {
    let file = mt940_file();
    let ours = best(|| check(file.as_bytes()));
    println!("MT940, {:.1} MB, {ENTRIES} entries", file.len() as f64 / 1e6);
    println!(
        "  read and checked    {:8.1} MB/s  {:10.0} entries/s",
        file.len() as f64 / 1e6 / ours,
        ENTRIES as f64 / ours
    );
    file
}

fn check(bytes: &[u8]) {
    let found = black_box(statement::read(bytes).expect("a statement"));
    assert!(found.iter().all(|statement| statement.balanced == Some(true)));
    assert_eq!(found.iter().map(|statement| statement.entries.len()).sum::<usize>(), ENTRIES);
}

/// Seconds of the best round: what else the machine does only adds to it.
fn best(mut work: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let start = clock();
        work();
        clock() - start
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn cents(n: usize) -> usize {
    100 + n * 37 % 100_000
}

fn camt_file() -> String {
    let total: usize = (0..ENTRIES).map(cents).sum();
    let balance = |code: &str, cents: usize| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{}.{:02}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>",
            cents / 100,
            cents % 100
        )
    };
    let mut file = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id><ElctrncSeqNb>1</ElctrncSeqNb><Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id><Ccy>EUR</Ccy></Acct>{}{}\n",
        balance("OPBD", 0),
        balance("CLBD", total)
    );
    for n in 0..ENTRIES {
        let _ = writeln!(
            file,
            "<Ntry><NtryRef>{n}</NtryRef><Amt Ccy=\"EUR\">{}.{:02}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt><ValDt><Dt>2026-11-20</Dt></ValDt><AcctSvcrRef>B{n:09}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>E{n:07}</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy=\"EUR\">{}.{:02}</Amt></TxAmt></AmtDtls><RltdPties><Dbtr><Pty><Nm>Klant {n} Bouw B.V.</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>NL69INGB0123456789</IBAN></Id></DbtrAcct></RltdPties><RltdAgts><DbtrAgt><FinInstnId><BICFI>INGBNL2A</BICFI></FinInstnId></DbtrAgt></RltdAgts><RmtInf><Ustrd>Betaling factuur 2026-{n:05} met dank</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
            cents(n) / 100,
            cents(n) % 100,
            cents(n) / 100,
            cents(n) % 100
        );
    }
    file.push_str("</Stmt></BkToCstmrStmt></Document>\n");
    file
}

fn mt940_file() -> String {
    let mut file = String::new();
    let mut balance = 0;
    for part in 0..ENTRIES / 100 {
        let _ = write!(
            file,
            ":20:STARTUMS\r\n:25:NL91ABNA0417164300\r\n:28C:{}/1\r\n:60F:C261120EUR{},{:02}\r\n",
            part + 1,
            balance / 100,
            balance % 100
        );
        for n in part * 100..(part + 1) * 100 {
            balance += cents(n);
            let _ = write!(
                file,
                ":61:2611201120C{},{:02}NTRFNONREF//B{n:09}\r\n:86:166?00GUTSCHRIFT?109075?20EREF+E{n:07}?21SVWZ+FACTUUR 2026-{n:05}?22 MET DANK?30INGBNL2A?31NL69INGB012345\r\n6789?32KLANT {n} BOUW B.V.\r\n",
                cents(n) / 100,
                cents(n) % 100
            );
        }
        let _ = write!(file, ":62F:C261120EUR{},{:02}\r\n-\r\n", balance / 100, balance % 100);
    }
    file
}
