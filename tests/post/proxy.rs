//! A line between the daemon and a server that is slow, thin, cut, reset, sliced or dead, each way for itself.

use socket2::SockRef;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

/// What one way of the line does to the bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// Before each piece.
    pub latency: Duration,
    /// Bytes a second.
    pub bandwidth: Option<u32>,
    /// Pieces of so many bytes.
    pub slices: Option<usize>,
    /// After so many bytes of a connection.
    pub after: Option<(usize, End)>,
    /// The end is passed on so much later.
    pub slow_close: Duration,
}

/// How a connection ends, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Eof,
    Reset,
    /// Nothing goes through any more, and nobody is told.
    Hold,
}

pub struct Proxy {
    pub port: u16,
    ways: Arc<Mutex<(Way, Way)>>,
    carried: Arc<[AtomicUsize; 2]>,
    refuses: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

impl Proxy {
    /// `up` is the way to the server.
    pub fn to(server: u16, up: Way, down: Way) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ways = Arc::new(Mutex::new((up, down)));
        let proxy = Proxy { port, ways, carried: Arc::default(), refuses: Arc::default(), ended: Arc::default() };
        let (ways, carried) = (proxy.ways.clone(), proxy.carried.clone());
        let (refuses, ended) = (proxy.refuses.clone(), proxy.ended.clone());
        spawn(move || {
            for client in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                if refuses.load(Ordering::SeqCst) {
                    continue;
                }
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", server))) else { continue };
                let (up, down) = *ways.lock().unwrap();
                join(&client, &server, [up, down], &carried);
            }
        });
        proxy
    }

    /// Connections end as soon as they begin.
    pub fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Bytes that went up and down so far.
    pub fn carried(&self) -> (usize, usize) {
        (self.carried[0].load(Ordering::SeqCst), self.carried[1].load(Ordering::SeqCst))
    }

    /// From the next connection on.
    pub fn set(&self, up: Way, down: Way) {
        *self.ways.lock().unwrap() = (up, down);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn join(client: &TcpStream, server: &TcpStream, ways: [Way; 2], carried: &Arc<[AtomicUsize; 2]>) {
    for (at, (from, to)) in [(client, server), (server, client)].into_iter().enumerate() {
        let (from, to, carried) = (from.try_clone().unwrap(), to.try_clone().unwrap(), carried.clone());
        let way = ways[at];
        to.set_nodelay(true).unwrap();
        spawn(move || {
            // An error is an end like any other: of the other side.
            let _ = pump(&from, &to, way, &carried[at]);
        });
    }
}

fn pump(mut from: &TcpStream, mut to: &TcpStream, way: Way, carried: &AtomicUsize) -> std::io::Result<()> {
    let (mut piece, mut gone) = (vec![0; 16_384], 0);
    loop {
        let size = from.read(&mut piece)?;
        if size == 0 {
            sleep(way.slow_close);
            return to.shutdown(Shutdown::Write);
        }
        for slice in piece[..size].chunks(way.slices.unwrap_or(size)) {
            sleep(way.latency + way.bandwidth.map_or(Duration::ZERO, |rate| takes(slice.len(), rate)));
            let left = way.after.map_or(slice.len(), |(most, _)| slice.len().min(most - gone));
            to.write_all(&slice[..left])?;
            gone += left;
            carried.fetch_add(left, Ordering::SeqCst);
            if let Some((_, end)) = way.after.filter(|(most, _)| gone >= *most) {
                return finish(from, to, end);
            }
        }
    }
}

fn takes(bytes: usize, a_second: u32) -> Duration {
    Duration::from_secs_f64(bytes as f64 / f64::from(a_second))
}

fn finish(mut from: &TcpStream, to: &TcpStream, end: End) -> std::io::Result<()> {
    match end {
        End::Eof => {
            to.shutdown(Shutdown::Both)?;
            from.shutdown(Shutdown::Both)
        }
        End::Reset => {
            for side in [from, to] {
                SockRef::from(side).set_linger(Some(Duration::ZERO))?;
                // Wakes the other pump, whose copy of the socket keeps it open.
                side.shutdown(Shutdown::Read)?;
            }
            Ok(())
        }
        End::Hold => {
            while from.read(&mut [0; 4096])? > 0 {}
            to.shutdown(Shutdown::Write)
        }
    }
}
