//! The words of the calendar in the four languages, in plain letters: what each may mean. Never a date.

use std::sync::LazyLock;

use chrono::Weekday;

use super::quick::{self, QuickMap, packed};

/// A stretch of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Hour,
    Day,
    WorkingDay,
    Week,
    Month,
    Quarter,
    Year,
}

/// A place in a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Begin,
    Middle,
    End,
}

/// What a word may mean; some mean several things ("en" is "and", and French "in").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    Weekday(Weekday),
    /// A weekday cut short: one only behind "by", "op" and the like.
    Short(Weekday),
    /// Cut shorter: one only beside a date or a week.
    Shorter(Weekday),
    Month(u32),
    /// "Dezemberwoche".
    WeekOfMonth(u32),
    Unit(Unit),
    Edge(Edge),
    /// "Monatsende".
    EdgeOf(Edge, Unit),
    /// "Helft", "moitié".
    Half,
    Weekend,
    /// This one is 0, the next 1, the one after it 2.
    Shift(u32),
    Count(u32),
    /// Anderhalve.
    OneAndAHalf,
    /// A number in a row; the last of its kind is `None`.
    Nth(Option<u32>),
    /// "Over", "binnen", "in": a stretch follows.
    Within,
    /// Between the words of one day; means nothing.
    Filler,
    /// Before a day: "op", "by", "spätestens".
    Before,
    /// "Na", "after".
    After,
    /// Joins two counts: "2 à 3".
    Or,
    /// So many days from the mail.
    Relative(u32),
    /// A holiday: month and day.
    Feast(u32, u32),
    /// A feast of several days, of which only what is before counts.
    Feasts(u32, u32),
    /// "Elke", "wekelijks", "altijd".
    Every,
    /// "Werk-", "business".
    Working,
    /// "Nog": still within.
    Still,
    /// So many days in one word: "fortnight".
    Stretch(u32),
    /// Of "nouvel an", "oud en nieuw", "new year".
    OfNewYear,
    /// "Uitstel", "respijt".
    Grace,
    /// "Geef", "gun".
    Give,
    /// "Fijn", "nice", of a weekend.
    Wish,
    /// What has a number in a row and is no day: "herinnering", "termijn".
    Counted,
}

use Sense::{
    After, Before, Count, Counted, EdgeOf, Every, Feast, Feasts, Filler, Give, Grace, Half, Month, Nth, OfNewYear,
    OneAndAHalf, Or, Relative, Shift, Short, Shorter, Still, Stretch, Weekend, Wish, Within, Working,
};

const FULL: [(&str, Weekday); 7] = [
    ("maandag mandag maandg monday montag lundi", Weekday::Mon),
    ("dinsdag disdag tuesday dienstag mardi", Weekday::Tue),
    ("woensdag woendag wensday wednesday mittwoch mercredi", Weekday::Wed),
    ("donderdag dondedag donderag thursday donnerstag jeudi", Weekday::Thu),
    ("vrijdag vrydag vrijdg friday freitag vendredi", Weekday::Fri),
    ("zaterdag saturday samstag sonnabend samedi", Weekday::Sat),
    ("zondag sunday sonntag dimanche", Weekday::Sun),
];

const PARTS_OF_DAY: &str =
    "s ochtend morgen middag namiddag avond nacht abend nachmittag vormittag fruh mittag abends vormittags";

const MONTHS: [&str; 12] = [
    "januari january januar janner janvier jan janv",
    "februari february februar fevrier feb febr fev fevr",
    "maart march marz maerz mars mrt mar",
    "april avril apr avr",
    "mei may mai",
    "juni june juin jun",
    "juli july juillet jul juil",
    "augustus august aout aug",
    "september septembre sept sep",
    "oktober october octobre okt oct",
    "november novembre nov",
    "december dezember decembre dec dez",
];

