//! Days begin and end by the administration's clock, also where that clock skips an hour or tells one twice.

use super::sandbox::{Invoice, Sandbox};

#[test]
fn letters_leave_at_nine_when_the_clock_has_gone_back() {
    let company = Sandbox::jansen();
    // 02:30 comes twice on this night.
    company.pass_at("2026-10-25T02:30");
    company.pass_at("2026-10-25T03:30");
    company.pass_at("2026-10-26T08:59");
    assert!(company.letters().is_empty(), "not yet nine");
    company.pass_at("2026-10-26T09:00");
    assert_eq!(company.days_sent(), ["2026-10-26"]);
}

#[test]
fn letters_leave_at_nine_when_the_clock_has_gone_forward() {
    let company = Sandbox::new();
    let due = Invoice { date: "2026-02-25".into(), due: "2026-03-27".into(), ..Invoice::jansen() };
    company.invoice(&due);
    company.pass_at("2026-03-27T23:59");
    company.pass_at("2026-03-28T23:59");
    let skipped = company.run(&["run", "--once", "--now", "2026-03-29T02:30"]);
    assert_eq!(skipped.status.code(), Some(2), "{}", String::from_utf8_lossy(&skipped.stderr));
    assert!(String::from_utf8_lossy(&skipped.stderr).contains("no such moment"));
    company.pass_at("2026-03-29T03:30");
    company.pass_at("2026-03-30T08:59");
    let before = company.letters().len();
    company.pass_at("2026-03-30T09:00");
    assert_eq!(company.letters().len(), before + 1, "the reminder, three days after 27 March");
    assert_eq!(company.days_sent().last().map(String::as_str), Some("2026-03-30"));
}

#[test]
fn a_day_ends_at_midnight_of_the_administration() {
    // 23:30 in Amsterdam is 22:30 in London: a due date is over here when it is over here.
    let company = Sandbox::new();
    let due = Invoice { date: "2026-09-25".into(), due: "2026-10-27".into(), ..Invoice::jansen() };
    company.invoice(&due);
    company.pass_at("2026-10-27T23:59");
    assert_eq!(company.case("2026-0412")["state"], "open");
    let late = Sandbox::new();
    late.invoice(&due);
    late.pass_at("2026-10-28T00:00");
    assert_eq!(late.case("2026-0412")["hold"], "overdue_at_first_sight");
}
