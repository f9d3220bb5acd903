//! What a fault does to an answer's bytes.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use attache_aws_protocol::call::Answer;
use attache_aws_protocol::timestamp::format_http;
use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use http_body_util::Either;
use hyper::body::{Body, Frame, SizeHint};
use time::OffsetDateTime;
use tokio::time::Sleep;

use crate::server::response::{self, ResponseBody};
use crate::server::stream::Ending;

/// How long the first half of a body has to leave, before the connection is cut.
const HALF_SENT: Duration = Duration::from_millis(100);

/// The pieces of a body that is slow.
const PIECES: usize = 10;

/// What is cut where there is no body.
const NOTHING: &[u8] = &[b' '; 64];

/// The page of a gateway whose backend did not answer.
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// The answer of something else that listens at the address.
const FOREIGN: &str = "{\"status\":\"ok\",\"service\":\"portal\"}";

/// What is to be done with an answer's bytes.
#[derive(Debug)]
pub(crate) struct Effect(pub(super) Spoilt);

#[derive(Debug)]
pub(super) enum Spoilt {
    Reset,
    ResetBody,
    TruncatedBody,
    ShortBody,
    SlowBody(Duration),
    Html502,
    Empty200,
    NoContent,
    ForeignJson,
    Date(OffsetDateTime),
}

impl Effect {
    /// The spoilt response; none where the connection is to end before it. `ending` says how.
    pub(crate) fn apply(
        self,
        answer: Answer,
        ending: &Arc<Ending>,
    ) -> Option<Response<ResponseBody>> {
        let whole = |status, kind: Option<&'static str>, body: &'static str| {
            // Nothing of the service's: it did not answer.
            let mut headers = HeaderMap::new();
            if let Some(kind) = kind {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            }
            let body = Bytes::from_static(body.as_bytes());
            Some(response::of_answer(Answer { status, headers, body }))
        };
        match self.0 {
            Spoilt::Reset => {
                ending.reset();
                None
            }
            Spoilt::ResetBody => Some(Wire::cut(answer, End::Reset(Arc::clone(ending)))),
            Spoilt::TruncatedBody => Some(Wire::cut(answer, End::InChunk(Arc::clone(ending)))),
            Spoilt::ShortBody => Some(Wire::cut(answer, End::Short)),
            Spoilt::SlowBody(duration) => Some(Wire::slow(answer, duration)),
            Spoilt::Html502 => whole(502, Some("text/html"), BAD_GATEWAY),
            Spoilt::Empty200 => whole(200, None, ""),
            Spoilt::NoContent => whole(204, None, ""),
            Spoilt::ForeignJson => whole(200, Some("application/json"), FOREIGN),
            Spoilt::Date(now) => {
                let mut response = response::of_answer(answer);
                if let Ok(date) = HeaderValue::from_str(&format_http(now)) {
                    response.headers_mut().insert(DATE, date);
                }
                Some(response)
            }
        }
    }
}

/// A body that does not come in one piece: in several with pauses between them, or not to its end.
#[derive(Debug)]
pub(crate) struct Wire {
    pieces: VecDeque<(Duration, Bytes)>,
    pause: Option<Pin<Box<Sleep>>>,
    /// The bytes that are still announced; none of a body that is chunked.
    announced: Option<u64>,
    end: End,
}

#[derive(Debug)]
enum End {
    Clean,
    /// There is no second half, and the connection is closed.
    Short,
    /// There is no second half, and the connection is reset.
    Reset(Arc<Ending>),
    /// The second half is a chunk in whose middle the connection is closed.
    InChunk(Arc<Ending>),
}

impl Wire {
    /// A body that ends in its middle.
    fn cut(answer: Answer, end: End) -> Response<ResponseBody> {
        let Answer { status, headers, mut body } = answer;
        if body.is_empty() {
            body = Bytes::from_static(NOTHING);
        }
        let (length, first) = (body.len() as u64, body.split_to(body.len() / 2));
        let (announced, second) = match end {
            End::InChunk(_) => (None, body),
            _ => (Some(length), Bytes::new()),
        };
        let pieces = VecDeque::from([(Duration::ZERO, first), (HALF_SENT, second)]);
        let cut = Self { pieces, pause: None, announced, end };
        response::of_parts(status, headers, Either::Right(cut))
    }

    fn slow(answer: Answer, duration: Duration) -> Response<ResponseBody> {
        let Answer { status, headers, mut body } = answer;
        let announced = Some(body.len() as u64);
        let size = body.len().div_ceil(PIECES).max(1);
        let pause = duration / u32::try_from(body.len().div_ceil(size)).unwrap_or(1).max(1);
        let mut pieces = VecDeque::new();
        while !body.is_empty() {
            pieces.push_back((pause, body.split_to(size.min(body.len()))));
        }
        let slow = Self { pieces, pause: None, announced, end: End::Clean };
        response::of_parts(status, headers, Either::Right(slow))
    }
}

impl Body for Wire {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            match self.pieces.front_mut() {
                Some((pause, _)) if !pause.is_zero() => {
                    let pause = std::mem::take(pause);
                    self.pause = Some(Box::pin(tokio::time::sleep(pause)));
                }
                Some(_) => match self.pieces.pop_front() {
                    Some((_, piece)) if !piece.is_empty() => {
                        if let End::InChunk(ending) = &self.end
                            && self.pieces.is_empty()
                        {
                            ending.cut();
                        }
                        let sent = piece.len() as u64;
                        self.announced = self.announced.map(|left| left.saturating_sub(sent));
                        return Poll::Ready(Some(Ok(Frame::data(piece))));
                    }
                    _ => {}
                },
                None => {
                    match &self.end {
                        // An error would keep the chunk from being written: the stream is cut instead.
                        End::Clean | End::InChunk(_) => return Poll::Ready(None),
                        End::Short => {}
                        End::Reset(ending) => ending.reset(),
                    }
                    let error = io::Error::other("the laboratory cuts the answer");
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && self.pause.is_none() && matches!(self.end, End::Clean)
    }

    fn size_hint(&self) -> SizeHint {
        self.announced.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
