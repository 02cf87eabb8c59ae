//! The daily copies of a database: their names, which of them are kept, and the weekly look for damage. All on
//! connections of their own, beside the thread that writes.

use super::open;
use crate::adapters::clock::SystemClock;
use crate::adapters::store::sqlite::{BackupFault, SqliteStore};
use crate::config::Config;
use crate::daemon::serve::Course;
use crate::daemon::writer::Writer;
use crate::ports::Clock;
use crate::store::{Depth, Store, StoreFault};
use anyhow::{Context, Result};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// After a start, before the first look at what is to be done.
const FIRST: Duration = Duration::from_secs(60);
const BETWEEN: Duration = Duration::from_secs(600);
/// Days between two looks to the last byte.
const THOROUGH_DAYS: i64 = 7;
/// Where the store keeps the day of the last one.
const CHECKED_ON: &str = "read_to_the_last_byte_on";
const TROUBLE: &str = "backup_trouble";

/// Makes the copy of each day and looks for damage each week, until stopped.
///
/// # Errors
/// When the database is damaged.
pub async fn keep(config: Config, writer: Writer, course: Course) -> Result<()> {
    let mut pause = FIRST;
    while course.goes_on() {
        tokio::select! {
            () = tokio::time::sleep(pause) => once(&config, &writer).await?,
            () = course.stopped() => {}
        }
        pause = BETWEEN;
    }
    Ok(())
}

/// What is to be done today, if it was not done yet.
///
/// # Errors
/// When the database is damaged. That a copy could not be made is told in status and digest.
pub async fn once(config: &Config, writer: &Writer) -> Result<()> {
    let today = SystemClock.now().with_timezone(&config.timezone).date_naive();
    if config.backup.daily && !path_of(config, today).exists() {
        let (own, started) = (config.clone(), tokio::task::spawn_blocking);
        let made = started(move || make(&own, today)).await?;
        let trouble = match made {
            Ok(()) => String::new(),
            Err(BackupFault::Store(fault @ StoreFault::Broken(_))) => return Err(fault.into()),
            Err(fault) => {
                tracing::error!("no copy of the database was made: {fault}");
                fault.to_string()
            }
        };
        tell(writer, TROUBLE, trouble).await;
    }
    let checked = writer.call(|house| house.memo(CHECKED_ON)).await?.and_then(|day| day.parse::<NaiveDate>().ok());
    if checked.is_none_or(|day| (today - day).num_days().abs() >= THOROUGH_DAYS) {
        look_closely(config).await?;
        tell(writer, CHECKED_ON, today.to_string()).await;
    }
    Ok(())
}

/// What cannot be written now is done again at the next turn.
async fn tell(writer: &Writer, key: &'static str, text: String) {
    let told = writer.call(move |house| match house.memo(key)?.unwrap_or_default() == text {
        true => Ok(()),
        false => house.set_memo(key, &text),
    });
    if let Err(error) = told.await {
        tracing::error!("{key}: {error:#}");
    }
}

async fn look_closely(config: &Config) -> Result<()> {
    let database = open::database(config);
    let findings = tokio::task::spawn_blocking(move || SqliteStore::open_read_only(&database)?.check(Depth::Thorough));
    let findings = findings.await??;
    anyhow::ensure!(findings.is_empty(), StoreFault::Broken(findings.join("; ")));
    Ok(())
}

fn make(config: &Config, today: NaiveDate) -> Result<(), BackupFault> {
    let folder = &config.backup.folder;
    let unwritable = |error: anyhow::Error| BackupFault::Place {
        path: folder.clone(),
        error: std::io::Error::other(format!("{error:#}")),
    };
    open::make_private_folder(folder).map_err(unwritable)?;
    SqliteStore::back_up(&open::database(config), &path_of(config, today))?;
    prune(config).map_err(unwritable)
}

fn path_of(config: &Config, day: NaiveDate) -> PathBuf {
    config.backup.folder.join(format!("{}-{day}.sqlite", config.name))
}

fn prune(config: &Config) -> Result<()> {
    let days = days(config);
    for day in days.difference(&kept(&days, config.backup.keep_daily, config.backup.keep_monthly)) {
        std::fs::remove_file(path_of(config, *day)).with_context(|| format!("the copy of {day}"))?;
    }
    Ok(())
}

/// The last ones, and of each month the first.
fn kept(days: &BTreeSet<NaiveDate>, daily: usize, monthly: usize) -> BTreeSet<NaiveDate> {
    let last = days.iter().rev().take(daily).copied();
    let mut months = BTreeSet::new();
    let firsts: Vec<NaiveDate> = days.iter().filter(|day| months.insert((day.year(), day.month()))).copied().collect();
    last.chain(firsts.into_iter().rev().take(monthly)).collect()
}

/// Of which days there are copies.
fn days(config: &Config) -> BTreeSet<NaiveDate> {
    let Ok(files) = std::fs::read_dir(&config.backup.folder) else { return BTreeSet::new() };
    files.flatten().filter_map(|file| day_of(&config.name, Path::new(&file.file_name()))).collect()
}

fn day_of(name: &str, file: &Path) -> Option<NaiveDate> {
    file.to_str()?.strip_prefix(name)?.strip_prefix('-')?.strip_suffix(".sqlite")?.parse().ok()
}

/// The copy to go back to.
pub fn newest(config: &Config) -> Option<PathBuf> {
    Some(path_of(config, *days(config).last()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fourteen_days_and_the_first_of_each_month_are_kept() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let days: BTreeSet<NaiveDate> = day("2025-01-15").iter_days().take_while(|d| *d <= day("2026-11-22")).collect();
        let kept = kept(&days, 14, 12);
        let months = ["2025-12-01", "2026-01-01", "2026-10-01", "2026-11-01"].map(day);
        assert!(months.iter().all(|month| kept.contains(month)), "{kept:?}");
        assert!(kept.contains(&day("2026-11-09")) && !kept.contains(&day("2026-11-08")));
        assert_eq!((kept.len(), kept.first()), (26, Some(&day("2025-12-01"))));
    }

    #[test]
    fn only_our_own_copies_are_known() {
        let day = |file: &str| day_of("verf", Path::new(file));
        assert_eq!(day("verf-2026-11-22.sqlite"), NaiveDate::from_ymd_opt(2026, 11, 22));
        for other in ["lak-2026-11-22.sqlite", "verf-2026-11-22.sqlite.part", "verf-notes.sqlite", "verf-2026-11-22"] {
            assert_eq!(day(other), None, "{other}");
        }
    }
}
