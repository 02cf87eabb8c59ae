//! A round of the postman: everything that is ready is handed over, one mail after another or, where no pace is set
//! and the server is near, each while the one before it is being written down. Decides nothing; the commits are in
//! `postman.rs`.

use super::house::House;
use super::postman::Handed;
use super::world::Surroundings;
use super::writer::{Receipt, Writer};
use crate::failpoints::reach;
use crate::ports::{Delivery, LastQuestion, Outgoing, OutgoingMail};
use anyhow::{Context, Result};
use async_trait::async_trait;
use futures_util::future::join_all;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// So many failures in a row are the server's: the rest is not tried now, or a dead server would keep us for hours.
const FAILURES_IN_A_ROW: usize = 3;
/// Connections at once, at most.
const MOST_CONNECTIONS: usize = 4;
/// How soon a pause between two mails notices that we should stop.
const NAP: Duration = Duration::from_millis(200);
/// In a pause as long as this the connection is not kept.
const HANG_UP: Duration = Duration::from_secs(30);
/// Mails that one commit looks at in search of one that may leave.
const LOOKED_AT: usize = 50;

/// Hands over everything that is ready, until `go_on` says no. Returns how many were accepted.
pub async fn deliver_all(
    writer: &Writer,
    outgoing: &dyn Outgoing,
    pause: Duration,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<usize> {
    let waiting = Waiting(Arc::new(Mutex::new(writer.call(|house| house.ready()).await?.into())));
    let tally = Mutex::new(Tally::default());
    reach("round.listed")?;
    let round = Round { writer, outgoing, pause, go_on, waiting, tally };
    let connections = if pause.is_zero() { outgoing.connections().clamp(1, MOST_CONNECTIONS) } else { 1 };
    let ended = join_all((0..connections).map(|_| round.connection())).await;
    outgoing.rest().await;
    ended.into_iter().collect::<Result<()>>()?;
    Ok(round.tally().accepted)
}

struct Round<'a> {
    writer: &'a Writer,
    outgoing: &'a dyn Outgoing,
    pause: Duration,
    go_on: &'a (dyn Fn() -> bool + Sync),
    waiting: Waiting,
    tally: Mutex<Tally>,
}

/// How the round went so far.
#[derive(Default)]
struct Tally {
    accepted: usize,
    failures: usize,
    over: bool,
}

/// Ids of mails that nobody has looked at in this round.
#[derive(Clone)]
struct Waiting(Arc<Mutex<VecDeque<String>>>);

/// A mail that is ours to send: `sending` is durable.
struct Claimed {
    id: String,
    mail: OutgoingMail,
}

/// What one commit of overlapping mails brought.
struct Stride {
    /// Why the mail that was to get its intent may not leave.
    stopped: Option<String>,
    next: Option<Claimed>,
}

impl Waiting {
    /// The next mail that may leave in these surroundings, claimed; looks at a bounded number of them.
    fn claim(&self, house: &mut House, around: &Surroundings) -> Result<Option<Claimed>> {
        for _ in 0..LOOKED_AT {
            let Some(id) = self.ids().pop_front() else { break };
            if let Some(mail) = house.claim(&id, around)? {
                return Ok(Some(Claimed { id, mail }));
            }
        }
        Ok(None)
    }

