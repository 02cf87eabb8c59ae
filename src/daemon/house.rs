//! One administration at work: its memory, its rules, its clock. Everything that writes goes through
//! [`House::transact`], so that an input and all that follows from it are one commit.

use super::asleep::Asleep;
use super::intake::{Here, ReadAhead, Seen};
use super::last_look::Strangers;
use super::owed::{Concluded, Owed};
use super::register::Register;
use crate::bank::notice::Profiles;
use crate::config::Config;
use crate::dunning::account::Account;
use crate::dunning::ids::{DebtorId, EvidenceId, InvoiceNumber};
use crate::failpoints::reach;
use crate::letter::Templates;
use crate::mail::correlate::OwnAddress;
use crate::mail::intent::{KnownNumbers, Phrases};
use crate::mail::token::Key;
use crate::paper::Paper;
use crate::ports::{Clock, Parser, Room, Signatures};
use crate::store::{Asked, CaseState, InputKind, Store};
use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, LazyLock};

pub struct House {
    pub store: Box<dyn Store>,
    pub config: Config,
    pub rules: Rules,
    pub clock: Arc<dyn Clock>,
    /// `None` where nobody counts: a store in memory.
    pub room: Option<Box<dyn Room>>,
    /// Who reads the files of the folders.
    pub parser: Arc<dyn Parser>,
    /// Who looks at the signatures of mails; `None` = nobody.
    pub signatures: Option<Arc<dyn Signatures>>,
    /// Files of the two folders that need no second reading.
    pub(super) seen: BTreeMap<InputKind, Seen>,
    /// What files say that are about to be settled: each is read once.
    pub(super) papers: BTreeMap<EvidenceId, Paper>,
    /// The same of mails.
    pub(super) read_ahead_mails: ReadAhead,
    /// What statements say that authenticated mails bring along, until these mails are read.
    pub(super) attached: BTreeMap<EvidenceId, Paper>,
    /// What no letter to somebody else may name.
    pub(super) strangers: Strangers,
    /// Which accounts money may concern.
    pub(super) register: Register,
    key: Key,
    /// Accounts that were read or written lately, each with its text: the same text is not read twice.
    read: RefCell<VecDeque<(String, Arc<Account>)>>,
    own_address: OnceCell<OwnAddress>,
    numbers: RefCell<Option<Numbers>>,
    pub(super) owed: Owed,
    pub(super) concluded: Concluded,
    /// Accounts for which the next turn of the calendar brings nothing.
    pub(super) asleep: Asleep,
}

/// The invoice numbers as the store last gave them, and the same by how they may be written.
struct Numbers {
    given: Arc<[InvoiceNumber]>,
    known: Arc<KnownNumbers>,
}

impl Numbers {
    /// What is kept while the store gives the same.
    fn known(kept: &mut Option<Numbers>, given: Arc<[InvoiceNumber]>) -> Arc<KnownNumbers> {
        if let Some(kept) = kept.as_ref().filter(|kept| Arc::ptr_eq(&kept.given, &given)) {
            return kept.known.clone();
        }
        let known = Arc::new(KnownNumbers::new(given.iter().map(InvoiceNumber::to_string)));
        *kept = Some(Numbers { given, known: known.clone() });
        known
    }
}

/// Accounts kept in [`House::load`]: those of a few letters under way.
const READ_LATELY: usize = 16;

/// The texts and tables that are not configuration. Each is compiled once, when it is first needed: who only looks
/// at cases waits for none.
pub struct Rules {
    pub templates: Lazy<Templates>,
    pub phrases: Lazy<Phrases>,
    pub profiles: Lazy<Profiles>,
}

pub type Lazy<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

impl Rules {
    /// What is built into the binary.
    pub fn built_in() -> Rules {
        Rules {
            templates: LazyLock::new(Box::new(Templates::built_in)),
            phrases: LazyLock::new(Box::new(Phrases::built_in)),
            profiles: LazyLock::new(Box::new(Profiles::built_in)),
        }
    }
}

/// A value that is there already, where one may be made later.
pub fn ready<T: Send + 'static>(value: T) -> Lazy<T> {
    LazyLock::new(Box::new(move || value))
}

impl House {
    /// Opens an administration over a store: makes its key at the first start, and notes when that was.
    pub fn open(store: Box<dyn Store>, config: Config, rules: Rules, clock: Arc<dyn Clock>) -> Result<House> {
        let mut house = House::over(store, config, rules, clock, Key([0; 32]));
        house.key = house.transact(House::first_start)?;
        Ok(house)
    }

