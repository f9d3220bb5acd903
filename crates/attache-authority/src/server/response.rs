//! An answer as HTTP sends it.

use attache_aws_protocol::call::Answer;
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::{Either, Full};

use crate::laboratory::Wire;

/// A response's body: in one piece, as all are but those that the laboratory spoils.
pub(crate) type ResponseBody = Either<Full<Bytes>, Wire>;

/// An answer as it is.
pub(crate) fn of_answer(answer: Answer) -> Response<ResponseBody> {
    of_parts(answer.status, answer.headers, Either::Left(Full::new(answer.body)))
}

pub(crate) fn of_parts(
    status: u16,
    headers: HeaderMap,
    body: ResponseBody,
) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers;
    response
}
