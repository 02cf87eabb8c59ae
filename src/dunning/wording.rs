//! Reasons in the owner's language, for the digest. The command line prints their English `Display`.

use super::account::ClosedAs;
use super::debtor::Language;
use super::gate::GateClosed;
use super::hold::HoldReason;
use super::ladder_choice::LadderRefused;
use super::law::terms::LongTerm;
use super::legal::RatesEnd;
use super::world::Stop;
use chrono::NaiveDate;

impl GateClosed {
    pub fn wording(&self, language: Language) -> String {
        if language == Language::Nl { self.dutch() } else { self.to_string() }
    }

    fn dutch(&self) -> String {
        let nl = Language::Nl;
        match self {
            GateClosed::Observing => "werkwijze observe: er gaat niets uit".to_owned(),
            GateClosed::NeverDun => "deze klant wordt nooit aangemaand (never_dun)".to_owned(),
            GateClosed::NoAddress => "er is geen mailadres bekend".to_owned(),
            GateClosed::DeadAddress { address } => format!("brieven aan {address} kwamen terug"),
            GateClosed::CaseClosed { case } => format!("zaak {case} is gesloten"),
            GateClosed::NotPaid { case } => format!("zaak {case} is niet zeker betaald: geen bedankje"),
            GateClosed::FormalSteps { case } => {
                format!("over zaak {case} ging een formele brief uit: zolang geen bedankje")
            }
            GateClosed::Held { case, reason, until: None } => {
                format!("zaak {case} is aangehouden: {}", reason.wording(nl))
            }
            GateClosed::Held { case, reason, until: Some(until) } => {
                format!("zaak {case} is aangehouden tot en met {until}: {}", reason.wording(nl))
            }
            GateClosed::AlreadyCovered { case, step } => format!("stap {step} van zaak {case} is al gedaan"),
            GateClosed::Superseded => {
                "een bedrag, het adres of de dag is veranderd sinds de brief werd gemaakt".to_owned()
            }
            GateClosed::CoveredByCredit => "het tegoed van de klant dekt de schuld".to_owned(),
            GateClosed::BelowMinimum { minimum } => {
                format!("er wordt minder gevraagd dan het minimum van {minimum}")
            }
            GateClosed::NotInDefault { case } => format!("de klant is met zaak {case} niet in verzuim"),
            GateClosed::CostsTooEarly { case } => {
                format!(
                    "voor zaak {case} zijn nog geen kosten verschuldigd: de termijn van de brief die ze aankondigt loopt nog, of die brief is er niet"
                )
            }
            GateClosed::LetterUnderway { letter } => format!("brief {letter} is onderweg, of zijn lot is onbekend"),
            GateClosed::MinGap { until } => format!("te kort na de vorige brief: niet voor {until}"),
            GateClosed::OwnerWrote { on, until } => {
                format!("u schreef deze klant zelf op {on}: niet voor {until}")
            }
            GateClosed::OneADay { sent_on } => {
                format!("op {sent_on} ging al een brief naar deze klant: nooit twee op een dag")
            }
            GateClosed::DeadlineRunning { until } => format!("de vorige brief gaf de tijd tot en met {until}"),
            GateClosed::OutsideWindow => "buiten de dagen en uren waarop brieven uitgaan".to_owned(),
            GateClosed::MailboxNotRead { since: None } => "de postbus is nog niet helemaal gelezen".to_owned(),
            GateClosed::MailboxNotRead { since: Some(since) } => {
                format!("de postbus is voor het laatst helemaal gelezen op {}", since.format("%Y-%m-%d om %H:%M"))
            }
            GateClosed::MailWaiting { count } => {
                format!("{count} bericht(en) of bestand(en) moeten nog worden begrepen")
            }
            GateClosed::Quarantined { what } => format!("er is iets van deze klant niet verwerkt: {what}"),
            GateClosed::StaleBankData { since: None } => "er zijn geen bankgegevens".to_owned(),
            GateClosed::StaleBankData { since: Some(since) } => format!("de bankgegevens gaan tot en met {since}"),
            GateClosed::NotAnnounced => "nog niet vermeld in het overzicht van een eerdere dag".to_owned(),
            GateClosed::NotApproved => "wacht op uw akkoord".to_owned(),
            GateClosed::PerDay { limit } => format!("vandaag gingen al {limit} brieven uit"),
            GateClosed::PerHour { limit } => format!("in het afgelopen uur gingen al {limit} brieven uit"),
            GateClosed::Stopped(stop) => stop.wording(nl),
            GateClosed::Leak { why } => format!("de brief is tegengehouden: {why}"),
            GateClosed::NotMade { why } => format!("de brief kon niet worden gemaakt: {why}"),
        }
    }
}

