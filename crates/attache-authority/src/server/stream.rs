//! A connection's stream that can end otherwise than in order.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How a connection ends; in order, until something else is said.
#[derive(Debug, Default)]
pub(crate) struct Ending(AtomicU8);

const RESET: u8 = 1;
const CUT: u8 = 2;

impl Ending {
    /// With a reset.
    pub(crate) fn reset(&self) {
        self.0.store(RESET, Ordering::Relaxed);
    }

    /// In the middle of what is written next.
    pub(crate) fn cut(&self) {
        self.0.store(CUT, Ordering::Relaxed);
    }

    fn is(&self, ending: u8) -> bool {
        self.0.load(Ordering::Relaxed) == ending
    }
}

/// A stream that ends as it is told to.
#[derive(Debug)]
pub(super) struct Stream {
    stream: TcpStream,
    ending: Arc<Ending>,
    is_cut: bool,
}

impl Stream {
    pub(super) fn new(stream: TcpStream, ending: Arc<Ending>) -> Self {
        Self { stream, ending, is_cut: false }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.ending.is(RESET) {
            // A stream that does not linger is reset; one that cannot be told so is closed.
            let _best_effort = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.ending.is(CUT) {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        if self.is_cut {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, half));
        self.is_cut = true;
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The end of what is sent, in order, would come before the reset.
        if self.ending.is(RESET) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
