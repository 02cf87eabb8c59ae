//! `winmail.dat`: how Outlook wraps a mail for another Outlook (MS-OXTNEF). Takes out its words and files; what it does
//! not understand it leaves alone. Total on any bytes: every length is checked, nothing is followed back.

mod rtf;

use mail_parser::decoders::charsets::map::charset_decoder;

/// What was wrapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrapped {
    pub text: Option<String>,
    pub html: Option<String>,
    pub files: Vec<File>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub mime: Option<String>,
    pub bytes: Vec<u8>,
}

const SIGNATURE: u32 = 0x223e_9f78;
/// More files than this are not looked at.
const MAX_FILES: usize = 100;

/// Attributes (MS-OXTNEF 2.1.3.2), without their type.
const CODEPAGE: u32 = 0x9007;
const BODY: u32 = 0x800c;
const MESSAGE_PROPERTIES: u32 = 0x9003;
const FILE_BEGINS: u32 = 0x9002;
const FILE_TITLE: u32 = 0x8010;
const FILE_DATA: u32 = 0x800f;
const FILE_PROPERTIES: u32 = 0x9005;

/// Properties (MS-OXPROPS).
const TEXT: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const NAME: u16 = 0x3704;
const LONG_NAME: u16 = 0x3707;
const MIME_TAG: u16 = 0x370e;

/// What is in a `winmail.dat`; `None` when it is none.
pub fn unwrap(bytes: &[u8]) -> Option<Wrapped> {
    let mut bytes = Bytes(bytes);
    if bytes.u32()? != SIGNATURE {
        return None;
    }
    bytes.u16()?;
    let mut wrapped = Wrapped::default();
    let mut codepage = 1252;
    while let Some((attribute, value)) = attribute(&mut bytes) {
        let file = wrapped.files.len().checked_sub(1);
        match (attribute & 0xffff, file) {
            (CODEPAGE, _) => codepage = Bytes(value).u32().unwrap_or(codepage),
            (BODY, _) => wrapped.text = Some(narrow(value, codepage)),
            (MESSAGE_PROPERTIES, _) => properties(value, codepage, |property| wrapped.property(property, codepage)),
            (FILE_BEGINS, _) if wrapped.files.len() < MAX_FILES => wrapped.files.push(File::default()),
            (FILE_TITLE, Some(at)) if wrapped.files[at].name.is_empty() => {
                wrapped.files[at].name = narrow(value, codepage);
            }
            (FILE_DATA, Some(at)) => wrapped.files[at].bytes = value.to_vec(),
            (FILE_PROPERTIES, Some(at)) => {
                properties(value, codepage, |property| wrapped.files[at].property(property));
            }
            _ => {}
        }
    }
    wrapped.files.retain(|file| !file.bytes.is_empty());
    Some(wrapped)
}

impl Wrapped {
    fn property(&mut self, property: Property<'_>, codepage: u32) {
        match (property.id, property.value) {
            (TEXT, Value::Text(text)) => self.text = Some(text),
            (HTML, Value::Text(html)) => self.html = Some(html),
            (HTML, Value::Binary(bytes)) => self.html = Some(narrow(bytes, codepage)),
            (RTF, Value::Binary(bytes)) if self.text.is_none() => self.text = rtf::text(bytes, codepage),
            _ => {}
        }
    }
}

impl File {
    fn property(&mut self, property: Property<'_>) {
        match (property.id, property.value) {
            (LONG_NAME, Value::Text(name)) => self.name = name,
            (NAME, Value::Text(name)) if self.name.is_empty() => self.name = name,
            (MIME_TAG, Value::Text(mime)) => self.mime = Some(mime.to_lowercase()),
            _ => {}
        }
    }
}

/// The next attribute: level, id, length, value, checksum. The checksum is not believed in; many are wrong.
fn attribute<'b>(bytes: &mut Bytes<'b>) -> Option<(u32, &'b [u8])> {
    bytes.take(1)?;
    let id = bytes.u32()?;
    let length = bytes.u32()?;
    let value = bytes.take(usize::try_from(length).ok()?)?;
    bytes.u16();
    Some((id, value))
}

struct Property<'b> {
    id: u16,
    value: Value<'b>,
}

enum Value<'b> {
    Text(String),
    Binary(&'b [u8]),
    Other,
}