impl Stop {
    pub fn wording(&self, language: Language) -> String {
        if language == Language::Nl { self.dutch() } else { self.to_string() }
    }

    fn dutch(&self) -> String {
        match self {
            Stop::Burst { due, limit } => {
                format!("er zijn {due} brieven tegelijk aan de beurt, meer dan {limit}: dat wacht op u")
            }
            Stop::CatchUp { since } => format!("er wordt ingehaald na een onderbreking sinds {since}"),
            Stop::ClockWentBack { last } => format!("de klok staat voor {}", last.format("%Y-%m-%d %H:%M")),
            Stop::Lane { reason } => format!("de mailserver weigert ons: {reason}"),
            Stop::ClockImplausible { now } => {
                format!("de klok zegt {}, en dat kan niet: zet hem goed", now.format("%Y-%m-%d %H:%M"))
            }
            Stop::Restored { taken } => format!(
                "teruggezet uit een reservekopie van {}: wacht tot alle post en afschriften van daarna gelezen zijn, en op u",
                taken.format("%Y-%m-%d %H:%M")
            ),
            Stop::DiskLow { free_mib } => format!("op de schijf van de database is nog maar {free_mib} MiB vrij"),
            Stop::InvoicesAway { why } => format!("de map met facturen is niet te lezen: {why}"),
        }
    }
}

impl HoldReason {
    pub fn wording(self, language: Language) -> &'static str {
        let (nl, en) = match self {
            HoldReason::Insolvency => ("faillissement, schuldhulp of overlijden", "insolvency, debt help or death"),
            HoldReason::Dispute => ("betwisting", "dispute"),
            HoldReason::Bounce => ("een brief kwam niet aan", "a letter did not arrive"),
            HoldReason::Plan => ("betalingsregeling", "instalments"),
            HoldReason::PaidClaim => ("de klant zegt te hebben betaald", "the customer says to have paid"),
            HoldReason::UnclearPayment => ("onduidelijke betaling", "unclear payment"),
            HoldReason::Promise => ("betaaltoezegging", "promise to pay"),
            HoldReason::OpenItem => (
                "volgens uw lijst van openstaande posten is er misschien betaald",
                "by your list of open items it may have been paid",
            ),
            HoldReason::Rest => ("rente of kosten staan nog open", "interest or costs are still open"),
            HoldReason::Question => ("de klant stelt een vraag", "the customer asks something"),
            HoldReason::Answer => ("de klant heeft geantwoord", "the customer answered"),
            HoldReason::Refused => ("een brief werd geweigerd", "a letter was refused"),
            HoldReason::Manual => ("door u aangehouden", "held by you"),
            HoldReason::PartPayment => ("deelbetaling", "part payment"),
            HoldReason::UntrustedNotice => {
                ("een bankbericht dat niet te vertrouwen is", "a bank's mail that proves nothing")
            }
            HoldReason::OverdueAtFirstSight => ("al vervallen bij binnenkomst", "overdue at first sight"),
            HoldReason::Restored => (
                "na een teruggezette reservekopie: misschien ging er al een brief uit",
                "after a restored backup: a letter may have left already",
            ),
        };
        in_language(language, nl, en)
    }
}

