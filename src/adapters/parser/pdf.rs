//! The XML files that are attached inside a PDF (ISO 32000-1, 7.11.4: a file specification with an `EF`), wherever in it
//! they hang. Runs in the child only.

use crate::einvoice::hybrid::Embedded;
use lopdf::{Dictionary, Document, LoadOptions, Object};

/// One stream inflated, in bytes.
const LARGEST: usize = 24 * 1024 * 1024;
/// All files together, in bytes, and how many.
const MOST: usize = 28 * 1024 * 1024;
const MOST_FILES: usize = 50;

const BESIDE: &str = "put a small TOML file of the same name beside it";

/// The attached files that look like XML.
pub fn embedded(bytes: &[u8]) -> Result<Vec<Embedded>, String> {
    let options = LoadOptions { max_decompressed_size: Some(LARGEST), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options)
        .map_err(|error| format!("this PDF is damaged or locked ({error}): print it anew, or {BESIDE}"))?;
    if document.is_encrypted() {
        return Err(format!("this PDF is locked with a password: write it without one, or {BESIDE}"));
    }
    let mut files = Vec::new();
    let mut size = 0;
    let specifications = document.objects.values().filter_map(|object| object.as_dict().ok()).filter(|d| d.has(b"EF"));
    for specification in specifications {
        let Some(file) = file(&document, specification) else { continue };
        size += file.bytes.len();
        if files.len() == MOST_FILES || size > MOST {
            return Err("there is more attached to this PDF than any invoice needs: write it without that".to_owned());
        }
        files.push(file);
    }
    Ok(files)
}

fn file(document: &Document, specification: &Dictionary) -> Option<Embedded> {
    let streams = resolved(document, specification.get(b"EF").ok()?)?.as_dict().ok()?;
    let stream = [&b"UF"[..], b"F"].iter().find_map(|key| streams.get(key).ok())?;
    let stream = resolved(document, stream)?.as_stream().ok()?;
    let bytes = stream.decompressed_content_with_limit(LARGEST).ok()?;
    looks_like_xml(&bytes).then(|| Embedded { name: name(document, specification), bytes })
}

fn name(document: &Document, specification: &Dictionary) -> String {
    [&b"UF"[..], b"F"]
        .iter()
        .filter_map(|key| resolved(document, specification.get(key).ok()?))
        .find_map(|text| lopdf::decode_text_string(text).ok())
        .unwrap_or_default()
}

fn resolved<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Object> {
    document.dereference(object).ok().map(|(_, object)| object)
}

/// The first byte that says something is `<`, in UTF-8 or UTF-16.
fn looks_like_xml(bytes: &[u8]) -> bool {
    let silent = |byte: &&u8| byte.is_ascii_whitespace() || matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff);
    bytes.iter().take(64).find(|byte| !silent(byte)) == Some(&b'<')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::parser::tests::pdf_with;

    #[test]
    fn attached_files_are_found_wherever_they_hang() {
        let pdf = pdf_with(&[
            ("factur-x.xml", b"<a/>"),
            ("bon.jpg", b"\xff\xd8\xff"),
            ("t\u{eb}st.xml", b"\xef\xbb\xbf <b/>"),
        ]);
        let files = embedded(&pdf).unwrap();
        let names: Vec<(&str, &[u8])> = files.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())).collect();
        assert_eq!(names, [("factur-x.xml", &b"<a/>"[..]), ("t\u{eb}st.xml", b"\xef\xbb\xbf <b/>")]);
        assert_eq!(embedded(&pdf_with(&[])).unwrap(), []);
        assert!(embedded(b"%PDF-1.7\nnothing\n%%EOF").unwrap_err().contains("damaged"));
    }

    #[test]
    fn a_file_that_inflates_is_left_out() {
        let bomb = vec![b'<'; LARGEST + 1];
        let pdf = pdf_with(&[("bomb.xml", &bomb), ("a.xml", b"<a/>")]);
        assert!(pdf.len() < 1_000_000, "{}", pdf.len());
        let names: Vec<String> = embedded(&pdf).unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["a.xml"]);
    }

    #[test]
    fn no_part_of_a_pdf_stops_the_reader() {
        let pdf = pdf_with(&[("factur-x.xml", b"<a>1</a>")]);
        for end in 0..pdf.len() {
            if let Ok(files) = embedded(&pdf[..end]) {
                assert!(files.iter().all(|file| file.bytes == b"<a>1</a>"), "cut at {end}");
            }
        }
    }
}