    /// Opens an administration for looking only; `None` when it was never started.
    pub fn look(store: Box<dyn Store>, config: Config, rules: Rules, clock: Arc<dyn Clock>) -> Result<Option<House>> {
        let Some(key) = store.meta("key")? else { return Ok(None) };
        let key = key_from_hex(&key)?;
        Ok(Some(House::over(store, config, rules, clock, key)))
    }

    fn over(store: Box<dyn Store>, config: Config, rules: Rules, clock: Arc<dyn Clock>, key: Key) -> House {
        House {
            store,
            config,
            rules,
            clock,
            room: None,
            parser: Arc::new(Here),
            papers: BTreeMap::new(),
            read_ahead_mails: ReadAhead::default(),
            attached: BTreeMap::new(),
            signatures: None,
            seen: BTreeMap::new(),
            strangers: Strangers::default(),
            register: Register::default(),
            key,
            read: RefCell::default(),
            own_address: OnceCell::new(),
            numbers: RefCell::default(),
            owed: Owed::default(),
            concluded: Concluded::default(),
            asleep: Asleep::default(),
        }
    }

    fn first_start(&mut self) -> Result<Key> {
        if let Some(known) = self.store.meta("key")? {
            return key_from_hex(&known);
        }
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness for the key: {e}"))?;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.store.set_meta("key", &hex)?;
        reach("house.key")?;
        self.store.set_meta("installed_at", &self.now().to_rfc3339())?;
        Ok(Key(bytes))
    }