const NUMBERS: [(&str, u32); 37] = [
    ("een one a an ein eine einer einem einen eines un une n", 1),
    ("twee two zwei deux", 2),
    ("drie three drei trois", 3),
    ("vier four quatre", 4),
    ("vijf five funf fuenf cinq", 5),
    ("zes six sechs", 6),
    ("zeven seven sieben sept", 7),
    ("acht eight huit", 8),
    ("negen nine neun neuf", 9),
    ("tien ten zehn dix dizaine tiental", 10),
    ("elf eleven onze", 11),
    ("twaalf twelve zwolf zwoelf douze", 12),
    ("dertien thirteen dreizehn treize", 13),
    ("veertien fourteen vierzehn quatorze", 14),
    ("vijftien fifteen funfzehn fuenfzehn quinze", 15),
    ("zestien sixteen sechzehn seize", 16),
    ("zeventien seventeen siebzehn", 17),
    ("achttien eighteen achtzehn", 18),
    ("negentien nineteen neunzehn", 19),
    ("twintig twenty zwanzig vingt vingtaine twintigtal", 20),
    ("eenentwintig einundzwanzig", 21),
    ("tweeentwintig zweiundzwanzig", 22),
    ("drieentwintig dreiundzwanzig", 23),
    ("vierentwintig vierundzwanzig", 24),
    ("vijfentwintig funfundzwanzig", 25),
    ("zesentwintig sechsundzwanzig", 26),
    ("zevenentwintig siebenundzwanzig", 27),
    ("achtentwintig achtundzwanzig", 28),
    ("negenentwintig neunundzwanzig", 29),
    ("dertig thirty dreissig trente trentaine", 30),
    ("eenendertig einunddreissig", 31),
    ("veertig forty vierzig quarante", 40),
    ("vijfenveertig", 45),
    ("vijftig fifty funfzig cinquante", 50),
    ("zestig sixty sechzig soixante", 60),
    ("negentig ninety neunzig", 90),
    ("honderd hundred hundert cent", 100),
];

/// From the first on; "zwanzigsten" and the like by their beginnings are in [`TENS`].
const ROWS: [&str; 20] = [
    "eerste eersten first erste ersten erster erstes premier premiere",
    "tweede tweeden second zweite zweiten zweiter deuxieme seconde",
    "derde derden third dritte dritten dritter troisieme",
    "vierde vierden fourth vierte vierten vierter quatrieme",
    "vijfde vijfden fifth funfte funften fuenften cinquieme",
    "zesde zesden sixth sechste sechsten",
    "zevende zevenden seventh siebte siebten",
    "achtste achtsten eighth achte achten",
    "negende negenden ninth neunte neunten",
    "tiende tienden tenth zehnte zehnten",
    "elfde elfden eleventh elfte elften",
    "twaalfde twaalfden twelfth zwolfte zwolften",
    "dertiende dertienden thirteenth dreizehnte dreizehnten",
    "veertiende veertienden fourteenth vierzehnte vierzehnten",
    "vijftiende vijftienden fifteenth funfzehnte funfzehnten",
    "zestiende zestienden sixteenth sechzehnte sechzehnten",
    "zeventiende zeventienden seventeenth siebzehnte siebzehnten",
    "achttiende achttienden eighteenth achtzehnte achtzehnten",
    "negentiende negentienden nineteenth neunzehnte neunzehnten",
    "twintigste twintigsten twentieth zwanzigste zwanzigsten",
];
const TENS: [(&str, u32); 11] = [
    ("eenentwintigste einundzwanzigsten", 21),
    ("tweeentwintigste zweiundzwanzigsten", 22),
    ("drieentwintigste dreiundzwanzigsten", 23),
    ("vierentwintigste vierundzwanzigsten", 24),
    ("vijfentwintigste funfundzwanzigsten", 25),
    ("zesentwintigste sechsundzwanzigsten", 26),
    ("zevenentwintigste siebenundzwanzigsten", 27),
    ("achtentwintigste achtundzwanzigsten", 28),
    ("negenentwintigste neunundzwanzigsten", 29),
    ("dertigste dertigsten thirtieth dreissigsten", 30),
    ("eenendertigste einunddreissigsten", 31),
];

/// Tens that are written apart from what follows, or with a hyphen, in the language that does so.
pub(super) const HIGHER: [(&str, u32); 4] = [("twenty", 20), ("thirty", 30), ("vingt", 20), ("trente", 30)];

/// One to nine behind them, counted and in a row.
const LOWER: [(&[&str], Option<&str>); 9] = [
    (&["one", "un", "et un", "et-un"], Some("first")),
    (&["two", "deux"], Some("second")),
    (&["three", "trois"], Some("third")),
    (&["four", "quatre"], Some("fourth")),
    (&["five", "cinq"], Some("fifth")),
    (&["six"], Some("sixth")),
    (&["seven", "sept"], Some("seventh")),
    (&["eight", "huit"], Some("eighth")),
    (&["nine", "neuf"], Some("ninth")),
];

