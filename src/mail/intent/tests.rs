use super::*;
use serde_json::Value;

struct Score {
    right: usize,
    of: usize,
    wrong: Vec<String>,
}

impl Score {
    fn new() -> Score {
        Score { right: 0, of: 0, wrong: Vec::new() }
    }

    fn count(&mut self, right: bool, what: impl FnOnce() -> String) {
        self.of += 1;
        if right { self.right += 1 } else { self.wrong.push(what()) }
    }
}

fn corpora() -> Option<std::path::PathBuf> {
    let base = std::env::var_os("AANMAAND_CORPORA")
        .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"), Into::into);
    let replies = base.join("replies");
    replies.join("labels.jsonl").exists().then_some(replies)
}

/// Date header, subject and attachment names, as far as this corpus needs them.
fn headers(raw: &[u8]) -> (NaiveDate, String, Vec<String>) {
    let text = String::from_utf8_lossy(raw);
    let unfolded = text.replace("\r\n ", " ").replace("\r\n\t", " ");
    let top = unfolded.split("\r\n\r\n").next().unwrap_or("");
    let header = |name: &str| {
        top.lines().find(|l| l.to_lowercase().starts_with(name)).map_or("", |l| l[name.len()..].trim()).to_owned()
    };
    let date = chrono::DateTime::parse_from_rfc2822(&header("date:")).unwrap().date_naive();
    let names = unfolded
        .lines()
        .filter(|line| line.to_lowercase().starts_with("content-disposition: attachment"))
        .filter_map(|line| {
            line.split_once("filename")?.1.split_once('=').map(|(_, name)| name.trim_matches('"').to_owned())
        })
        .collect();
    (date, header("subject:"), names)
}

fn label(name: &str) -> Label {
    serde_json::from_value(Value::String(name.to_owned())).unwrap()
}

#[test]
fn corpus_scores() {
    let Some(folder) = corpora() else {
        eprintln!("SKIPPED: no replies corpus beside the repository");
        return;
    };
    let verbose = std::env::var_os("AANMAAND_SCORES").is_some_and(|v| v == "all");
    let phrases = Phrases::built_in();
    let labels = std::fs::read_to_string(folder.join("labels.jsonl")).unwrap();
    let known = KnownNumbers::new((1..=400).flat_map(|n| [format!("F2026-{n:03}"), format!("F2025-{n:03}")]));
    for (part, range) in [("001-100", 1..=100), ("101-160", 101..=160)] {
        let names = ["label", "promise_date", "amount", "invoice_numbers", "invoice_numbers(known)", "lang", "also"];
        let mut scores: Vec<Score> = names.iter().map(|_| Score::new()).collect();
        let mut table: std::collections::BTreeMap<(String, String), usize> = std::collections::BTreeMap::new();
        for line in labels.lines() {
            let want: Value = serde_json::from_str(line).unwrap();
            let file = want["file"].as_str().unwrap();
            if !range.contains(&file[..3].parse::<u32>().unwrap()) {
                continue;
            }
            let wanted = want["label"].as_str().unwrap();
            let (date, subject, attachments) = headers(&std::fs::read(folder.join(file)).unwrap());
            let own = want["new_text"].as_str().unwrap();
            let numbers = |known: &KnownNumbers| {
                let own = invoice_numbers(own, known);
                if own.is_empty() { invoice_numbers(&subject, known) } else { own }
            };
            let list = |v: &Value| -> Vec<String> { serde_json::from_value(v.clone()).unwrap() };
            let mut want_numbers = list(&want["invoice_numbers"]);
            want_numbers.sort();
            let sorted = |mut numbers: Vec<String>| {
                numbers.sort();
                numbers
            };
            let machine = ["auto_reply", "bounce"].contains(&wanted);
            if machine {
                continue;
            }
            let got =
                understand(Words { own_words: own, subject: &subject, date, attachment_names: &attachments }, &phrases);
            let got_label = serde_json::to_value(got.label).unwrap().as_str().unwrap().to_owned();
            *table.entry((wanted.to_owned(), got_label.clone())).or_default() += 1;
            scores[0].count(label(wanted) == got.label, || {
                format!("{file} {wanted} -> {got_label} {:?} {}", got.evidence, want["note"])
            });
            let date = got.promise_date.map(|d| d.to_string());
            scores[1].count(want["promise_date"].as_str() == date.as_deref(), || {
                format!("{file} {} -> {date:?}", want["promise_date"])
            });
            scores[2].count(want["amount"].as_str() == got.amount.as_deref(), || {
                format!("{file} {} -> {:?}", want["amount"], got.amount)
            });
            let found = sorted(numbers(KnownNumbers::none()));
            scores[3].count(found == want_numbers, || format!("{file} {want_numbers:?} -> {found:?}"));
            let found = sorted(numbers(&known));
            scores[4].count(found == want_numbers, || format!("{file} {want_numbers:?} -> {found:?}"));
            scores[5].count(want["lang"] == got.lang, || format!("{file} {} -> {}", want["lang"], got.lang));
            let also = sorted(list(&want["also"]));
            let got_also = sorted(
                got.also.iter().map(|l| serde_json::to_value(l).unwrap().as_str().unwrap().to_owned()).collect(),
            );
            scores[6].count(also == got_also, || format!("{file} {also:?} -> {got_also:?}"));
            assert!(
                got.evidence
                    .iter()
                    .all(|e| own.contains(&e.text) || subject.contains(&e.text) || attachments.contains(&e.text)),
                "{file}: evidence is literal"
            );
        }
        let missed = table
            .iter()
            .filter(|((want, got), _)| want == "dispute" && got != "dispute")
            .map(|(_, n)| n)
            .sum::<usize>();
        assert!(missed <= 1, "{part}: {missed} disputes missed");
        assert!(scores[0].right * 10 >= scores[0].of * 9, "{part}: {} of {} labels", scores[0].right, scores[0].of);
        assert!(scores[1].right * 10 >= scores[1].of * 9, "{part}: {:?}", scores[1].wrong);
        for (name, score) in names.iter().zip(&scores) {
            println!("{part} {name}: {}/{}", score.right, score.of);
            if verbose || part == "001-100" {
                score.wrong.iter().for_each(|wrong| println!("    {wrong}"));
            }
        }
        for ((want, got), n) in &table {
            println!("{part} {want:>14} -> {got:<14} {n}");
        }
    }
}