    pub fn key(&self) -> &Key {
        &self.key
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Civil time in the administration's zone.
    pub fn local_now(&self) -> NaiveDateTime {
        self.local(self.now())
    }

    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.config.timezone).naive_local()
    }

    pub fn today(&self) -> NaiveDate {
        self.local_now().date()
    }

    /// The first moment of a civil day.
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_hms_opt(0, 0, 0).unwrap_or_default();
        match self.config.timezone.from_local_datetime(&midnight).earliest() {
            Some(at) => at.with_timezone(&Utc),
            // Midnight falls in a gap of the zone (nowhere in Europe): take it as UTC.
            None => midnight.and_utc(),
        }
    }

    /// Everything `work` writes is one commit; on an error nothing of it was written. May be called inside itself.
    pub fn transact<T>(&mut self, work: impl FnOnce(&mut House) -> Result<T>) -> Result<T> {
        if self.store.in_transaction() {
            return work(self);
        }
        self.store.begin()?;
        match work(self) {
            Ok(value) => {
                self.store.commit()?;
                Ok(value)
            }
            Err(error) => {
                self.store.rollback()?;
                Err(error)
            }
        }
    }

    /// One input of a group: when it fails, only what it wrote is undone.
    pub fn attempt<T>(&mut self, work: impl FnOnce(&mut House) -> Result<T>) -> Result<T> {
        self.store.savepoint()?;
        match work(self) {
            Ok(value) => {
                self.store.release()?;
                Ok(value)
            }
            Err(error) => {
                self.store.rollback_to()?;
                Err(error)
            }
        }
    }

    /// What was written last was not kept: a file that seemed to be stored may not be, so every file is read again.
    pub(super) fn forget_folders(&mut self) {
        self.seen.clear();
    }

    /// An account with its version; a new one has version 0. Of a debtor that was merged it is the other's.
    pub fn load(&self, id: &DebtorId) -> Result<(Account, u64)> {
        match self.load_as_stored(id)? {
            (account, _) if account.is_merged() => self.load_as_stored(&self.living(id)?),
            loaded => Ok(loaded),
        }
    }

    /// The account of exactly this debtor, also one that was merged and holds nothing any more.
    pub(super) fn load_as_stored(&self, id: &DebtorId) -> Result<(Account, u64)> {
        self.load_with(id, Asked::All)
    }

    /// The same; of the questions of the administration only these.
    pub(super) fn load_with(&self, id: &DebtorId, asked: Asked<'_>) -> Result<(Account, u64)> {
        let Some(stored) = self.store.account(id)? else { return Ok((Account::new(id.clone()), 0)) };
        let mut account = Account::clone(&*self.read(id, stored.state)?);
        if id.is_administration() {
            account.questions = self.questions_beside(id, asked)?;
        }
        Ok((account, stored.version))
    }

    /// The account of exactly this debtor, to be looked at only; the administration's without what it is asked.
    pub(super) fn stored_account(&self, id: &DebtorId) -> Result<Arc<Account>> {
        match self.store.account(id)? {
            Some(stored) => self.read(id, stored.state),
            None => Ok(Arc::new(Account::new(id.clone()))),
        }
    }

    fn read(&self, id: &DebtorId, state: String) -> Result<Arc<Account>> {
        if let Some((_, account)) = self.read.borrow().iter().find(|(text, _)| *text == state) {
            return Ok(account.clone());
        }
        let account: Account =
            serde_json::from_str(&state).with_context(|| format!("the account of {id} cannot be read"))?;
        let account = Arc::new(account);
        self.has_read(state, account.clone());
        Ok(account)
    }

    /// This text says this account: it was read so, or written.
    pub(super) fn has_read(&self, state: String, account: Arc<Account>) {
        let mut read = self.read.borrow_mut();
        read.retain(|(_, other)| other.id != account.id);
        read.truncate(READ_LATELY - 1);
        read.push_front((state, account));
    }

    pub(super) fn forget_read(&self) {
        self.read.borrow_mut().clear();
    }

    pub fn account(&self, id: &DebtorId) -> Result<Account> {
        Ok(self.load(id)?.0)
    }

    /// The account of exactly this debtor, also one that was merged and holds nothing any more.
    pub fn account_as_stored(&self, id: &DebtorId) -> Result<Account> {
        Ok(self.load_as_stored(id)?.0)
    }

    /// Every account with its cases, for looking; those of merged debtors hold none.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        let mut accounts = Vec::new();
        for id in self.store.account_ids()? {
            let account = self.account_as_stored(&id)?;
            if !account.is_merged() {
                accounts.push(account);
            }
        }
        Ok(accounts)
    }

    pub fn accounts_with_open_cases(&self) -> Result<Vec<Account>> {
        self.store.account_ids_with_open_cases()?.iter().map(|id| self.account(id)).collect()
    }

    /// Those to whom a letter may come: something of them is open, or they paid and may be thanked.
    pub fn accounts_with_letters_ahead(&self) -> Result<Vec<Account>> {
        let mut ids: BTreeSet<DebtorId> = self.store.account_ids_with_open_cases()?.into_iter().collect();
        ids.extend(self.thanks_awaited()?);
        ids.iter().map(|id| self.account(id)).collect()
    }

    /// The address of the company, as reply tokens are found by it.
    pub(super) fn own_address(&self) -> &OwnAddress {
        self.own_address.get_or_init(|| OwnAddress::new(&self.config.company.email))
    }

    /// Every invoice number of the administration, made ready for finding it in texts: once for each time that an invoice was
    /// filed, by us or by another process.
    pub(super) fn known_numbers(&self) -> Result<Arc<KnownNumbers>> {
        let given = self.store.case_numbers()?;
        Ok(Numbers::known(&mut self.numbers.borrow_mut(), given))
    }

    /// A moment kept in the store's small memory.
    pub fn moment(&self, key: &str) -> Result<Option<DateTime<Utc>>> {
        let text = self.store.meta(key)?;
        Ok(text.and_then(|text| DateTime::parse_from_rfc3339(&text).ok()).map(|at| at.with_timezone(&Utc)))
    }

    /// Text kept in the store's small memory; empty counts as absent.
    pub fn memo(&self, key: &str) -> Result<Option<String>> {
        Ok(self.store.meta(key)?.filter(|text| !text.is_empty()))
    }

    pub fn set_memo(&mut self, key: &str, value: &str) -> Result<()> {
        Ok(self.store.set_meta(key, value)?)
    }
}

/// What the store must know of a case to find it without reading its account.
pub fn case_state(account: &Account, case: &crate::dunning::account::Case) -> CaseState {
    if !case.is_open() {
        CaseState::Closed
    } else if account.hold_on(&case.id).is_some() {
        CaseState::Held
    } else {
        CaseState::Open
    }
}

fn key_from_hex(hex: &str) -> Result<Key> {
    let byte = |at: usize| hex.get(at * 2..at * 2 + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
    let bytes =
        bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).context("the key in the database is damaged")?;
    Ok(Key(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invoice_numbers_are_indexed_anew_when_the_store_gives_others() {
        let (mut kept, first): (_, Arc<[InvoiceNumber]>) = (None, ["2026-1".into()].into());
        let known = Numbers::known(&mut kept, first.clone());
        assert!(Arc::ptr_eq(&known, &Numbers::known(&mut kept, first)));
        let more = Numbers::known(&mut kept, ["2026-1".into(), "2026-2".into()].into());
        assert!(more.contains("2026-2") && !known.contains("2026-2"));
    }
}
