//! What no honest registry does. Here the registry is the attacker, so it is the test's own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use roro::plugin::registry::{Access, Client, Error, Login, Options, Repository, Target, pull};

/// Answers every request with what `answer` makes of it, and tells what was asked.
fn attacker(answer: impl Fn(&[String], &mut TcpStream) + Send + 'static) -> (String, Receiver<Vec<String>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let lines: Vec<String> =
                BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            if tell.send(lines.clone()).is_err() {
                return;
            }
            answer(&lines, &mut stream);
        }
    });
    (address, told)
}

fn client(address: &str, networks: Option<Vec<ipnet::IpNet>>, login: bool) -> Client {
    let repository: Repository = format!("{address}/a/b").parse().unwrap();
    let login = login.then(|| Login { username: "reader".to_owned(), password: "secret".to_owned() });
    Client::open(&repository, &Options { plain_http: true, login, networks }, Access::Pull).unwrap()
}

fn is_login(line: &str) -> bool {
    line.to_lowercase().starts_with("authorization:")
}

async fn refused(client: &Client) -> Error {
    pull(client, Some(&Target::Tag("1.0.0".to_owned())), &|_| ()).await.unwrap_err()
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n";

/// Without end, until nobody listens.
fn flood(stream: &mut TcpStream) {
    while stream.write_all(&[b' '; 65_536]).is_ok() {}
}

#[tokio::test]
async fn an_answer_without_end_is_left_at_its_limit() {
    let (address, _told) = attacker(|_, stream| {
        stream.write_all(format!("{HEAD}\r\n").as_bytes()).unwrap();
        flood(stream);
    });
    let error = refused(&client(&address, None, false)).await;
    assert!(matches!(error, Error::TooLarge { bytes_max: 1_048_576, .. }), "{error}");

    // Also the answer of the sign-in, and what an error says.
    let (service, _told) = attacker(|_, stream| {
        stream.write_all(format!("{HEAD}\r\n").as_bytes()).unwrap();
        flood(stream);
    });
    let (address, _told) = attacker(move |_, stream| {
        let challenge = format!("Bearer realm=\"http://{service}/token\"");
        let head = format!(
            "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: {challenge}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
    });
    let error = refused(&client(&address, None, false)).await;
    assert!(matches!(error, Error::TooLarge { bytes_max: 1_048_576, .. }), "{error}");

    let (address, _told) = attacker(|_, stream| {
        stream.write_all(b"HTTP/1.1 500 Broken\r\nconnection: close\r\n\r\n").unwrap();
        flood(stream);
    });
    let started = Instant::now();
    let error = refused(&client(&address, None, false)).await;
    assert!(matches!(error, Error::Answer { status: 500, .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_login_goes_to_the_registry_and_nowhere_else() {
    let (other, told_other) = attacker(|_, stream| {
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    });
    let (address, told) = attacker(move |lines, stream| {
        // First it asks who comes; who comes with a password is led on.
        let head = match lines.iter().any(|line| is_login(line)) {
            false => "401 Who\r\nwww-authenticate: Basic realm=\"x\"".to_owned(),
            true if lines[0].contains("/manifests/1.0.0 ") => format!("307 Elsewhere\r\nlocation: http://{other}/elsewhere"),
            true => "404 Not Found".to_owned(),
        };
        stream.write_all(format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    });
    let error = refused(&client(&address, None, true)).await;
    assert!(matches!(error, Error::NoTag { .. }), "{error}");
    let asked = told_other.try_iter().flatten().collect::<Vec<_>>();
    assert!(asked.iter().any(|line| line.starts_with("GET /elsewhere")), "{asked:?}");
    assert!(!asked.iter().any(|line| is_login(line)), "{asked:?}");
    assert!(
        told.try_iter().flatten().any(|line| line.ends_with(" Basic cmVhZGVyOnNlY3JldA==")),
        "the registry itself had the login"
    );
}

#[tokio::test]
async fn a_registry_cannot_lead_a_server_into_its_own_network() {
    // Where the registry itself is, its operator has chosen; where it leads, nobody has.
    for to in
        ["http://127.0.0.2:9/x", "http://localhost:9/x", "http://10.0.0.1/x", "http://[::1]:9/x", "http://169.254.169.254/x"]
    {
        let (address, _told) = attacker(move |_, stream| {
            let head = format!("HTTP/1.1 307 Elsewhere\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
        });
        let error = refused(&client(&address, Some(Vec::new()), false)).await;
        assert!(matches!(error, Error::Private { .. }), "{to}: {error}");
    }
    let (address, _told) = attacker(|_, stream| {
        let head = "HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.2:9/x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
    });
    let allowed = Some(vec!["127.0.0.0/8".parse().unwrap()]);
    let error = refused(&client(&address, allowed, false)).await;
    assert!(matches!(error, Error::Unreachable { .. }), "nothing listens there, and it was tried: {error}");
    let (address, told) = attacker(|_, stream| {
        let head = "HTTP/1.1 307 Elsewhere\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
    });
    let error = refused(&client(&address, None, false)).await;
    assert!(matches!(error, Error::Answer { status: 307, .. }), "{error}");
    assert_eq!(told.try_iter().count(), 6, "once, and five times led on");
}