/// Sentences as customers write them; none is taken from a corpus.
const SENTENCES: &[(Label, &str)] = {
    use Label::*;
    &[
        // disputes that never say so
        (Dispute, "Dit hebben wij nooit besteld."),
        (Dispute, "Het dak lekt nog steeds."),
        (Dispute, "Er klopt iets niet aan deze rekening."),
        (Dispute, "Wij wachten nog op de creditnota."),
        (Dispute, "Dit is een dubbele factuur."),
        (Dispute, "Op de factuur staat een verkeerd bedrag."),
        (Dispute, "Het werk is nog niet af."),
        (Dispute, "Wat een slecht werk hebben jullie geleverd zeg."),
        (Dispute, "De tweede pallet hebben wij nooit ontvangen."),
        (Dispute, "We hebben de goederen niet ontvangen."),
        (Dispute, "Er is niets geleverd."),
        (Dispute, "Zodra jullie leveren betaal ik."),
        (Dispute, "Pas als de monteur is geweest maken wij het over."),
        (Dispute, "Wij verrekenen dit met onze openstaande vordering op u."),
        (Dispute, "Ik heb dit in handen gegeven van mijn advocaat."),
        (Dispute, "De helft van de dozen was kapot bij aankomst."),
        (Dispute, "Jullie zouden nog langskomen voor de nalevering, tot die tijd betaal ik niet."),
        (Dispute, "De offerte was 400 euro, waarom staat hier nu 650?"),
        (Dispute, "Volgens mij is dit al eerder gefactureerd."),
        (Dispute, "Ik ga dit niet betalen."),
        (Dispute, "Wij gaan hier niet mee akkoord."),
        (Dispute, "Ge moet eerst komen herstellen wat ge kapot gemaakt hebt."),
        (Dispute, "Gelieve een creditnota op te maken."),
        (Dispute, "Het abonnement is vorig jaar al opgezegd."),
        (Dispute, "De spullen zijn allang retour gestuurd."),
        (Dispute, "Er was een korting van 10% toegezegd en die zie ik niet terug."),
        (Dispute, "Jullie hebben te veel uren gerekend."),
        (Dispute, "De printer doet het niet."),
        (Dispute, "Wij hebben hier herhaaldelijk over gemaild en nooit antwoord gekregen."),
        (Dispute, "Waar blijft de rest van de bestelling?"),
        (Dispute, "De verwarming is nog steeds niet gerepareerd."),
        (Dispute, "Wij betwisten niet dat er geleverd is, maar de prijs klopt niet."),
        (Dispute, "De factuur is bij ons afgekeurd."),
        (Dispute, "Wij houden de betaling aan tot de oplevering."),
        (Dispute, "Er is nooit een handtekening gezet, ik ken uw bedrijf niet eens en heb niets afgenomen."),
        (Dispute, "De schilder is nooit komen opdagen."),
        (Dispute, "Wij hebben de overeenkomst ontbonden."),
        (Dispute, "Ik vind het niet terecht dat u hier kosten voor rekent."),
        (Dispute, "We never ordered this."),
        (Dispute, "The roof is still leaking."),
        (Dispute, "As soon as you deliver the missing parts we will pay."),
        (Dispute, "We will pay after you credit the wrong items."),
        (Dispute, "This amount is not what we agreed."),
        (Dispute, "You have charged us twice for the same visit."),
        (Dispute, "The work was never finished."),
        (Dispute, "I am not paying for this."),
        (Dispute, "Our lawyers will be in touch."),
        (Dispute, "We returned the goods in September."),
        (Dispute, "Half of the order is missing."),
        (Dispute, "Die Ware ist nie angekommen."),
        (Dispute, "Wir haben das nie bestellt."),
        (Dispute, "Die Rechnung stimmt nicht."),
        (Dispute, "Wir warten noch auf die Gutschrift."),
        (Dispute, "Die Heizung funktioniert immer noch nicht."),
        (Dispute, "Sobald Sie nachgebessert haben, zahlen wir."),
        (Dispute, "Sie haben uns zu viel berechnet."),
        (Dispute, "Nous n'avons jamais commandé cela."),
        (Dispute, "Le toit fuit toujours."),
        (Dispute, "Le montant est faux."),
        (Dispute, "Nous attendons toujours votre note de crédit."),
        (Dispute, "Les travaux ne sont pas terminés."),
        (Dispute, "Dès que vous aurez livré le reste, nous paierons."),
        // not disputes
        (Promise, "Ik betwist dit niet, ik maak het vrijdag over."),
        (Promise, "Klopt, nog niet betaald, ik doe het vanavond."),
        (Paid, "We are not disputing this, it was paid on Monday."),
        (Question, "Wij hebben de factuur niet ontvangen, kunt u hem nogmaals sturen?"),
        (Question, "Ik kan de factuur niet vinden, wilt u een kopie mailen?"),
        (Question, "We never received the invoice, please send a copy."),
        (Question, "Wir haben die Rechnung nie erhalten, bitte schicken Sie eine Kopie."),
        (Question, "Nous n'avons jamais reçu cette facture, merci de nous envoyer une copie."),
        // insolvency
        (Insolvency, "Wij zijn vorige week failliet verklaard."),
        (Insolvency, "Ik zit in de schuldsanering."),
        (Insolvency, "Ik zit in de WSNP."),
        (Insolvency, "Aan ons is surseance van betaling verleend."),
        (Insolvency, "De rechtbank heeft een moratorium afgekondigd."),
        (Insolvency, "Ik krijg schuldhulpverlening van de gemeente."),
        (Insolvency, "Mijn moeder staat onder curatele."),
        (Insolvency, "Mijn man is in september overleden."),
        (Insolvency, "Ik sta onder bewind, neem contact op met mijn bewindvoerder."),
        (Insolvency, "Onze vennootschap is in vereffening gesteld."),
        (Insolvency, "The company has gone into liquidation."),
        (Insolvency, "I have been appointed as administrator of the company."),
        (Insolvency, "Über das Vermögen der Firma wurde das Insolvenzverfahren eröffnet."),
        (Insolvency, "Notre société est en redressement judiciaire."),
        (Insolvency, "Je suis en règlement collectif de dettes."),
        // somebody else's
        (Promise, "Door het faillissement van een grote klant loopt het hier stroef, maar ik betaal u vrijdag."),
        (Plan, "Onze opdrachtgever is failliet gegaan, mogen wij in drie termijnen betalen?"),
        (Plan, "Because of the bankruptcy of our biggest customer we need a payment plan."),
        // plans
        (Plan, "Kan ik in termijnen betalen?"),
        (Plan, "Zou ik een maand uitstel kunnen krijgen?"),
        (Plan, "Mag ik elke maand 100 euro overmaken?"),
        (Plan, "Ik kan het nu niet betalen, kunnen we iets afspreken over spreiding?"),
        (Plan, "Is een afbetalingsplan mogelijk?"),
        (Plan, "Could we pay in two instalments?"),
        (Plan, "We need an extension until January."),
        (Plan, "Can I pay 50 a month until it is cleared?"),
        (Plan, "Können wir in drei Raten zahlen?"),
        (Plan, "Wir bitten um Stundung bis Ende Januar."),
        (Plan, "Serait-il possible de payer en trois fois ?"),
        (Plan, "Pourriez-vous nous accorder un délai jusqu'au 15 décembre ?"),
        // promises
        (Promise, "Ik maak het morgen over."),
        (Promise, "Betaal ik vrijdag."),
        (Promise, "De betaling volgt zo snel mogelijk."),
        (Promise, "Komt in orde."),
        (Promise, "Bedankt, komt in orde!"),
        (Promise, "Wordt deze week nog betaald."),
        (Promise, "Sorry, helemaal vergeten, ik schrijf het meteen over."),
        (Promise, "Hij staat klaar voor de betaalrun van donderdag."),
        (Promise, "We betalen eind van de maand."),
        (Promise, "U krijgt uw geld voor het einde van de week."),
        (Promise, "Ik doe het vanavond via de bank."),
        (Promise, "Wij zullen het bedrag uiterlijk 15 december voldoen."),
        (Promise, "'t Wordt volgende week gestort."),
        (Promise, "Zodra mijn klant betaalt, betaal ik u."),
        (Promise, "I'll pay on Friday."),
        (Promise, "Payment will be made next week."),
        (Promise, "It is scheduled for our next payment run."),
        (Promise, "Sorry, it slipped my mind, will transfer it tomorrow."),
        (Promise, "Wir überweisen den Betrag morgen."),
        (Promise, "Die Zahlung erfolgt in den nächsten Tagen."),
        (Promise, "Ich zahle am Freitag."),
        (Promise, "Le virement sera effectué lundi."),
        (Promise, "Je paie demain."),
        (Promise, "Nous réglerons cette facture la semaine prochaine."),
        (Promise, "Van harte sorry, ik ga het zo meteen betalen."),
        (Promise, "De helft heb ik gisteren betaald, de rest volgt op 1 december."),
        // paid
        (Paid, "Is al betaald."),
        (Paid, "Vorige week overgemaakt."),
        (Paid, "Zie bijlage voor het betaalbewijs."),
        (Paid, "Deze is gisteren voldaan via iDEAL."),
        (Paid, "Ik heb dit op 3 november overgeschreven."),
        (Paid, "Reeds betaald."),
        (Paid, "Onze betaling en uw herinnering hebben elkaar gekruist."),
        (Paid, "Het geld is vrijdag van onze rekening afgeschreven."),
        (Paid, "Volgens mij is deze allang betaald, kunt u het nakijken?"),
        (Paid, "Net gedaan, betaald."),
        (Paid, "Paid yesterday."),
        (Paid, "This invoice has already been settled."),
        (Paid, "Please find attached the remittance advice."),
        (Paid, "Payment was sent on the 12th."),
        (Paid, "Bereits überwiesen."),
        (Paid, "Die Rechnung wurde am 3. November bezahlt."),
        (Paid, "C'est payé depuis lundi."),
        (Paid, "Le virement a été exécuté hier."),
        // questions
        (Question, "Welke factuur bedoelt u?"),
        (Question, "Wat is jullie rekeningnummer?"),
        (Question, "Het inkoopnummer ontbreekt op de factuur."),
        (Question, "Graag een specificatie van de uren."),
        (Question, "Which invoice is this about?"),
        (Question, "Please provide a PO number."),
        (Question, "Um welche Rechnung handelt es sich?"),
        (Question, "De quelle facture s'agit-il ?"),
        // nothing recognised holds as a question
        (Question, "Blauw fietst langzaam."),
        // wrong contact
        (WrongContact, "U heeft de verkeerde persoon."),
        (WrongContact, "Ik werk hier niet meer."),
        (WrongContact, "Facturen moeten voortaan naar onze administratie."),
        (WrongContact, "You have the wrong email address."),
        (WrongContact, "Sie haben die falsche Adresse."),
        (WrongContact, "Je ne travaille plus pour cette société."),
        // acknowledgements
        (Acknowledge, "Ok"),
        (Acknowledge, "👍"),
        (Acknowledge, "Bedankt voor de herinnering."),
        (Acknowledge, "Ik heb het doorgestuurd naar onze boekhouding."),
        (Acknowledge, "Noted, thank you."),
        (Acknowledge, "Danke für die Erinnerung."),
        (Acknowledge, "Bien reçu, merci."),
        (Acknowledge, "Ik kijk het even na."),
        (WrongContact, "Wij zijn niet meer de boekhouder van deze onderneming."),
        // a schedule is a plan
        (Plan, "Ons voorstel:\n- 1 december: € 500\n- 4 januari: € 500"),
        (Plan, "I propose to pay £50 every Friday."),
        // part paid, the rest promised
        (Promise, "Half was paid on Monday, the rest will follow next week."),
        (Promise, "Die Hälfte ist überwiesen, der Rest folgt am 1. Dezember."),
        // a second look at the same labels
        (Dispute, "Volgens onze administratie hebben wij die dag helemaal geen schoonmaker gezien."),
        (Dispute, "Het is nu al de derde keer dat de ketel uitvalt, wij betalen pas als hij werkt."),
        (Dispute, "Deze uren zijn niet gemaakt."),
        (Dispute, "Waarom brengen jullie voorrijkosten in rekening?"),
        (Dispute, "Wij hebben slechts 20 stuks ontvangen en niet 30."),
        (Dispute, "De kleur van de gordijnen is anders dan besteld."),
        (Dispute, "Deze bestelling is door ons geannuleerd."),
        (Dispute, "De website is nog steeds niet online."),
        (Dispute, "Onze jurist zal u hierover berichten."),
        (Dispute, "Gij rekent mij iets aan dat nooit gedaan is."),
        (Dispute, "Dat bedrag klopt van geen kanten."),
        (Dispute, "Het product is stuk gegaan na een week."),
        (Dispute, "Ik wil eerst weten waarom dit zo duur is voordat ik iets overmaak."),
        (Dispute, "This is the second time you bill us for the same job."),
        (Dispute, "The machine broke down after two days."),
        (Dispute, "We were quoted 500, not 800."),
        (Dispute, "Nobody ever came to do the repair."),
        (Dispute, "Der Techniker ist nicht erschienen."),
        (Dispute, "Das Gerät ist nach einer Woche kaputtgegangen."),
        (Dispute, "Nous avons résilié ce contrat en juin."),
        (Dispute, "Il manque encore trois cartons."),
        (Dispute, "Le matériel est tombé en panne."),
        (Paid, "Overgemaakt op de 12e, zie uw rekening."),
        (Paid, "Is vanochtend de deur uit gegaan, betaling dus gedaan."),
        (Paid, "We hebben dit maandag al betaald hoor."),
        (Promise, "Nog niet betaald inderdaad, ik regel het vandaag."),
        (Promise, "Ge krijgt uw centen vrijdag."),
        (Promise, "Mijn excuses, ik heb het over het hoofd gezien, betaling volgt per omgaande."),
        (Promise, "Money will be with you by Tuesday."),
        (Promise, "Ich habe es vergessen, überweise heute noch."),
        (Promise, "Toutes mes excuses, je fais le virement ce soir."),
        (Plan, "Mogen we iets later betalen, half december bijvoorbeeld?"),
        (Plan, "Wij zitten even krap, kan het volgende maand?"),
        // plain answers that only look quarrelsome
        (Paid, "Wij hebben de factuur op 5 november betaald, graag uw administratie aanpassen."),
        (Paid, "Hierbij de bevestiging dat het bedrag maandag is overgeboekt."),
        (Paid, "Betaling is vorige week al verricht, kijk het even na aub."),
        (Paid, "De betaling is gisteren uitgevoerd, u zou deze vandaag moeten ontvangen."),
        (Paid, "Sorry voor de late betaling, het is nu overgemaakt."),
        (Paid, "Money was transferred this morning, sorry for the delay."),
        (Paid, "Wurde gestern per Überweisung erledigt."),
        (Paid, "Nous avons réglé cette facture par virement le 3 novembre."),
        (Promise, "Excuses voor het ongemak, we maken het bedrag komende vrijdag over."),
        (Promise, "Ik was op vakantie, ik betaal het morgen meteen."),
        (Promise, "De factuur is akkoord en wordt volgende week betaald."),
        (Promise, "Wij betalen altijd op de laatste dag van de maand, dus ook deze."),
        (Promise, "Had ik niet gezien, ga het direct overmaken."),
        (Promise, "The invoice has been approved and will be paid on 30 November."),
        (Promise, "Die Rechnung ist freigegeben und wird am Freitag bezahlt."),
        (Promise, "La facture est validée, le paiement partira vendredi."),
        (Question, "Kunt u mij de factuur nogmaals toesturen? Ik heb hem niet ontvangen."),
        (Question, "Op welke bestelling heeft deze factuur betrekking?"),
        (Question, "Kan ik ook met iDEAL betalen?"),
        (Question, "Could you send me the bank details again?"),
        (Question, "Können Sie mir die Rechnung bitte noch einmal schicken?"),
        (Question, "Pouvez-vous me renvoyer la facture en PDF ?"),
        (Acknowledge, "Dank voor uw bericht, ik kom er morgen op terug."),
        (Acknowledge, "Wij hebben uw mail in goede orde ontvangen."),
        (Acknowledge, "Thanks, I have forwarded this to our accounts department."),
        (WrongContact, "Ik ben hier niet verantwoordelijk voor, u moet bij mijn broer zijn."),
        (WrongContact, "Deze mail is niet voor mij bestemd."),
        (Plan, "Door omstandigheden lukt het mij niet om alles in een keer te betalen, kan het in delen?"),
        (Plan, "Kunt u mij nog twee weken uitstel geven?"),
        // a last look
        (Dispute, "De offerte vermeldt een ander bedrag dan uw factuur."),
        (Dispute, "Ik heb hier nooit toestemming voor gegeven."),
        (Dispute, "Het tuinhek hangt scheef en de poort sluit niet."),
        (Dispute, "Wij hebben dit al gemeld bij uw klantenservice maar horen niets."),
        (Dispute, "De borden kwamen beschadigd aan."),
        (Dispute, "Pas wanneer alles naar wens is opgeleverd gaan wij over tot betaling."),
        (Dispute, "You still owe us a credit for the June delivery."),
        (Dispute, "The figures on this invoice do not look right to us."),
        (Dispute, "Die Arbeiten wurden nicht fertiggestellt."),
        (Dispute, "La livraison était incomplète."),
        (Paid, "Dat heb ik vorige week donderdag al gedaan, check je bank even."),
        (Paid, "Wij hebben vandaag het openstaande bedrag aan u overgemaakt."),
        (Paid, "Die Überweisung ging gestern raus."),
        (Promise, "Ik zal er vandaag nog voor zorgen."),
        (Promise, "Zet hem maar op vrijdag, dan heb ik weer saldo."),
        (Promise, "Our finance team will release the payment this week."),
        (Plan, "Ik kan maximaal 75 euro per maand missen."),
        (Plan, "Is het goed als ik het eind januari betaal?"),
        (Question, "Kunt u aangeven om welke periode het gaat?"),
        (WrongContact, "Wij zijn dit bedrijf niet, u heeft het verkeerde mailadres."),
        (Insolvency, "De zaak is door de rechtbank failliet verklaard, meester Jansen is curator."),
        // something else
        (Unrelated, "Even iets anders: verkopen jullie ook tuinmeubelen?"),
        (Unrelated, "Ik wil graag een offerte voor een nieuwe keuken."),
        (Unrelated, "Do you also sell spare parts?"),
    ]
};

