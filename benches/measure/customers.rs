//! Made-up customers and their invoices: numbers, amounts and names that are as unlike as real ones.

/// Cases of one debtor.
pub const OF_ONE_DEBTOR: usize = 4;

/// A case that looks chosen by chance.
pub fn case_of(n: usize, cases: usize) -> usize {
    n.wrapping_mul(7_368_787) % cases
}

pub fn number(case: usize) -> String {
    format!("{}-{:06}", 2020 + case % 7, case)
}

/// Unlike enough that a few cases in ten thousand ask the same.
pub fn cents(case: usize) -> i64 {
    1_000 + i64::try_from(case).expect("a small number") * 7_919 % 400_009
}

/// Words and endings give some hundred thousand names, a few of them twice.
pub fn name(debtor: usize) -> String {
    const FIRST: [&str; 10] =
        ["Jansen", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos", "Peters", "Hendriks"];
    const TRADES: [&str; 10] =
        ["Bouw", "Schilders", "Advies", "Transport", "Techniek", "Zorg", "Horeca", "Media", "Groen", "Metaal"];
    const SYLLABLES: [&str; 20] = [
        "ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wu", "za", "el", "or",
        "an", "ik",
    ];
    let syllable = |n: usize| SYLLABLES[n % 20];
    let own: String = [debtor / 100, debtor / 2_000, debtor / 40_000].into_iter().map(syllable).collect();
    format!("{} {}{own} {}", FIRST[debtor % 10], syllable(debtor / 7), TRADES[debtor / 10 % 10])
}
