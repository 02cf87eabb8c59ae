//! Starting, signals, and one daemon at a time.

use super::office::Office;
use super::site::site;
use rustix::process::Signal;
use std::fs;
use std::time::Duration;

fn customer(name: &str) -> String {
    format!("customer2+{name}-{}@klant.test", std::process::id())
}

#[test]
fn a_wrong_configuration_does_not_start_and_does_not_replace_a_good_one() {
    let Some(site) = site("a_wrong_configuration_does_not_start") else { return };
    let mut office = Office::open(site, "office3");
    let good = fs::read_to_string(office.path("aanmaand.toml")).unwrap();
    let broken = good.replace("mode = \"auto\"", "mode = \"autoo\"");
    fs::write(office.path("aanmaand.toml"), &broken).unwrap();
    assert_eq!(office.run().ended(10).code(), Some(78));
    assert!(office.log().contains("did you mean \"auto\"?"), "{}", office.log());

    office.configure();
    let mut daemon = office.run();
    office.drop_invoice("R-2026-301", &customer("a"));
    site.await_mail("customer2", &customer("a"), 30);

    let second = office.command(&["run"]);
    assert_eq!(second.status.code(), Some(75), "temporary: another one has the lock");
    assert!(String::from_utf8_lossy(&second.stderr).contains("another aanmaand"));
    assert_eq!(office.command(&["run", "--once"]).status.code(), Some(75));

    for (broken, complaint) in
        [(broken, "did you mean \"auto\"?"), (format!("{good}[folders]\ntemplates = \"letters\"\n"), "slot")]
    {
        fs::create_dir_all(office.path("letters/nl")).unwrap();
        fs::write(office.path("letters/nl/reminder.txt"), "Beste {{ slot }").unwrap();
        fs::write(office.path("aanmaand.toml"), broken).unwrap();
        let refusals = office.log().matches("is not taken").count();
        daemon.signal(Signal::HUP);
        daemon.await_log("is not taken", refusals + 1, 10);
        assert!(office.log().contains(complaint), "{}", office.log());
    }
    office.drop_invoice("R-2026-302", &customer("b"));
    let letter = site.await_mail("customer2", &customer("b"), 30);
    assert!(letter.header("From").contains("Schildersbedrijf Voorbeeld"), "{}", letter.header("From"));

    office.settings.company = "Nieuwe Naam B.V.".into();
    office.configure();
    daemon.signal(Signal::HUP);
    office.drop_invoice("R-2026-303", &customer("c"));
    let letter = site.await_mail("customer2", &customer("c"), 30);
    assert!(letter.header("From").contains("Nieuwe Naam B.V."), "{}", letter.header("From"));
    assert!(daemon.is_alive());
    daemon.stop();
}

#[test]
fn it_stops_at_once_between_two_letters_that_leave_slowly() {
    let Some(site) = site("it_stops_at_once_between_two_letters") else { return };
    let mut office = Office::open(site, "office4");
    office.settings.per_minute = 1;
    office.configure();
    office.drop_invoice("R-2026-401", &customer("d"));
    office.drop_invoice("R-2026-402", &customer("e"));
    let daemon = office.run();
    let both = || site.mails_to("customer2", &customer("d")).len() + site.mails_to("customer2", &customer("e")).len();
    // The digest is the first mail of the minute.
    site.await_mail("office4", &office.owner(), 30);
    std::thread::sleep(Duration::from_secs(1));
    daemon.stop();
    assert!(both() < 2, "the second letter waits for its minute");
}