fn read_one(text: &str, phrases: &Phrases) -> Intent {
    let date = "2026-11-18".parse().unwrap();
    understand(Words { own_words: text, subject: "Re: Herinnering", date, attachment_names: &[] }, phrases)
}

#[test]
fn sentences_as_customers_write_them() {
    let phrases = Phrases::built_in();
    let wrong: Vec<String> = SENTENCES
        .iter()
        .map(|(label, text)| (label, text, read_one(text, &phrases)))
        .filter(|(label, _, got)| **label != got.label)
        .map(|(label, text, got)| format!("{text}: {label:?}, read as {:?} and {:?}", got.label, got.also))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), SENTENCES.len(), wrong.join("\n"));
}

#[test]
fn who_acts_for_a_debtor() {
    let phrases = Phrases::built_in();
    let rows = [
        ("Namens onze cliënt delen wij u mede dat de post uiterlijk 5 december wordt voldaan.", Label::Promise),
        ("Deze nota is namens cliënte voldaan op 10 november.", Label::Paid),
        ("Im Namen unserer Mandantin wurde die Rechnung am 10. November bezahlt.", Label::Paid),
        ("Namens cliënt bericht ik u dat hij deze nota heeft voldaan.", Label::Dispute),
        ("Ik treed op namens mijn cliënt en bericht u nader.", Label::Dispute),
    ];
    let mut wrong = Vec::new();
    for (text, wanted) in rows {
        let got = read_one(text, &phrases);
        let contested = wanted != Label::Dispute && got.also.contains(&Label::Dispute);
        if got.label != wanted || contested {
            wrong.push(format!("{text}: {:?} {:?}", got.label, got.also));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_day_that_is_meant() {
    let phrases = Phrases::built_in();
    for (text, day) in [
        ("Eerlijk gezegd lukt het ons niet voor kerst. Mogen we naar 15 januari?", Some("2027-01-15")),
        ("Wird am Montag in einer Woche überwiesen, vorher bin ich im Ausland.", Some("2026-11-30")),
        ("Wij voldoen het openstaande bedrag op maandag 30 november as.", Some("2026-11-30")),
        ("Mijn klant betaalt mij op de 20e, u hebt het dan uiterlijk de 23e.", Some("2026-11-23")),
        ("I'm out on site all week but I've seen this, speak Monday.", None),
        ("We pay on Thursdays and this one was late. It goes out on 27 November.", Some("2026-11-27")),
        ("Wij betalen wekelijks op woensdag, u staat op de lijst voor 2 december.", Some("2026-12-02")),
        ("De factuur is geaccordeerd en wordt betaald op 04-12-2026.", Some("2026-12-04")),
        ("Payment will be released mid-December.", Some("2026-12-15")),
        ("Wij zijn tot 11 december op reis, de maandag daarna wordt het overgemaakt.", Some("2026-12-14")),
        ("Maandag ben ik afwezig, dinsdag betaal ik.", Some("2026-11-24")),
        ("Vanaf vandaag zijn wij gesloten, op 4 januari betalen wij.", Some("2027-01-04")),
        ("Nous réglons à 45 jours fin de mois, soit le 31 décembre.", Some("2026-12-31")),
        (
            "Heb u 400 euro overgemaakt. De overige € 600 volgt op 1 december, als mijn uitkering binnen is.",
            Some("2026-12-01"),
        ),
    ] {
        let got = read_one(text, &phrases);
        assert_eq!(got.promise_date.map(|found| found.to_string()).as_deref(), day, "{text} {got:?}");
    }
}

/// What is said in the plainest words is never outweighed by what a text is like.
#[test]
fn plain_words_are_what_they_say() {
    let phrases = Phrases::built_in();
    let date = "2026-11-18".parse().unwrap();
    for (text, label) in [
        ("Wij zijn het hier niet mee eens.", Label::Dispute),
        ("Hier ben ik het niet mee eens.", Label::Dispute),
        ("Ik ben het er helemaal mee eens, ik betaal morgen.", Label::Promise),
        ("Niet akkoord.", Label::Dispute),
        ("We do not agree.", Label::Dispute),
        ("Wir sind damit nicht einverstanden.", Label::Dispute),
        ("Nous ne sommes pas d'accord.", Label::Dispute),
        ("Betaald.", Label::Paid),
        ("Wij zijn failliet.", Label::Insolvency),
    ] {
        let intent = understand(Words { own_words: text, subject: "", date, attachment_names: &[] }, &phrases);
        assert_eq!(intent.label, label, "{text}");
    }
}

#[test]
fn attachments_and_doubt() {
    let phrases = Phrases::built_in();
    let date = "2026-11-18".parse().unwrap();
    let read = |own_words: &str, name: &str| {
        let names = [name.to_owned()];
        understand(Words { own_words, subject: "", date, attachment_names: &names }, &phrases)
    };
    let proof = read("", "Betaalbewijs_118.pdf");
    assert_eq!((proof.label, proof.evidence[0].text.as_str()), (Label::Paid, "Betaalbewijs_118.pdf"));
    assert_eq!(read("Zie bijlage.", "Proof of payment.pdf").label, Label::Paid);
    assert_eq!(read("Dit klopt niet.", "betaalbewijs.pdf").label, Label::Dispute);
    assert_eq!(read("", "Betalingsherinnering.pdf").label, Label::Question);
    let by_subject = |subject: &str| {
        understand(Words { own_words: "Zie bijlage.", subject, date, attachment_names: &[] }, &phrases).label
    };
    assert_eq!(by_subject("Bezwaar tegen uw factuur"), Label::Dispute);
    assert_eq!(by_subject("Re: Laatste aanmaning, ingebrekestelling"), Label::Question);
    let doubt = read("", "logo.png");
    assert_eq!((doubt.label, doubt.sure, doubt.evidence.len()), (Label::Question, false, 0));
}

#[test]
fn days_and_amounts_of_a_mail() {
    let phrases = Phrases::built_in();
    for (text, day, amount) in [
        ("Ik maak vrijdag € 250,00 over.", Some("2026-11-20"), Some("250.00")),
        ("Ik betaal op 1 december 2026 € 300,00.", Some("2026-12-01"), Some("300.00")),
        ("Ik betaal op 1 december €300.", Some("2026-12-01"), Some("300.00")),
        ("Zodra mijn klant betaalt, maak ik het over.", None, None),
        ("Op 2 november heb ik € 100 betaald, de rest volgt op 1 december.", Some("2026-12-01"), None),
        ("Ik betaal in maart.", None, None),
        ("Mag het in twee delen, de helft op 1 december en de helft in januari?", Some("2026-12-01"), None),
        ("Graag hoor ik uiterlijk vrijdag van u. De betaling volgt op 4 december.", Some("2026-12-04"), None),
        (
            "Mag het in 3 keer? € 900 is te veel ineens, dus € 300 per maand vanaf 1 december.",
            Some("2026-12-01"),
            Some("300.00"),
        ),
        ("Dit klopt niet, u rekent € 50,00 te veel.", None, Some("50.00")),
        ("Betaald op 3 november, 1.210,50 euro.", None, Some("1210.50")),
    ] {
        let got = read_one(text, &phrases);
        assert_eq!(got.promise_date.map(|d| d.to_string()).as_deref(), day, "{text} {got:?}");
        if amount.is_some() {
            assert_eq!(got.amount.as_deref(), amount, "{text} {got:?}");
        }
    }
    let paid = read_one("Gisteren overgemaakt.", &phrases);
    assert_eq!(paid.paid_on.map(|d| d.to_string()).as_deref(), Some("2026-11-17"));
}

#[test]
fn long_texts_are_read_in_time() {
    let phrases = Phrases::built_in();
    for piece in [
        "ik betaal niet, ",
        "1/2,",
        "niet ",
        "€1.",
        "a",
        "\n",
        ". ",
        "👍",
        "F2026-1,",
        "vrijdag",
        "zodra jullie nog niet",
    ] {
        let text = piece.repeat(50_000 / piece.len());
        let start = std::time::Instant::now();
        let _ = read_one(&text, &phrases);
        let _ = invoice_numbers(&text, KnownNumbers::none());
        let _ = invoice_numbers(&text, &KnownNumbers::new(["F2026-118".to_owned()]));
        let took = start.elapsed();
        println!("{piece:?}: {took:?}");
        assert!(took.as_secs() < 20, "{piece:?} took {took:?}");
    }
}

mod never_panics {
    use proptest::prelude::*;

    use super::*;

    static PHRASES: std::sync::LazyLock<Phrases> = std::sync::LazyLock::new(Phrases::built_in);

    proptest! {
        #[test]
        fn on_any_text(text in "(?s).{0,200}", day in -90_000_000i32..90_000_000) {
            let date = NaiveDate::from_num_days_from_ce_opt(day).unwrap_or_default();
            let names = [text.clone()];
            let got = understand(Words { own_words: &text, subject: &text, date, attachment_names: &names }, &PHRASES);
            prop_assert!(got.evidence.iter().all(|e| text.contains(&e.text)));
            invoice_numbers(&text, KnownNumbers::none());
            invoice_numbers(&text, &KnownNumbers::new(names));
        }

        #[test]
        fn on_words_it_knows(words in prop::collection::vec(prop::sample::select(vec![
            "betaald", "niet", "vrijdag", "31", "€", "1.210,50", "op", "februari", "2026-118", "volgende week", "over", "999", "maanden",
            "week", "53", ".", "?", "\n", "É", "de", "29e", "binnen", "00", "-", "/", "F", "factuur", "zodra", "jullie",
        ]), 0..40), glue in prop::sample::select(vec!["", " ", "-"])) {
            let text = words.join(glue);
            let date = "2024-02-29".parse().unwrap();
            let _ = understand(Words { own_words: &text, subject: "", date, attachment_names: &[] }, &PHRASES);
            invoice_numbers(&text, KnownNumbers::none());
            invoice_numbers(&text, &KnownNumbers::new(["F2026-118".to_owned(), text.clone()]));
        }
    }
}
