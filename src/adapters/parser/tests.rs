use super::*;
use crate::paper::PaperKind;
use lopdf::{Document, Object, Stream, StringFormat, dictionary};

/// A PDF of our own with these files attached, compressed.
pub fn pdf_with(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let pages = document.add_object(dictionary! { "Type" => "Pages", "Kids" => Vec::<Object>::new(), "Count" => 0 });
    let specifications: Vec<Object> = files
        .iter()
        .map(|(name, bytes)| {
            let mut stream = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, bytes.to_vec());
            stream.compress().unwrap();
            let stream = document.add_object(stream);
            let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let name = Object::String([&[0xfe, 0xff][..], &utf16].concat(), StringFormat::Hexadecimal);
            let file = dictionary! {
                "Type" => "Filespec", "UF" => name, "EF" => dictionary! { "F" => stream },
            };
            Object::Reference(document.add_object(file))
        })
        .collect();
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages, "AF" => specifications });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

/// Stand-ins for workers: each is this script of the shell.
fn scripted(script: &str, patience: Duration) -> Workers {
    let words = ["-c", script].map(str::to_owned).to_vec();
    Workers { program: "/bin/sh".into(), words, patience, idle: Mutex::default() }
}

const READY: &str = r"printf '\000\000\000\005ready';";
const TOML: &[u8] =
    b"number = \"1\"\ndate = 2026-10-01\ndue = 2026-10-31\ncurrency = \"EUR\"\ntotal = \"12.00\"\n[debtor]\n\
    id = \"K1\"\nname = \"A\"\nemail = \"a@klant.example\"\nkind = \"business\"\ncountry = \"NL\"\nlanguage = \"nl\"\n";

fn invoice<'a>(name: &'a str, bytes: &'a [u8]) -> Unread<'a> {
    Unread { kind: PaperKind::Invoice, name, bytes }
}

fn reason(paper: &Paper) -> String {
    paper.clone().into_invoice().map_or_else(|fault| fault.reason, |read| panic!("{read:?}"))
}

#[test]
fn what_a_worker_says_arrives_as_it_was_read() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let worker = std::thread::spawn(move || worker::answer_all(&mut &theirs, &mut &theirs));
    let cii = crate::einvoice::CII_EXAMPLE.as_bytes();
    let pdf = pdf_with(&[("factur-x.xml", cii)]);
    let swift = b":20:X\r\n:25:NL91ABNA0417164300EUR\r\n:28C:12/1\r\n:60F:C261119EUR100,00\r\n\
        :61:2611201120C121,00NTRFNONREF//B7\r\n:86:/TRTP/SEPA OVERBOEKING/NAME/JANSEN/REMI/2026-0412\r\n:62F:C261120EUR221,00\r\n-\r\n";
    let statement = |bytes| Unread { kind: PaperKind::Statement, name: "a.sta", bytes };
    let files = [
        invoice("a.toml", TOML),
        invoice("a.xml", cii),
        invoice("a.pdf", &pdf),
        invoice("a.xml", b"<a><b></a>"),
        invoice("a.xml", b"<a"),
        statement(&swift[..]),
        statement(&swift[..80]),
        statement(b""),
    ];
    for file in &files {
        let said = wire::ask(&mut ours, file, LONGEST).unwrap();
        assert_eq!(said, Paper::read(file, embedded), "{file:?}");
        assert_eq!(said.why_incomplete(), Paper::read(file, embedded).why_incomplete());
    }
    drop(ours);
    assert_eq!(format!("{:?}", worker.join().unwrap()), format!("{:?}", std::process::ExitCode::SUCCESS));
}

