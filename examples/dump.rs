fn main() {
    for p in std::env::args().skip(1) {
        let raw = std::fs::read(&p).unwrap();
        let m = aanmaand::mail::message::Message::parse(&raw).unwrap();
        println!("##### {p} | {} <{}> | {} | html {}", m.from_name, m.from, m.subject, m.html.is_some());
        println!("{}", m.text.trim_end());
    }
}
