//! What is committed together: who fails takes back what it wrote itself, first or last, and nothing of the others.

use super::office::{Office, runtime};
use aanmaand::daemon::writer::Receipt;
use std::sync::mpsc::channel;

/// One writes its name and then fails or not, for each letter; all of them in one group.
fn group(office: &Office, fates: &[(&'static str, bool)]) -> Vec<bool> {
    let writer = office.writer();
    let (go, wait) = channel::<()>();
    let mut wait = Some(wait);
    let submit = |&(name, succeeds): &(&'static str, bool)| -> Receipt<()> {
        let wait = wait.take();
        writer.submit(move |house| {
            wait.into_iter().for_each(|wait| wait.recv().unwrap());
            house.set_memo(name, "written")?;
            anyhow::ensure!(succeeds, "{name} fails");
            Ok(())
        })
    };
    let receipts: Vec<Receipt<()>> = fates.iter().map(submit).collect();
    go.send(()).unwrap();
    receipts.into_iter().map(|receipt| runtime().block_on(receipt.done()).is_ok()).collect()
}

fn written(office: &Office, names: &[&'static str]) -> Vec<bool> {
    let names = names.to_vec();
    office.on_the_house(move |house| names.iter().map(|name| house.memo(name).unwrap().is_some()).collect())
}

#[test]
fn who_fails_undoes_its_own() {
    let mut office = Office::with_letters(0, "");
    assert_eq!(group(&office, &[("a", false), ("b", true), ("c", false), ("d", true)]), [false, true, false, true]);
    assert_eq!(group(&office, &[("e", true), ("f", false), ("g", true)]), [true, false, true]);
    assert_eq!(group(&office, &[("h", false), ("i", false)]), [false, false]);
    assert_eq!(group(&office, &[("j", false)]), [false]);
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let expected = [false, true, false, true, true, false, true, false, false, false];
    assert_eq!(written(&office, &names), expected);
    office.close();
    office.open();
    assert_eq!(written(&office, &names), expected, "also on the disk");
}