const OTHERS: &[(&str, Sense)] = &[
    ("tues tue", Sense::Weekday(Weekday::Tue)),
    ("wed", Short(Weekday::Wed)),
    ("thurs thu", Sense::Weekday(Weekday::Thu)),
    ("fri", Sense::Weekday(Weekday::Fri)),
    ("maa mon", Short(Weekday::Mon)),
    ("din", Short(Weekday::Tue)),
    ("woe", Short(Weekday::Wed)),
    ("dond thur", Short(Weekday::Thu)),
    ("vr vrij", Short(Weekday::Fri)),
    ("zat sat", Short(Weekday::Sat)),
    ("ma mo lun", Shorter(Weekday::Mon)),
    ("di mar", Shorter(Weekday::Tue)),
    ("wo mi mer", Shorter(Weekday::Wed)),
    ("do jeu", Shorter(Weekday::Thu)),
    ("fr ven", Shorter(Weekday::Fri)),
    ("za sa sam", Shorter(Weekday::Sat)),
    ("zo so", Shorter(Weekday::Sun)),
    ("laatste last letzte letzten letzter letztes dernier derniere allerlaatste", Nth(None)),
    ("uur uren hour hours hrs h stunde stunden heure heures", Sense::Unit(Unit::Hour)),
    ("dag dagen dgn day days tag tage tagen jour jours daagjes dagjes", Sense::Unit(Unit::Day)),
    (
        "werkdag werkdagen bankdag bankdagen arbeitstag arbeitstage arbeitstagen werktag werktage werktagen bankarbeitstage bankarbeitstagen banktage banktagen",
        Sense::Unit(Unit::WorkingDay),
    ),
    (
        "week weke weken wk wkn weekje weekjes weekske weekskes weeks woche wochen semaine semaines kw kalenderwoche",
        Sense::Unit(Unit::Week),
    ),
    ("werkweek arbeitswoche", Sense::Unit(Unit::Week)),
    ("maand maanden mnd maandje maandjes month months monat monate monaten monats mois", Sense::Unit(Unit::Month)),
    ("kwartaal quarter quartal quartals trimestre", Sense::Unit(Unit::Quarter)),
    ("jaar year jahr jahres jahrs annee", Sense::Unit(Unit::Year)),
    ("begin vroeg early start beginning anfang debut beginnend", Sense::Edge(Edge::Begin)),
    ("half halverwege midden medio mid middle mitte mi milieu halfweg", Sense::Edge(Edge::Middle)),
    ("eind einde end ende fin ultimo uiteinde eindje slot late", Sense::Edge(Edge::End)),
    ("monatsende maandeinde maandultimo eindemaand monatsultimo", EdgeOf(Edge::End, Unit::Month)),
    ("eom", EdgeOf(Edge::End, Unit::Month)),
    ("eow", EdgeOf(Edge::End, Unit::Week)),
    ("monatsmitte", EdgeOf(Edge::Middle, Unit::Month)),
    ("monatsanfang monatsbeginn monatsersten monatserste", EdgeOf(Edge::Begin, Unit::Month)),
    ("jaareinde jahresende jahresultimo", EdgeOf(Edge::End, Unit::Year)),
    ("quartalsende kwartaaleinde", EdgeOf(Edge::End, Unit::Quarter)),
    ("helft half halfte moitie quinzaine", Half),
    ("fortnight", Stretch(14)),
    ("huitaine", Stretch(8)),
    ("quinzaine", Stretch(15)),
    ("nouvel oud new", OfNewYear),
    ("weekend wochenende weekeinde weekends", Weekend),
    (
        "deze dees dit this diese dieser diesem dieses diesen cette cet ce lopende laufenden courant dezer current ci",
        Shift(0),
    ),
    ("volgende volgend komende komend toekomende aanstaande aanstaand eerstvolgende eerstkomende as", Shift(1)),
    (
        "next coming following upcoming nachste nachster nachsten nachstes nachstem naechste naechsten naechster",
        Shift(1),
    ),
    (
        "kommende kommender kommenden kommendes kommendem prochain prochaine prochains prochaines suivant suivante",
        Shift(1),
    ),
    ("overvolgende ubernachste ubernachsten ubernachster uebernaechste uebernaechsten", Shift(2)),
    ("anderhalve anderhalf anderthalb eineinhalb", OneAndAHalf),
    ("binnen within innerhalb innert dans sous endeans in over en ici", Within),
    ("van of de het t the der des dem den du d la le les l v vd ter te m", Filler),
    ("of or tot to bis ou oder a bzw", Or),
    (
        "op uiterlijk voor tegen per tot rond omstreeks vanaf tegen by on before until till til around from am zum bis vor ab spatestens au pour avant ici le jusqu jusquau jusqua des de den the dem du du vers latest",
        Before,
    ),
    ("na after nach apres", After),
    ("vandaag heden straks vanmiddag vanavond vannamiddag today tonight heute aujourd heut", Relative(0)),
    (
        "morgen mrgn morge mrgnochtend mrgochtend mrgenvroeg mrgnvroeg mrgnavond mrgnmiddag morgenochtend morgenvroeg morgenmiddag morgenavond tomorrow 2morrow 2moro tmrw tomorow tommorow tommorrow demain middernacht midnight mitternacht minuit",
        Relative(1),
    ),
    ("overmorgen overmorge ubermorgen uebermorgen", Relative(2)),
    (
        "kerst kerstmis kerstdagen xmas christmas weihnachten noel feestdagen feiertage feiertagen fetes holidays",
        Feasts(12, 24),
    ),
    ("kerstavond heiligabend heiligabends", Feast(12, 24)),
    ("sinterklaas sinterklaasavond pakjesavond", Feast(12, 5)),
    ("nieuwjaar neujahr jaarwisseling jahreswechsel", Feasts(12, 31)),
    ("oudejaarsdag oudejaarsavond oudejaar oudjaar silvester sylvestre", Feast(12, 31)),
    ("nieuwjaarsdag", Feast(1, 1)),
    ("koningsdag", Feast(4, 27)),
    (
        "elke elk iedere ieder every each jeden jede jedes jeder jedem chaque tous wekelijks weekly wochentlich maandelijks monthly monatlich altijd always immer toujours grundsatzlich zweimal tweemaal twice telkens steeds jeweils doorgaans normaal meestal usually normally tweewekelijks fortnightly runs betaalrondes betaalruns betaaldagen zahllaufe zahlungslaufe",
        Every,
    ),
    ("werk working business bank banking ouvrable ouvrables ouvre ouvres kalender calendar", Working),
    ("nog later ergens loop somewhere sometime still noch laufe encore courant", Still),
    (
        "geduld uitstel respijt tijd time extension grace more longer aufschub zeit delai patience supplementaire supplementaires zahlungsaufschub stundung report sursis langer extra",
        Grace,
    ),
    ("geef gun geven give grant geben donnez accordez laissez laisser accorder gunnen verleen verlenen", Give),
    ("fijn goed prettig lekker mooi nice great good lovely schones bon happy enjoy", Wish),
    (
        "keer maal herinnering aanmaning reminder termijn instalment installment rate factuur invoice mail brief verdieping etage floor levering kwartaal persoon time attempt payment betaling deel part mahnung rechnung mal fois rappel mensualite versement monteur versie version bericht message letter aflossing schijf helft half hand klas lezing ronde bezoek visit order bestelling kopie copy poging versuch zahlung relance facture",
        Counted,
    ),
];

