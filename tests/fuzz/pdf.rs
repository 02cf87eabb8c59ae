//! Damaged PDFs, read as the daemon reads them: by a worker. One that falls is contained, and told; what it answers is the same
//! each time.

use super::engine::Target;
use super::seeds::of_others;
use crate::stories::hybrid::{INVOICE, pdf_with};
use aanmaand::adapters::parser::Workers;
use aanmaand::paper::{Paper, PaperKind, Unread};
use aanmaand::ports::Parser;

const WORDS: [&str; 18] = [
    "/EF",
    "/F ",
    "/UF(factur-x.xml)",
    "<<",
    ">>",
    "[",
    "]",
    "stream\n",
    "\nendstream",
    "/Filter/FlateDecode",
    "/Filter[/FlateDecode/FlateDecode]",
    "/DecodeParms<</Predictor 15/Columns 9999999>>",
    "/Length 99999999",
    "/Type/ObjStm/N 99999/First 1",
    "/Type/XRef/W[1 9 9]",
    "/Prev 0",
    "/Encrypt 1 0 R",
    "1 0 R",
];

#[test]
fn pdf() {
    let own = [
        pdf_with("factur-x.xml", INVOICE.as_bytes()),
        b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n".to_vec(),
    ];
    let seeds = own
        .into_iter()
        .chain(of_others("invoices/factur-x").into_iter().filter(|file| file.starts_with(b"%PDF")))
        .collect();
    let workers = Workers::of(env!("CARGO_BIN_EXE_aanmaand"));
    let mut fallen = 0;
    Target { name: "pdf", seeds, words: &WORDS, nests: &[("[", "]"), ("<</A ", ">>")] }.run(|raw| {
        let file = Unread { kind: PaperKind::Invoice, name: "a.pdf", bytes: raw };
        let read = || workers.parse(&[file, file]).map_err(|none| none.to_string());
        let (first, again) = (read()?, read()?);
        if let Paper::Invoice(Err(fault)) = &first[0]
            && ["limits of its reader", "went astray", "longer than", "fell silent"]
                .iter()
                .any(|word| fault.reason.contains(word))
        {
            fallen += 1;
            return Ok(());
        }
        let same = first.iter().chain(&again).all(|paper| *paper == first[0]);
        if same { Ok(()) } else { Err("read twice, read otherwise".into()) }
    });
    println!("fuzz pdf        {fallen} of them ended their worker");
}