impl ClosedAs {
    pub fn wording(self, language: Language) -> &'static str {
        let (nl, en) = match self {
            ClosedAs::Paid => ("betaald", "paid"),
            ClosedAs::Credited => ("gecrediteerd", "credited"),
            ClosedAs::WrittenOff => ("afgeschreven", "written off"),
            ClosedAs::HandedOver => ("uit handen gegeven", "handed over"),
            ClosedAs::Ignored => ("genegeerd", "ignored"),
        };
        in_language(language, nl, en)
    }
}

impl LadderRefused {
    pub fn wording(&self, language: Language) -> String {
        if language == Language::Nl { self.dutch() } else { self.to_string() }
    }

    fn dutch(&self) -> String {
        match self {
            LadderRefused::Unknown { name, .. } => format!("er is geen ladder {name:?}"),
            LadderRefused::OtherCountry { name, .. } => {
                format!("de ladder {name:?} volgt het recht van een ander land dan dat van de klant")
            }
            LadderRefused::ForConsumers { name, .. } => {
                format!("de ladder {name:?} is niet voor consumenten, en deze klant is dat of kan het zijn")
            }
            LadderRefused::Unlawful { name, .. } => {
                format!("de ladder {name:?} vraagt wat de wet van deze klant niet laat vragen")
            }
        }
    }
}

impl LongTerm {
    pub fn wording(self, language: Language) -> String {
        if language == Language::Nl { self.dutch().to_owned() } else { self.to_string() }
    }

    fn dutch(self) -> &'static str {
        match self {
            LongTerm::DutchBusiness => {
                "een termijn van meer dan 60 dagen tussen bedrijven moet uitdrukkelijk zijn afgesproken en mag niet kennelijk \
                 onbillijk zijn jegens u (art. 6:119a lid 5 BW)"
            }
            LongTerm::DutchLargeDebtor => {
                "een grote onderneming mag met een kleinere niet meer dan 30 dagen afspreken: die termijn is nietig en er \
                 gelden 30 dagen (art. 6:119a BW, sinds 1 juli 2022)"
            }
            LongTerm::DutchGovernment => {
                "een overheid betaalt binnen 30 dagen; tot 60 alleen als dat uitdrukkelijk is afgesproken en objectief \
                 gerechtvaardigd is (art. 6:119b lid 5 BW)"
            }
            LongTerm::BelgianBusiness => {
                "een termijn van meer dan 60 dagen tussen bedrijven is niet toegestaan (wet van 2 augustus 2002)"
            }
        }
    }
}

impl RatesEnd {
    /// What ends, which rows are needed, and where.
    pub fn wording(&self, today: NaiveDate, language: Language) -> String {
        let first = self.last_day.succ_opt().unwrap_or(self.last_day);
        let rows: Vec<String> = self.kinds.iter().map(|kind| format!("\"{kind},{first},…\"")).collect();
        let rows = rows.join(", ");
        match (language == Language::Nl, self.last_day < today) {
            (true, false) => format!(
                "de tabel van de wettelijke rente is zeker tot en met {}: zet de regels daarna in een eigen tabel (*.csv in [folders] rates): {rows}",
                self.last_day
            ),
            (true, true) => format!(
                "de tabel van de wettelijke rente eindigt op {}: brieven vragen over latere dagen geen rente, tot deze \
                 regels in een eigen tabel staan (*.csv in [folders] rates): {rows}",
                self.last_day
            ),
            (false, false) => format!(
                "the table of statutory interest is verified up to {}: put the rows after it in a table of your own (*.csv in [folders] rates): {rows}",
                self.last_day
            ),
            (false, true) => format!(
                "the table of statutory interest ends on {}: letters ask no interest for later days until these \
                 rows are in a table of your own (*.csv in [folders] rates): {rows}",
                self.last_day
            ),
        }
    }
}

fn in_language(language: Language, nl: &'static str, en: &'static str) -> &'static str {
    if language == Language::Nl { nl } else { en }
}
