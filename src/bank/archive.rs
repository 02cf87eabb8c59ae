//! ZIP archives, read with care: by their directory, with limits on number, size and ratio; all of it or nothing.

use super::statement::StatementFault;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// More files than this bring no bank's statements.
const MAX_FILES: usize = 100;
/// Unpacked, all together.
const MAX_BYTES: usize = 40 * 1024 * 1024;
/// XML shrinks to a twentieth; what shrinks to less than this is a bomb.
const MAX_RATIO: usize = 200;
/// Below this size no ratio is suspicious.
const SMALL: usize = 1024 * 1024;

pub(super) struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Every file of an archive, without folders and what macOS adds.
pub(super) fn unpack(archive: &[u8]) -> Result<Vec<File>, StatementFault> {
    let (mut at, count) = directory(archive).ok_or_else(|| fault("the archive is damaged or cut off"))?;
    if count > MAX_FILES {
        return Err(fault(format!("the archive holds more than {MAX_FILES} files")));
    }
    let mut files = Vec::new();
    let mut room = MAX_BYTES;
    for _ in 0..count {
        let (member, next) = Member::at(archive, at).ok_or_else(|| fault("the directory of the archive is damaged"))?;
        at = next;
        if member.name.ends_with('/') || member.name.starts_with("__MACOSX") {
            continue;
        }
        let bytes = member.unpack(archive, room)?;
        room = room.saturating_sub(bytes.len());
        files.push(File { name: member.name, bytes });
    }
    Ok(files)
}

/// No directory at the end.
pub(super) fn is_unfinished(archive: &[u8]) -> bool {
    directory(archive).is_none()
}

/// Where the directory begins, and how many files it lists.
fn directory(archive: &[u8]) -> Option<(usize, usize)> {
    const LENGTH: usize = 22;
    const LONGEST_COMMENT: usize = 0xffff;
    let last = archive.len().checked_sub(LENGTH)?;
    let first = last.saturating_sub(LONGEST_COMMENT);
    let end = (first..=last).rev().find(|at| archive.get(*at..at + 4) == Some(b"PK\x05\x06"))?;
    let count = usize::from(short(archive, end + 10)?);
    Some((usize::try_from(long(archive, end + 16)?).ok()?, count))
}

/// A file, as the directory lists it.
struct Member {
    name: String,
    encrypted: bool,
    method: u16,
    checksum: u32,
    packed: usize,
    size: usize,
    local: usize,
}

impl Member {
    fn at(archive: &[u8], at: usize) -> Option<(Member, usize)> {
        const LENGTH: usize = 46;
        if archive.get(at..at.checked_add(4)?) != Some(b"PK\x01\x02") {
            return None;
        }
        let size = |from: usize| usize::try_from(long(archive, at + from)?).ok();
        let length = |from: usize| short(archive, at + from).map(usize::from);
        let name_end = (at + LENGTH).checked_add(length(28)?)?;
        let member = Member {
            name: String::from_utf8_lossy(archive.get(at + LENGTH..name_end)?).into_owned(),
            encrypted: short(archive, at + 8)? & 1 == 1,
            method: short(archive, at + 10)?,
            checksum: long(archive, at + 16)?,
            packed: size(20)?,
            size: size(24)?,
            local: size(42)?,
        };
        Some((member, name_end.checked_add(length(30)?)?.checked_add(length(32)?)?))
    }

    fn unpack(&self, archive: &[u8], room: usize) -> Result<Vec<u8>, StatementFault> {
        let name = &self.name;
        if self.encrypted {
            return Err(fault(format!("{name} in the archive is encrypted")));
        }
        if self.size > room || (self.size > SMALL && self.size / MAX_RATIO > self.packed) {
            return Err(fault(format!("{name} in the archive is too large when unpacked")));
        }
        let damaged = || fault(format!("{name} in the archive is damaged"));
        let packed = self.packed_bytes(archive).ok_or_else(damaged)?;
        let bytes = match self.method {
            0 => packed.to_vec(),
            8 => decompress_to_vec_with_limit(packed, self.size).map_err(|_| damaged())?,
            other => return Err(fault(format!("{name} in the archive is packed in a way not known here ({other})"))),
        };
        if bytes.len() != self.size || checksum(&bytes) != self.checksum {
            return Err(damaged());
        }
        Ok(bytes)
    }