    fn ids(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Round<'_> {
    /// One connection's share of the round.
    async fn connection(&self) -> Result<()> {
        let done = self.strictly().await;
        if done.is_err() {
            self.tally().over = true;
        }
        done
    }

    /// One mail at a time, each written down before the next is claimed, and its intent only when all but the dot is there.
    async fn strictly(&self) -> Result<()> {
        while let Some(claimed) = self.claim().await? {
            let handed = self.hand_over(claimed, None).await;
            self.note(&handed);
            self.writer.call(move |house| house.conclude_delivery(&handed)).await?;
            if self.pause.is_zero() && self.goes_well() {
                self.overlapping().await?;
            }
            self.rest().await;
        }
        Ok(())
    }

    /// Neighbouring mails overlap: while one is being handed over, a single commit writes down what became of the one
    /// before it, this one's intent, and the claim of the next. Ends at the first that is not accepted at once.
    async fn overlapping(&self) -> Result<()> {
        let mut current = self.claim().await?;
        let mut before = None;
        while let Some(claimed) = current.take() {
            let mut ahead = Ahead::new(self, before.take(), &claimed.id);
            let handed = self.hand_over(claimed, Some(&mut ahead)).await;
            let stride = ahead.stride().await?;
            self.note(&handed);
            before = Some(handed);
            if !self.goes_well() || !(self.go_on)() {
                return self.finish(before, stride.next).await;
            }
            current = match stride.next {
                Some(next) => Some(next),
                None => self.claim().await?,
            };
        }
        self.finish(before, None).await
    }

    /// Writes down what became of the last one; the one that was claimed already waits again.
    async fn finish(&self, before: Option<Handed>, claimed: Option<Claimed>) -> Result<()> {
        let waiting = self.waiting.clone();
        self.writer
            .call(move |house| {
                before.iter().try_for_each(|handed| house.conclude_delivery(handed))?;
                let Some(claimed) = claimed else { return Ok(()) };
                house.put_back(&claimed.id)?;
                waiting.ids().push_front(claimed.id);
                Ok(())
            })
            .await
    }

    /// `None` at the end of the round.
    async fn claim(&self) -> Result<Option<Claimed>> {
        while !self.tally().over && (self.go_on)() {
            let waiting = self.waiting.clone();
            let claim = move |house: &mut House| waiting.claim(house, &house.surroundings()?);
            if let Some(claimed) = self.writer.call(claim).await? {
                return Ok(Some(claimed));
            }
            if self.waiting.ids().is_empty() {
                break;
            }
        }
        Ok(None)
    }

    async fn hand_over(&self, claimed: Claimed, ahead: Option<&mut Ahead>) -> Handed {
        let mut at_the_dot = AtTheDot { writer: self.writer, id: &claimed.id, ahead, stopped: false };
        let delivery = self.outgoing.deliver(&claimed.mail, &mut at_the_dot).await;
        let stopped = at_the_dot.stopped;
        let handed = Handed { id: claimed.id, delivery, stopped };
        self.writer.owe(&handed);
        handed
    }

    /// What the outcome means for the rest of the round. A mail that we stopped ourselves says nothing of the server.
    fn note(&self, handed: &Handed) {
        let mut tally = self.tally();
        match &handed.delivery {
            Delivery::Later { .. } if handed.stopped => {}
            Delivery::Later { lane, .. } => {
                tally.failures += 1;
                tally.over |= *lane || tally.failures >= FAILURES_IN_A_ROW;
            }
            Delivery::Accepted { .. } => {
                tally.accepted += 1;
                tally.failures = 0;
            }
            Delivery::Never { .. } | Delivery::Doubtful { .. } | Delivery::Unknown { .. } => tally.failures = 0,
        }
    }

    /// The last one was accepted, by a server that answers at once.
    fn goes_well(&self) -> bool {
        let tally = self.tally();
        !tally.over && tally.failures == 0 && self.outgoing.is_swift()
    }

    async fn rest(&self) {
        if self.pause >= HANG_UP {
            self.outgoing.rest().await;
        }
        let end = tokio::time::Instant::now() + self.pause;
        while (self.go_on)() && tokio::time::Instant::now() < end {
            tokio::time::sleep_until(end.min(tokio::time::Instant::now() + NAP)).await;
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The commit that runs while a mail is being handed over.
struct Ahead {
    receipt: Option<Receipt<Stride>>,
    stride: Option<Result<Stride>>,
}

impl Ahead {
    fn new(round: &Round<'_>, before: Option<Handed>, id: &str) -> Ahead {
        let (waiting, id) = (round.waiting.clone(), id.to_owned());
        let receipt = round.writer.submit(move |house| {
            before.iter().try_for_each(|handed| house.conclude_delivery(handed))?;
            let around = house.surroundings()?;
            let intended = house.attempt(|house| house.dot_intent(&id, &around));
            let stopped = intended.err().map(|error| format!("{error:#}"));
            Ok(Stride { stopped, next: waiting.claim(house, &around)? })
        });
        Ahead { receipt: Some(receipt), stride: None }
    }

    /// The intent was durable before anybody asked for it: what came in since is not in it.
    fn was_early(&self) -> bool {
        self.receipt.as_ref().is_none_or(Receipt::is_done)
    }

    async fn settle(&mut self) {
        if let Some(receipt) = self.receipt.take() {
            self.stride = Some(receipt.done().await);
        }
    }

    async fn intent(&mut self) -> Result<(), String> {
        self.settle().await;
        match &self.stride {
            Some(Ok(Stride { stopped: None, .. })) => Ok(()),
            Some(Ok(Stride { stopped: Some(why), .. })) => Err(why.clone()),
            Some(Err(error)) => Err(format!("{error:#}")),
            None => Err("BUG: nobody wrote the intent".to_owned()),
        }
    }

    async fn stride(mut self) -> Result<Stride> {
        self.settle().await;
        self.stride.context("BUG: nobody wrote the intent")?
    }
}

/// What is asked just before the final dot: is the intent durable, and may the mail still leave?
struct AtTheDot<'a> {
    writer: &'a Writer,
    id: &'a str,
    /// Where the intent is committed ahead of the question.
    ahead: Option<&'a mut Ahead>,
    /// We said no.
    stopped: bool,
}

#[async_trait]
impl LastQuestion for AtTheDot<'_> {
    async fn ask(&mut self) -> Result<(), String> {
        let answer = self.answer().await;
        self.stopped = answer.is_err();
        answer
    }
}

impl AtTheDot<'_> {
    async fn answer(&mut self) -> Result<(), String> {
        let id = self.id.to_owned();
        let Some(ahead) = self.ahead.as_deref_mut() else {
            return self.on_the_house(move |house| house.dot_intent(&id, &house.surroundings()?)).await;
        };
        let early = ahead.was_early();
        ahead.intent().await?;
        if early { self.on_the_house(move |house| house.look_again(&id, &house.surroundings()?)).await } else { Ok(()) }
    }

    async fn on_the_house(&self, work: impl FnOnce(&mut House) -> Result<()> + Send + 'static) -> Result<(), String> {
        self.writer.call(work).await.map_err(|error| format!("{error:#}"))
    }
}
