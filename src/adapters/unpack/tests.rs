use super::*;
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

/// A stand-in for the child.
fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command
}

#[test]
fn a_child_that_dies_is_a_reason() {
    let (output, status) = converse(shell("kill -9 $$"), b"%PDF-").unwrap();
    assert_eq!((output.as_slice(), status.code()), (&b""[..], None));
    let large = vec![b'a'; 4 << 20];
    let (output, status) = converse(shell("exec 0<&-; printf no; exit 1"), &large).unwrap();
    assert_eq!((output.as_slice(), status.code()), (&b"no"[..], Some(1)), "it may leave its input unread");
}

#[test]
fn an_answer_that_is_cut_short_is_none() {
    let word = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let whole = [word(&1u32.to_be_bytes()), word(b"a.xml"), word(b"<a/>")].concat();
    let one = Embedded { name: "a.xml".into(), bytes: b"<a/>".to_vec() };
    assert_eq!(files(&whole), Some(vec![one]));
    for end in 0..whole.len() {
        assert_eq!(files(&whole[..end]), None, "cut at {end}");
    }
}
