//! The rules on signatures that fit, as if the computation had found nothing wrong.

use super::*;
use proptest::prelude::*;

const AT: &str = "2026-11-20T09:05:00Z";
const NEEDED: [&str; 2] = ["from", "to"];

fn at() -> DateTime<Utc> {
    AT.parse().unwrap()
}

fn header(change: (&str, &str)) -> String {
    "v=1; a=rsa-sha256; d=bank.example; s=s1; t=1763629200; h=From:To:Subject; bh=AAAA; b=QUJD"
        .replacen(change.0, change.1, 1)
}

fn message(headers: &[String]) -> Message {
    let signatures: String = headers.iter().map(|header| format!("DKIM-Signature: {header}\r\n")).collect();
    Message::parse(format!("{signatures}From: a@bank.example\r\n\r\nx").as_bytes()).unwrap()
}

/// A look that finds every signature good that is written as here.
fn look() -> Look {
    let key = Answer::Records(vec!["v=DKIM1; p=AAAA".to_owned()]);
    let computed = Computed {
        domain: "bank.example".to_owned(),
        selector: "s1".to_owned(),
        signed: ["from", "to", "subject"].map(str::to_owned).to_vec(),
        digest: Sha256::digest(b"ABC").iter().map(|byte| format!("{byte:02x}")).collect(),
        key_bits: 2048,
        fits: true,
        why: String::new(),
    };
    Look { at: at(), keys: BTreeMap::from([("s1._domainkey.bank.example".to_owned(), key)]), computed: vec![computed] }
}

fn listed() -> Vec<String> {
    vec!["bank.example".to_owned()]
}

fn judged(headers: &[String], look: &Look) -> Verdict {
    judge(&message(headers), "bank.example", &listed(), &NEEDED, Some(look))
}

#[test]
fn a_good_one_is_a_seal() {
    let Verdict::Sealed(seal) = judged(&[header(("", ""))], &look()) else { panic!("not sealed") };
    assert_eq!(
        (seal.domain.as_str(), seal.selector.as_str(), seal.key.as_str()),
        ("bank.example", "s1", "v=DKIM1; p=AAAA")
    );
    assert!(seal.covers("subject") && !seal.covers("message-id"));
    let far = header(("h=", "x=4102444800; h="));
    assert!(matches!(judged(&[far], &look()), Verdict::Sealed(_)));
}

#[test]
fn what_a_signature_says_of_itself() {
    for (change, word) in [
        (("rsa-sha256", "rsa-sha1"), "rsa-sha1"),
        (("rsa-sha256", "rsa-md5"), "rsa-md5"),
        (("h=", "l=9; h="), "l="),
        (("h=", "L=9; h="), "l="),
        ((":To:", ":"), "does not cover to"),
        (("h=", "x=1763629201; h="), "expired"),
        (("h=", "x=1763629199; h="), "expired"),
        (("h=", "x=-1; h="), "expired"),
        (("t=1763629200", "t=4102444800"), "later time"),
        (("t=1763629200", "t=4102444800; x=4102444799"), "expired"),
        (("t=1763629200", "t=soon"), "cannot be read"),
        (("v=1; ", ""), "cannot be read"),
        (("v=1", "v=10"), "cannot be read"),
        (("b=QUJD", "b="), "cannot be read"),
        (("b=QUJD", "b=QUJE"), "two ways"),
        (("From:To", "To:From"), "two ways"),
    ] {
        match judged(&[header(change)], &look()) {
            Verdict::Refused(why) => assert!(why.contains(word), "{change:?}: {why}"),
            other => panic!("{change:?}: {other:?}"),
        }
    }
}

#[test]
fn an_end_that_passed_while_it_lay_here() {
    let long = header(("h=", "x=4102444800; h="));
    let later = Look { at: "2100-01-02T00:00:00Z".parse().unwrap(), ..look() };
    assert!(matches!(judged(&[long], &later), Verdict::Refused(why) if why.contains("expired")));
}

#[test]
fn what_the_computation_found() {
    let found = |change: fn(&mut Computed), word: &str| {
        let mut look = look();
        change(&mut look.computed[0]);
        let verdict = judged(&[header(("", ""))], &look);
        assert!(matches!(&verdict, Verdict::Refused(why) if why.contains(word)), "{word}: {verdict:?}");
    };
    found(|one| one.fits = false, "does not fit");
    found(|one| one.key_bits = 1023, "1023 bits");
    found(|one| one.key_bits = 0, "0 bits");
    found(|one| one.domain = "crook.example".to_owned(), "two ways");
    found(|one| one.selector = "s2".to_owned(), "two ways");
    found(|one| one.signed = vec!["from".to_owned()], "two ways");
}