static SENSES: LazyLock<QuickMap<quick::Short, Vec<Sense>>> = LazyLock::new(|| {
    let mut senses: QuickMap<quick::Short, Vec<Sense>> = QuickMap::default();
    let mut add = |words: &str, sense: Sense| {
        for word in words.split(' ').filter_map(key) {
            senses.entry(word).or_default().push(sense);
        }
    };
    for (names, day) in FULL {
        add(names, Sense::Weekday(day));
        for name in names.split(' ') {
            PARTS_OF_DAY.split(' ').for_each(|part| add(&format!("{name}{part}"), Sense::Weekday(day)));
        }
    }
    for (number, names) in (1..).zip(MONTHS) {
        add(names, Month(number));
        names.split(' ').for_each(|name| add(&format!("{name}woche"), Sense::WeekOfMonth(number)));
    }
    NUMBERS.into_iter().for_each(|(names, number)| add(names, Count(number)));
    (1..).zip(ROWS).for_each(|(number, names)| add(names, Nth(Some(number))));
    TENS.into_iter().for_each(|(names, number)| add(names, Nth(Some(number))));
    OTHERS.iter().for_each(|(words, sense)| add(words, *sense));
    for ((tens, ten), (one, (names, row)), joint) in in_two_words() {
        let counted = names.iter().map(|name| (*name, Count(ten + one)));
        for (name, sense) in counted.chain(row.map(|name| (name, Nth(Some(ten + one))))) {
            senses.extend(key(&format!("{tens}{joint}{name}")).map(|word| (word, vec![sense])));
        }
    }
    senses
});