#[test]
fn a_file_that_kills_is_tried_once_alone_and_then_named() {
    let here = tempfile::tempdir().unwrap();
    let count = here.path().join("count");
    let script = format!("echo one >> {}; {READY} head -c 4 >/dev/null; kill -9 $$", count.display());
    let papers = scripted(&script, LONGEST).parse(&[invoice("a.toml", TOML)]).unwrap();
    assert!(reason(&papers[0]).contains("signal: 9"), "{papers:?}");
    assert_eq!(std::fs::read_to_string(&count).unwrap().lines().count(), 2);
}

#[test]
fn a_worker_that_falls_once_costs_nothing() {
    let here = tempfile::tempdir().unwrap();
    let once = here.path().join("once");
    // An answer that can be told from every other: the second worker refuses in these words.
    let answer = serde_json::to_vec(&Paper::refused(PaperKind::Invoice, "second".into())).unwrap();
    std::fs::write(here.path().join("answer"), wire::tests::piece(&answer)).unwrap();
    let (once, answer) = (once.display(), here.path().join("answer").display().to_string());
    let script = format!("{READY} head -c 4 >/dev/null; mkdir {once} && kill -9 $$; cat {answer}; sleep 9");
    let papers = scripted(&script, LONGEST).parse(&[invoice("a.toml", TOML)]).unwrap();
    assert_eq!(reason(&papers[0]), "second");
}

#[test]
fn silence_and_nonsense_are_reasons() {
    let patience = Duration::from_millis(150);
    let silent = scripted(&format!("{READY} exec sleep 60"), patience).parse(&[invoice("a.toml", TOML)]).unwrap();
    assert!(reason(&silent[0]).contains("longer than"), "{silent:?}");
    // A byte now and then is no answer either.
    let trickle = format!("{READY} printf '\\000\\000\\377\\377'; while sleep 0.05; do printf x || exit; done");
    let trickling = scripted(&trickle, patience).parse(&[invoice("a.toml", TOML)]).unwrap();
    assert!(reason(&trickling[0]).contains("longer than"), "{trickling:?}");
    let other = serde_json::to_string(&Paper::refused(PaperKind::Statement, "x".into())).unwrap();
    for (size, answer) in [(4, "null"), (other.len(), other.as_str())] {
        let script = format!("{READY} printf '\\000\\000\\000\\{size:03o}'; printf '%s' '{answer}'; exec sleep 60");
        let astray = scripted(&script, LONGEST).parse(&[invoice("a.toml", TOML)]).unwrap();
        assert!(reason(&astray[0]).contains("went astray"), "{astray:?}");
    }
    let huge = format!("{READY} printf '\\377\\377\\377\\377'; exec sleep 60");
    let huge = scripted(&huge, LONGEST).parse(&[invoice("a.toml", TOML)]).unwrap();
    assert!(reason(&huge[0]).contains("are the most"), "{huge:?}");
}

#[test]
fn without_workers_nothing_is_read() {
    let missing = Workers::of("/nowhere/aanmaand").parse(&[invoice("a.toml", TOML)]).unwrap_err();
    assert!(missing.0.contains("could be started"), "{missing}");
    let broken = scripted("exit 3", LONGEST).parse(&[invoice("a.toml", TOML)]).unwrap_err();
    assert!(broken.0.contains("did not begin") && broken.0.contains("3"), "{broken}");
    let unlimited = scripted(r"printf '\000\000\000\002no'; sleep 9", LONGEST).parse(&[invoice("a.toml", TOML)]);
    assert_eq!(unlimited, Err(NoParser("no".into())));
    assert_eq!(Workers::of("/nowhere/aanmaand").parse(&[]), Ok(Vec::new()), "nor is anybody started for nothing");
}

#[test]
fn a_worker_is_used_again_until_it_is_worn() {
    let mut worker = Worker::start(scripted(&format!("{READY} exec sleep 60"), LONGEST).command(), LONGEST).unwrap();
    assert!(!worker.is_worn());
    worker.files = MOST_FILES;
    assert!(worker.is_worn());
    (worker.files, worker.bytes) = (1, MOST_BYTES);
    assert!(worker.is_worn());
}
