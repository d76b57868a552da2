//! `roro:host/fetch`: an answer that the host has, or a plan that it makes between two rounds of the call.

use roro_engine::Denied;
use roro_engine::ImportResult;
use roro_engine::bindings::contract::roro::host::fetch::{Answer, Error, Header, Host, Method, Request};

use super::answers::Answers;
use crate::action::{self, FetchError, FetchRequest};
use crate::kernel::outbound::host_of;
use crate::plugin::manifest::GrantName;

const IMPORT: &str = "roro:host/fetch";
/// The most requests of one call, all rounds together.
const REQUESTS_MAX: usize = 8;
/// The largest body of a request, bytes.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// The most headers of a request.
const HEADERS_MAX: usize = 20;
/// The longest header, bytes.
const HEADER_BYTES_MAX: usize = 4_096;
/// The longest time that an answer counts, seconds.
const REUSE_SECONDS_MAX: u32 = 86_400;
/// Headers that the host writes itself, or that would speak for it.
const HEADERS_OF_THE_HOST: [&str; 9] =
    ["connection", "content-length", "expect", "forwarded", "host", "proxy-authorization", "te", "transfer-encoding", "upgrade"];

impl Host for Answers {
    fn send(&mut self, request: Request) -> ImportResult<Result<Answer, Error>> {
        self.must_have(GrantName::Fetch, IMPORT)?;
        if let Some(why) = wrong(&request) {
            return Ok(Err(Error::Invalid(why)));
        }
        let host = host_of(&request.url).unwrap_or_default();
        let is_listed = self.asking.as_ref().is_some_and(|plugin| plugin.fetch_hosts.iter().any(|listed| matches(listed, &host)));
        if !is_listed {
            return Err(Denied::new(GrantName::Fetch.as_str(), "a host that plugin.toml does not list").into());
        }
        let plan = planned(request);
        let digest = plan.digest();
        let call = self.call()?;
        if let Some(answered) = call.fetches.get(&digest) {
            return Ok(match answered.clone() {
                Ok(answer) => {
                    self.moved(answer.body.len());
                    Ok(told(answer))
                }
                Err(error) => Err(refused(error)),
            });
        }
        let is_planned = call.plans.iter().any(|one| one.digest() == digest);
        if !is_planned && (!call.may_plan || call.fetches.len() + call.plans.len() >= REQUESTS_MAX) {
            return Ok(Err(Error::TooMany));
        }
        if !is_planned {
            call.plans.push(plan);
        }
        Ok(Err(Error::Pending))
    }
}

/// Whether a host is one of a list's entry: the name itself, or every name below it.
fn matches(listed: &str, host: &str) -> bool {
    match listed.strip_prefix("*.") {
        Some(parent) => host.strip_suffix(parent).is_some_and(|below| below.len() > 1 && below.ends_with('.')),
        None => listed == host,
    }
}

/// What is wrong with a request, as far as its text says.
fn wrong(request: &Request) -> Option<String> {
    if host_of(&request.url).is_none() {
        return Some("the url is no address; write one that begins with https://".to_owned());
    }
    if request.body.len() > BODY_BYTES_MAX {
        return Some(format!("the body has more than {BODY_BYTES_MAX} bytes"));
    }
    if request.method == Method::Get && !request.body.is_empty() {
        return Some("a get has no body".to_owned());
    }
    if request.headers.len() > HEADERS_MAX {
        return Some(format!("there are more than {HEADERS_MAX} headers"));
    }
    let bad = request.headers.iter().find(|header| !is_header(header))?;
    let name: String = bad.name.chars().filter(|one| !one.is_control()).take(60).collect();
    Some(format!("the header `{name}` cannot be sent by a plugin"))
}

fn is_header(header: &Header) -> bool {
    let name = header.name.to_ascii_lowercase();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty()
        && name.bytes().all(is_token)
        && !HEADERS_OF_THE_HOST.contains(&name.as_str())
        && header.name.len() + header.value.len() <= HEADER_BYTES_MAX
        && header.value.bytes().all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte))
}

fn planned(request: Request) -> FetchRequest {
    FetchRequest {
        method: match request.method {
            Method::Get => action::Method::Get,
            Method::Post => action::Method::Post,
        },
        url: request.url,
        headers: request.headers.into_iter().map(|header| (header.name.to_ascii_lowercase(), header.value)).collect(),
        body: request.body,
        reuse_seconds: request.reuse_seconds.min(REUSE_SECONDS_MAX),
    }
}

fn told(answer: action::FetchAnswer) -> Answer {
    let headers = answer.headers.into_iter().map(|(name, value)| Header { name, value }).collect();
    Answer { status: answer.status, headers, body: answer.body }
}

fn refused(error: FetchError) -> Error {
    match error {
        FetchError::Invalid(why) => Error::Invalid(why),
        FetchError::Refused => Error::Refused,
        FetchError::Unreachable => Error::Unreachable,
        FetchError::TimedOut => Error::TimedOut,
        FetchError::TooLarge => Error::TooLarge,
        FetchError::OpenCircuit => Error::OpenCircuit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_hosts_and_not_what_looks_like_them() {
        assert!(matches("api.example.com", "api.example.com"));
        assert!(matches("*.example.com", "a.b.example.com"));
        assert!(matches("*.bureau.example:8443", "one.bureau.example:8443"));
        for (listed, host) in [
            ("api.example.com", "api.example.com:8443"),
            ("api.example.com", "evil-api.example.com"),
            ("*.example.com", "example.com"),
            ("*.example.com", ".example.com"),
            ("*.example.com", "evilexample.com"),
            ("*.example.com", "a.example.com.evil.test"),
            ("*.example.com", "a.example.com:8443"),
        ] {
            assert!(!matches(listed, host), "{listed} {host}");
        }
    }

    #[test]
    fn a_plugin_cannot_write_the_hosts_headers_nor_split_a_line() {
        let header = |name: &str, value: &str| is_header(&Header { name: name.to_owned(), value: value.to_owned() });
        assert!(header("Accept", "application/json") && header("authorization", "Bearer x"));
        for (name, value) in
            [("Host", "a"), ("Content-Length", "1"), ("x\r\ny", "1"), ("x", "1\r\nhost: a"), ("", "a"), ("x y", "1")]
        {
            assert!(!header(name, value), "{name} {value}");
        }
    }
}