type Lower = (u32, (&'static [&'static str], Option<&'static str>));

/// Each ten with each number below ten, with a hyphen and without.
fn in_two_words() -> impl Iterator<Item = ((&'static str, u32), Lower, &'static str)> {
    let lower = || (1..).zip(LOWER);
    HIGHER.into_iter().flat_map(move |ten| lower().flat_map(move |one| ["-", " "].map(|joint| (ten, one, joint))))
}

/// By its first fifteen letters, which tell all of them apart.
fn key(word: &str) -> Option<quick::Short> {
    packed(word.get(..15).unwrap_or(word))
}

/// Whether this is a word of the calendar, or several that are one.
pub(super) fn is_known(words: &str) -> bool {
    key(words).is_some_and(|words| SENSES.contains_key(&words))
}

/// What a plain word may mean in a date; a weekday or month with a slip of the pen too.
pub(super) fn senses(word: &str) -> &'static [Sense] {
    let known = key(word).and_then(|word| SENSES.get(&word));
    known.or_else(|| key(misspelt(word)?).and_then(|word| SENSES.get(&word))).map_or(&[], Vec::as_slice)
}

/// The name of a weekday or month that this one is but for a slip: a letter too many, too few, another, or two exchanged.
fn misspelt(word: &str) -> Option<&'static str> {
    const DAYS: [&str; 6] = ["dag", "ag", "day", "tag", "di", "dga"];
    const MONTHS_END: [&str; 7] = ["ber", "bre", "ari", "ary", "ier", "br", "bere"];
    if !(6..13).contains(&word.len()) || !word.is_ascii() {
        return None;
    }
    let of = |names: &'static str| names.split(' ').find(|name| name.len() > 5 && is_a_slip(word, name));
    if DAYS.iter().any(|end| word.ends_with(end)) {
        return FULL.iter().find_map(|(names, _)| of(names));
    }
    MONTHS_END.iter().any(|end| word.ends_with(end)).then(|| MONTHS.into_iter().find_map(of)).flatten()
}

/// One slip apart, and the same first letter.
fn is_a_slip(word: &str, name: &str) -> bool {
    let (word, name) = (word.as_bytes(), name.as_bytes());
    let same = word.iter().zip(name).take_while(|(a, b)| a == b).count();
    let (a, b) = (word.get(same..).unwrap_or_default(), name.get(same..).unwrap_or_default());
    let rest = |of: &'_ [u8], from: usize| of.get(from..).map(<[u8]>::to_vec);
    let exchanged = a.len() > 1 && b.len() > 1 && a.first() == b.get(1) && a.get(1) == b.first();
    same > 0
        && (rest(a, 1).as_deref() == Some(b)
            || rest(b, 1).as_deref() == Some(a)
            || rest(a, 1).is_some() && rest(a, 1) == rest(b, 1)
            || exchanged && rest(a, 2) == rest(b, 2))
}

/// "Vandaag", "heute".
pub(super) fn is_today(word: &str) -> bool {
    senses(word).contains(&Relative(0))
}

/// The weekday of a full name.
pub(super) fn day_of_week(word: &str) -> Option<Weekday> {
    senses(word).iter().find_map(|sense| match sense {
        Sense::Weekday(day) => Some(*day),
        _ => None,
    })
}

/// 1 to 12 from a month's name, or its first letters, in any of the languages.
pub(super) fn month(word: &str) -> Option<u32> {
    senses(word).iter().find_map(|sense| match sense {
        Month(month) => Some(*month),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen() {
        for (word, wanted) in [
            ("dinsag", Weekday::Tue),
            ("donderdga", Weekday::Thu),
            ("wednsday", Weekday::Wed),
            ("freittag", Weekday::Fri),
            ("vendrdi", Weekday::Fri),
        ] {
            assert_eq!(day_of_week(word), Some(wanted), "{word}");
        }
        assert_eq!((month("decemebr"), month("desember"), month("febuari")), (Some(12), Some(12), Some(2)));
        for word in ["montage", "vandaag", "bijdrage", "ordner", "member", "betrag", "vertrag", "auftrag", "vrijstaat"]
        {
            assert_eq!((day_of_week(word), month(word)), (None, None), "{word}");
        }
    }
}