#[test]
fn who_speaks_for_whom() {
    let listed = ["bank.example".to_owned(), "mail.bank.example".to_owned()];
    assert!(speaks_for("bank.example", "bank.example", &listed));
    assert!(speaks_for("bank.example", "mail.bank.example", &listed), "for what lies below it");
    assert!(!speaks_for("mail.bank.example", "bank.example", &listed), "not for what lies above");
    assert!(!speaks_for("other.bank.example", "other.bank.example", &listed), "only who is listed");
    assert!(!speaks_for("ank.example", "bank.example", &["ank.example".to_owned()]), "only whole labels");
}

#[test]
fn what_is_missing_weighs_more_than_what_is_wrong() {
    let (good, bad) = (header(("", "")), header(("h=", "l=1; h=")));
    assert!(matches!(judged(&[bad.clone(), good.clone()], &look()), Verdict::Sealed(_)));
    assert!(matches!(judged(&[good.clone(), bad.clone()], &look()), Verdict::Sealed(_)));
    let trouble = Answer::Trouble("no answer".to_owned());
    let down = Look { keys: BTreeMap::from([("s1._domainkey.bank.example".to_owned(), trouble)]), ..look() };
    assert!(matches!(judged(&[bad.clone(), good.clone()], &down), Verdict::Waiting(_)));
    assert!(matches!(judged(&[good.clone(), bad.clone()], &down), Verdict::Waiting(_)));
    assert!(matches!(judged(std::slice::from_ref(&bad), &down), Verdict::Refused(_)));
    let gone = Look { keys: BTreeMap::from([("s1._domainkey.bank.example".to_owned(), Answer::Absent)]), ..look() };
    assert!(matches!(judged(std::slice::from_ref(&good), &gone), Verdict::Nothing(why) if why.contains("no key")));
    assert!(matches!(judged(&[bad.clone(), good.clone()], &gone), Verdict::Refused(_)));
    assert!(matches!(judged(&[good.clone(), bad.clone()], &gone), Verdict::Refused(_)));
    let unasked = Look { keys: BTreeMap::new(), ..look() };
    assert!(matches!(judged(std::slice::from_ref(&good), &unasked), Verdict::Nothing(_)));
    assert!(matches!(judge(&message(&[good]), "bank.example", &listed(), &NEEDED, None), Verdict::Nothing(_)));
    assert!(matches!(judged(&[], &look()), Verdict::Nothing(_)));
}

#[test]
fn who_keeps_us_busy_is_not_looked_at() {
    for count in [MOST_THERE, MOST_THERE + 1] {
        let many: Vec<String> = (0..count).map(|_| header(("", ""))).collect();
        assert_eq!(keys_to_ask(&message(&many), "bank.example", &listed()).is_empty(), count > MOST_THERE);
        assert_eq!(matches!(judged(&many, &look()), Verdict::Nothing(_)), count > MOST_THERE);
    }
    let long = header((":To:", &format!(":To:{}", "x-a:".repeat(LONGEST / 4))));
    assert!(keys_to_ask(&message(&[long]), "bank.example", &listed()).is_empty());
}

proptest! {
    #[test]
    fn total(value in "[ ;=:.,/a-z0-9@+*\\t-]{0,80}", record in "[ ;=:a-zA-Z0-9+/]{0,60}") {
        let mut look = look();
        look.keys.values_mut().for_each(|key| *key = Answer::Records(vec![record.clone()]));
        let broken = judged(&[value, header(("", ""))], &look);
        prop_assert!(matches!(broken, Verdict::Refused(_)) || record.contains('='));
    }
}

#[test]
fn few_keys_are_asked() {
    let many: Vec<String> = (0..MOST_THERE).map(|n| header(("s=s1", &format!("s=s{n}")))).collect();
    assert_eq!(keys_to_ask(&message(&many), "bank.example", &listed()).len(), MOST);
    let same: Vec<String> = (0..3).map(|_| header(("", ""))).collect();
    assert_eq!(keys_to_ask(&message(&same), "bank.example", &listed()), ["s1._domainkey.bank.example"]);
    let others = [header(("d=bank", "d=crook")), header(("s=s1", "s=../x")), header(("d=bank.example", "d=example"))];
    assert!(keys_to_ask(&message(&others), "bank.example", &listed()).is_empty());
}