    fn packed_bytes<'a>(&self, archive: &'a [u8]) -> Option<&'a [u8]> {
        const LENGTH: usize = 30;
        let at = self.local;
        if archive.get(at..at.checked_add(4)?) != Some(b"PK\x03\x04") {
            return None;
        }
        let length = |from: usize| short(archive, at + from).map(usize::from);
        let start = (at + LENGTH).checked_add(length(26)?)?.checked_add(length(28)?)?;
        archive.get(start..start.checked_add(self.packed)?)
    }
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

/// CRC-32, as ZIP has it.
fn checksum(bytes: &[u8]) -> u32 {
    let of_byte = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 })
    };
    !bytes.iter().fold(!0, of_byte)
}

fn fault(reason: impl Into<String>) -> StatementFault {
    StatementFault::new(None, reason)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec;
    use proptest::prelude::*;

    pub fn zip(files: &[(&str, &[u8], u16)]) -> Vec<u8> {
        let (mut archive, mut directory) = (Vec::new(), Vec::new());
        for (name, bytes, method) in files {
            let packed = if *method == 8 { compress_to_vec(bytes, 6) } else { bytes.to_vec() };
            let local = u32::try_from(archive.len()).unwrap();
            let head = |out: &mut Vec<u8>| {
                out.extend([20, 0, 0, 0]);
                out.extend(method.to_le_bytes());
                out.extend([0; 4]);
                out.extend(checksum(bytes).to_le_bytes());
                out.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
                out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
                out.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
                out.extend([0, 0]);
            };
            archive.extend(b"PK\x03\x04");
            head(&mut archive);
            archive.extend(name.bytes().chain(packed.iter().copied()));
            directory.extend(b"PK\x01\x02\x14\x00");
            head(&mut directory);
            directory.extend([0; 10]);
            directory.extend(local.to_le_bytes());
            directory.extend(name.bytes());
        }
        let (at, count) = (u32::try_from(archive.len()).unwrap(), u16::try_from(files.len()).unwrap());
        let size = u32::try_from(directory.len()).unwrap();
        archive.extend(directory);
        archive.extend(b"PK\x05\x06\0\0\0\0");
        archive.extend(count.to_le_bytes().into_iter().chain(count.to_le_bytes()));
        archive.extend(size.to_le_bytes().into_iter().chain(at.to_le_bytes()));
        archive.extend([0, 0]);
        archive
    }

    #[test]
    fn files_come_out_as_they_went_in() {
        let packed = zip(&[("a.sta", b"one one one one", 8), ("map/", b"", 0), ("b.xml", b"two", 0)]);
        let files = unpack(&packed).unwrap();
        let read: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())).collect();
        assert_eq!(read, [("a.sta", &b"one one one one"[..]), ("b.xml", b"two")]);
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn bombs_and_damage_are_refused() {
        let bomb = zip(&[("bomb.xml", &vec![b' '; 8 * SMALL], 8)]);
        assert!(unpack(&bomb).is_err_and(|fault| fault.reason.contains("too large")));
        let many: Vec<(&str, &[u8], u16)> = vec![("x", b"y", 0); MAX_FILES + 1];
        assert!(unpack(&zip(&many)).is_err_and(|fault| fault.reason.contains("more than")));
        let mut changed = zip(&[("a", b"one", 0)]);
        changed[32] ^= 1;
        assert!(unpack(&changed).is_err_and(|fault| fault.reason.contains("damaged")));
        let mut secret = zip(&[("a", b"one", 0)]);
        let at = secret.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        secret[at + 8] |= 1;
        assert!(unpack(&secret).is_err_and(|fault| fault.reason.contains("encrypted")));
        let whole = zip(&[("a.sta", b"one one one one", 8)]);
        for end in 0..whole.len() {
            assert!(unpack(&whole[..end]).is_err(), "cut at {end}");
        }
    }

    proptest! {
        #[test]
        fn total(bytes in proptest::collection::vec(any::<u8>(), 0..120), place in 0usize..200, byte in any::<u8>()) {
            let _ = unpack(&bytes);
            let mut whole = zip(&[("a.sta", b"one one one one", 8), ("b", b"two", 0)]);
            if let Some(target) = whole.get_mut(place) {
                *target = byte;
            }
            let _ = unpack(&whole);
        }
    }
}
