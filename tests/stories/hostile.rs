//! Files that want to harm their reader, with the real binary: each costs itself, a reason and no more.

use super::hybrid::{INVOICE, pdf_with};
use super::sandbox::{Invoice, Sandbox, paid};
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params};
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A gigabyte of spaces, deflated: a piece that ends at a byte, many times.
fn gigabyte() -> Vec<u8> {
    const PIECE: usize = 16 << 20;
    let mut piece = Vec::new();
    let mut compressor = CompressorOxide::new(create_comp_flags_from_zip_params(6, -15, 0));
    compress_to_output(&mut compressor, &vec![b' '; PIECE], TDEFLFlush::Sync, |out| {
        piece.extend_from_slice(out);
        true
    });
    // An empty last block.
    [piece.repeat((1 << 30) / PIECE).as_slice(), &[1, 0, 0, 0xff, 0xff]].concat()
}

/// An archive of one deflated file that says it is this large.
fn archive(packed: &[u8], size: u32) -> Vec<u8> {
    let length = u32::try_from(packed.len()).unwrap().to_le_bytes();
    let head = [&[20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 1, 2, 3, 4][..], &length, &size.to_le_bytes(), &[5, 0, 0, 0]].concat();
    let local = [b"PK\x03\x04", head.as_slice(), b"a.xml", packed].concat();
    let directory = [b"PK\x01\x02\x14\x00", head.as_slice(), &[0; 14], b"a.xml"].concat();
    let end = [
        &b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..],
        &u32::try_from(directory.len()).unwrap().to_le_bytes(),
        &u32::try_from(local.len()).unwrap().to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    [local, directory, end].concat()
}

/// A PDF with a gigabyte attached.
fn pdf(packed: &[u8]) -> Vec<u8> {
    let small = String::from_utf8_lossy(&pdf_with("factur-x.xml", b"<a/>")).into_owned();
    assert!(small.contains("/EF"), "the shape of the PDF below");
    let zlib = [&[0x78, 0x9c], packed, &[0; 4]].concat();
    let mut file = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/AF[2 0 R]/Pages 4 0 R>>\nendobj\n\
        2 0 obj\n<</Type/Filespec/F(factur-x.xml)/EF<</F 3 0 R>>>>\nendobj\n4 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
        .to_vec();
    let mut places = vec![9, file.windows(7).position(|w| w == b"2 0 obj").unwrap()];
    let pages = file.windows(7).position(|w| w == b"4 0 obj").unwrap();
    places.extend([file.len(), pages]);
    file.extend(format!("3 0 obj\n<</Filter/FlateDecode/Length {}>>\nstream\n", zlib.len()).bytes());
    file.extend(zlib);
    let table = file.len() + "\nendstream\nendobj\n".len();
    let rows: String = places.iter().map(|place| format!("{place:010} 00000 n \n")).collect();
    file.extend(format!("\nendstream\nendobj\nxref\n0 5\n0000000000 65535 f \n{rows}").bytes());
    file.extend(format!("trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").bytes());
    file
}

#[test]
fn hostile_files_cost_themselves_and_no_more() {
    let company = Sandbox::new();
    let entities: String =
        (1..30).map(|n| format!("<!ENTITY e{n} \"{}\">", format!("&e{};", n - 1).repeat(10))).collect();
    let inside = |head: &str, body: &str| {
        INVOICE.replace("<r:CrossIndustryInvoice", &format!("{head}<r:CrossIndustryInvoice")).replace("2026-0555", body)
    };
    company.put("invoices/entiteiten.xml", inside(&format!("<!DOCTYPE a [<!ENTITY e0 \"x\">{entities}]>"), "&e29;"));
    company.put("invoices/diep.xml", inside("", &format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000))));
    let attributes: String = (0..200_000).map(|n| format!(" a{n}=\"\"")).collect();
    company.put("invoices/attributen.xml", INVOICE.replace("<ID>2026-0555", &format!("<ID{attributes}>2026-0555")));
    let gigabyte = gigabyte();
    company.put("invoices/bom.pdf", pdf(&gigabyte));
    // One that says how large it is, and one that lies.
    company.put("statements/bom.zip", archive(&gigabyte, 1 << 30));
    company.put("statements/leugen.zip", archive(&gigabyte, 30 << 20));
    company.invoice(&Invoice::jansen());
    company.statement("goed", "2026-10-19", &[paid(121_000, "2026-0412")]);
    let began = Instant::now();
    company.pass("2026-10-20");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let asked = company.questions();
    let texts: Vec<&str> = asked.iter().map(|question| question["text"].as_str().unwrap()).collect();
    for name in ["entiteiten.xml", "diep.xml", "attributen.xml", "bom.pdf", "bom.zip", "leugen.zip"] {
        assert!(texts.iter().any(|text| text.contains(name)), "{name}: {texts:?}");
    }
    assert_eq!((company.kinds_asked().len(), company.cases().len()), (6, 1), "{texts:?}");
    assert_eq!(company.state("2026-0412"), "closed:paid");
}

/// The processes that this one started.
fn children(parent: u32) -> BTreeSet<u32> {
    let threads = std::fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let told = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    told.flat_map(|text| text.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
}

#[test]
fn a_worker_that_is_killed_in_the_middle_loses_nothing() {
    const INVOICES: u32 = 400;
    let company = Sandbox::new();
    (1..=INVOICES).for_each(|number| company.invoice(&Invoice::numbered(number)));
    let mut pass =
        company.command(&["run", "--once", "--now", "2026-10-20T10:00"]).stderr(Stdio::null()).spawn().unwrap();
    let mut killed = None;
    while pass.try_wait().unwrap().is_none() {
        if killed.is_none()
            && let Some(worker) = children(pass.id()).first()
        {
            // One that has begun, so that it falls with a file in its hands.
            std::thread::sleep(Duration::from_millis(30));
            killed = Some(Command::new("kill").args(["-9", &worker.to_string()]).status().unwrap());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(killed.is_some(), "nobody was started to read the files");
    assert!(pass.wait().unwrap().success());
    assert_eq!((company.cases().len() as u32, company.questions().len()), (INVOICES, 0));
}
