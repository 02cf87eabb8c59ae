//! A wire between the daemon and a server that can be cut and can be slow. It sees only what TLS shows: sizes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

/// A piece of this size is part of a letter, not a command.
const LARGE: usize = 2_000;

#[derive(Clone, Copy, Default)]
pub struct Slowness {
    /// Before each piece, both ways.
    pub always: Duration,
    /// Before the answer to a large piece: the server thinks about the mail that it was given.
    pub after_mail: Duration,
}

pub struct Line {
    pub port: u16,
    /// Mails that went over it so far.
    pub mails: Arc<AtomicUsize>,
    up: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    pub fn to(server: u16, slowness: Slowness) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let line = Line { port, mails: Arc::default(), up: Arc::new(AtomicBool::new(true)), open: Arc::default() };
        let (mails, up, open) = (line.mails.clone(), line.up.clone(), line.open.clone());
        spawn(move || keep(listener, server, slowness, &mails, &up, &open));
        line
    }

    /// Nobody answers any more, and what was connected is cut.
    pub fn cut(&self) {
        self.up.store(false, Ordering::SeqCst);
        sleep(Duration::from_millis(100));
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub fn mend(&self) {
        self.up.store(true, Ordering::SeqCst);
    }
}

/// Connections are refused while the line is down: there is no listener then.
fn keep(
    listener: TcpListener,
    server: u16,
    slowness: Slowness,
    mails: &Arc<AtomicUsize>,
    up: &AtomicBool,
    open: &Mutex<Vec<TcpStream>>,
) {
    let address = listener.local_addr().unwrap();
    let mut listening = Some(listener);
    loop {
        if !up.load(Ordering::SeqCst) {
            listening = None;
        } else if listening.is_none() {
            listening = TcpListener::bind(address).ok();
        }
        if let Some(listener) = &listening {
            listener.set_nonblocking(true).unwrap();
            if let Ok((client, _)) = listener.accept() {
                client.set_nonblocking(false).unwrap();
                if let Ok(server) = TcpStream::connect(("127.0.0.1", server)) {
                    open.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                    join(client, server, slowness, mails.clone());
                }
            }
        }
        sleep(Duration::from_millis(10));
    }
}

fn join(client: TcpStream, server: TcpStream, slowness: Slowness, mails: Arc<AtomicUsize>) {
    let mail_given = Arc::new(AtomicBool::new(false));
    let (given, from, to) = (mail_given.clone(), client.try_clone().unwrap(), server.try_clone().unwrap());
    spawn(move || {
        pump(from, to, |size| {
            if size > LARGE && !given.swap(true, Ordering::SeqCst) {
                mails.fetch_add(1, Ordering::SeqCst);
            }
            slowness.always
        });
    });
    spawn(move || {
        pump(server, client, |_| {
            let thinks = if mail_given.swap(false, Ordering::SeqCst) { slowness.after_mail } else { Duration::ZERO };
            slowness.always + thinks
        });
    });
}

fn pump(mut from: TcpStream, mut to: TcpStream, mut pause: impl FnMut(usize) -> Duration) {
    let mut piece = [0; 65_536];
    while let Ok(size @ 1..) = from.read(&mut piece) {
        sleep(pause(size));
        if to.write_all(&piece[..size]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
