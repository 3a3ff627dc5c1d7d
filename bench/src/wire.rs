//! One keep-alive connection of HTTP/1.1, as small as the answers that are measured
//! need: lengths are told, nothing is chunked, one request is under way at a time.
//!
//! The generator shares the cores with what it measures, so what it costs itself is a
//! fault of every figure.

use std::{
    fmt::Write as _,
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::fault::Fault;

/// Longer than any answer takes, so that a run ends whatever becomes of the server.
const PATIENCE: Duration = Duration::from_secs(30);
const LONGEST_ANSWER: usize = 1 << 20;

/// A connection to a server on loopback.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        if !address.ip().is_loopback() {
            return Err(Error::other("the generator speaks to loopback alone"));
        }
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a request and reads its whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        let answered = timeout(PATIENCE, self.answered(request)).await;
        let shape = answered.map_err(|_| Error::from(ErrorKind::TimedOut))??;
        let (head, body) = self.buffer.split_at(shape.head);
        let head = std::str::from_utf8(head).map_err(|_| unsound("headers"))?;
        Ok(Answer {
            status: shape.status,
            head,
            body,
        })
    }

    async fn answered(&mut self, request: &[u8]) -> Result<Shape> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let shape = loop {
            self.receive().await?;
            if let Some(shape) = Shape::of(&self.buffer)? {
                break shape;
            }
        };
        while self.buffer.len() < shape.head + shape.body {
            self.receive().await?;
        }
        Ok(shape)
    }

    async fn receive(&mut self) -> Result<()> {
        if self.buffer.len() > LONGEST_ANSWER {
            return Err(unsound("length"));
        }
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

struct Shape {
    status: u16,
    head: usize,
    body: usize,
}

impl Shape {
    /// Nothing while the headers have not ended.
    fn of(bytes: &[u8]) -> Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| unsound("headers"))?;
        let status = head.get(9..12).and_then(|digits| digits.parse().ok());
        let status = status.ok_or_else(|| unsound("status"))?;
        let length = values(head, "content-length").next().map(str::parse);
        let body = match length {
            Some(Ok(length)) => length,
            None if status == 204 || status == 304 => 0,
            Some(Err(_)) | None => return Err(unsound("content-length")),
        };
        Ok(Some(Self {
            status,
            head: end + 4,
            body,
        }))
    }
}

fn unsound(what: &str) -> Error {
    let message = format!("an answer whose {what} the generator does not take");
    Error::new(ErrorKind::InvalidData, message)
}

fn values<'a>(head: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    head.split("\r\n").filter_map(move |line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// An answer, until the next request.
pub(crate) struct Answer<'a> {
    /// Its status.
    pub(crate) status: u16,
    head: &'a str,
    /// Its body.
    pub(crate) body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// The values of a header.
    pub(crate) fn headers(&self, name: &'a str) -> impl Iterator<Item = &'a str> {
        values(self.head, name)
    }

    /// The answer if it has the status that the journey goes on from.
    pub(crate) fn require(
        self,
        step: &'static str,
        status: u16,
    ) -> std::result::Result<Self, Fault> {
        if self.status == status {
            return Ok(self);
        }
        let body: String = String::from_utf8_lossy(self.body)
            .chars()
            .take(200)
            .collect();
        Err(Fault::Answer {
            step,
            status: self.status,
            body,
        })
    }
}

/// A GET, with further header lines, each with its line end.
pub(crate) fn get(host: &str, path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n").into_bytes()
}

/// A POST of a form.
pub(crate) fn post(host: &str, path: &str, headers: &str, form: &str) -> Vec<u8> {
    let mut request = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\n{headers}");
    let length = form.len();
    write!(
        request,
        "content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
    )
    .expect("a string takes all");
    request.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_length_says_so() {
        let head = "HTTP/1.1 303 See Other\r\nLocation: /on\r\ncontent-length: 5\r\n\r\n";
        assert!(Shape::of(&head.as_bytes()[..20]).unwrap().is_none());
        let shape = Shape::of(head.as_bytes()).unwrap().unwrap();
        assert_eq!((shape.status, shape.head, shape.body), (303, head.len(), 5));
        assert_eq!(values(head, "location").next(), Some("/on"));
    }

    #[test]
    fn an_answer_without_length_is_not_guessed_at() {
        assert!(Shape::of(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