/// Every property of a list, until one is not understood: without its length the rest cannot be found.
fn properties(bytes: &[u8], codepage: u32, mut each: impl FnMut(Property<'_>)) {
    let mut bytes = Bytes(bytes);
    let count = bytes.u32().unwrap_or_default();
    for _ in 0..count {
        let Some(property) = property(&mut bytes, codepage) else { return };
        each(property);
    }
}

/// One property (MS-OXTNEF 2.1.3.4); named ones carry their name first.
fn property<'b>(bytes: &mut Bytes<'b>, codepage: u32) -> Option<Property<'b>> {
    let (kind, id) = (bytes.u16()?, bytes.u16()?);
    if id >= 0x8000 {
        bytes.take(16)?;
        match bytes.u32()? {
            0 => bytes.take(4)?,
            _ => bytes.counted()?,
        };
    }
    let value = match kind & 0x0fff {
        0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b if kind & 0x1000 == 0 => bytes.take(4).map(|_| Value::Other)?,
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 if kind & 0x1000 == 0 => bytes.take(8).map(|_| Value::Other)?,
        0x0048 if kind & 0x1000 == 0 => bytes.take(16).map(|_| Value::Other)?,
        fixed @ (0x0002 | 0x0003 | 0x0004 | 0x000b | 0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 | 0x0048) => {
            let size = match fixed {
                0x0048 => 16,
                0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
                _ => 4,
            };
            let count = usize::try_from(bytes.u32()?).ok()?;
            bytes.take(count.checked_mul(size)?)?;
            Value::Other
        }
        kind @ (0x001e | 0x001f | 0x0102 | 0x000d) => {
            let mut last = Value::Other;
            for _ in 0..bytes.u32()? {
                let value = bytes.counted()?;
                last = match kind {
                    0x001e => Value::Text(narrow(value, codepage)),
                    0x001f => Value::Text(wide(value)),
                    _ => Value::Binary(value),
                };
            }
            last
        }
        _ => return None,
    };
    Some(Property { id, value })
}

/// Text in a code page of Windows, up to its NUL.
fn narrow(bytes: &[u8], codepage: u32) -> String {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let named = charset_decoder(format!("windows-{codepage}").as_bytes());
    let decode = named.or_else(|| charset_decoder(b"windows-1252"));
    decode.map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decode| decode(bytes))
}

fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned()
}

/// Little-endian bytes, read from the front.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from_le_bytes([b[0], b[1]]))
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    /// A length, so many bytes, and zeros up to a multiple of four.
    fn counted(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let value = self.take(length)?;
        self.take(length.next_multiple_of(4) - length)?;
        Some(value)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A `winmail.dat` with these words and one file.
    pub fn winmail(words: &str, name: &str, file: &[u8]) -> Vec<u8> {
        let mut out = SIGNATURE.to_le_bytes().to_vec();
        out.extend([1, 0]);
        let mut attribute = |level: u8, id: u32, value: &[u8]| {
            out.push(level);
            out.extend(id.to_le_bytes());
            out.extend((value.len() as u32).to_le_bytes());
            out.extend(value);
            out.extend(value.iter().fold(0u16, |sum, byte| sum.wrapping_add((*byte).into())).to_le_bytes());
        };
        attribute(1, 0x0006_9007, &[0xe4, 0x04, 0, 0, 0, 0, 0, 0]);
        let utf16: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
        attribute(1, 0x0006_9003, &[list(2), number(0x0e08), text(TEXT, 0x001f, &utf16)].concat());
        attribute(2, 0x0006_9002, &[0; 14]);
        attribute(2, 0x0001_8010, b"kort.pdf\0");
        attribute(2, 0x0006_800f, file);
        attribute(2, 0x0006_9005, &[list(1), text(LONG_NAME, 0x001e, name.as_bytes())].concat());
        out
    }

    fn list(count: u32) -> Vec<u8> {
        count.to_le_bytes().to_vec()
    }

    fn number(id: u16) -> Vec<u8> {
        [3u16.to_le_bytes(), id.to_le_bytes(), [7, 0], [0, 0]].concat()
    }

    fn text(id: u16, kind: u16, value: &[u8]) -> Vec<u8> {
        let mut out = [kind.to_le_bytes(), id.to_le_bytes()].concat();
        out.extend(1u32.to_le_bytes());
        out.extend((value.len() as u32).to_le_bytes());
        out.extend(value);
        out.resize(out.len() + value.len().next_multiple_of(4) - value.len(), 0);
        out
    }

    #[test]
    fn words_and_files_come_out() {
        let wrapped = unwrap(&winmail("Betaald, zie bijlage: € 5", "Betaalbewijs oktober.pdf", b"%PDF-1.4")).unwrap();
        assert_eq!(wrapped.text.as_deref(), Some("Betaald, zie bijlage: € 5"));
        let file = File { name: "Betaalbewijs oktober.pdf".into(), mime: None, bytes: b"%PDF-1.4".to_vec() };
        assert_eq!(wrapped.files, [file]);
    }

    #[test]
    fn damage_is_no_disaster() {
        let whole = winmail("woorden", "a.pdf", b"bytes");
        assert_eq!(unwrap(b"no such thing"), None);
        for end in 0..whole.len() {
            let _ = unwrap(&whole[..end]);
            let mut changed = whole.clone();
            changed[end] = 0xff;
            let _ = unwrap(&changed);
        }
    }
}
