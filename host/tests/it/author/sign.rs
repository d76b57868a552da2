//! Keys, signatures, and why a package is refused.

use std::os::unix::fs::PermissionsExt as _;

use roro::plugin::package::{self, Package};

use super::{Desk, GUARD, Ran};

/// A desk with a package `a.tar` and a key; the public key.
fn packed(test: &str) -> (Desk, String) {
    let desk = Desk::with_guard(test);
    desk.run(&["plugin", "pack", GUARD, "--out", "a.tar"]).done();
    let key = key(&desk, "private.key");
    (desk, key)
}

fn key(desk: &Desk, file: &str) -> String {
    desk.run(&["plugin", "keygen", "--out", file]).done().out.trim().to_owned()
}

/// It was refused with this code, and says where more stands.
fn refused(ran: Ran, code: &str) {
    let ran = ran.ends(1);
    ran.has_said(&[&format!("is refused ({code})")]);
    assert_eq!(ran.fix(), format!("What that means: roro plugin explain {code}"));
}

#[test]
fn a_package_is_refused_for_each_reason_with_its_code() {
    let (desk, trusted) = packed("refused");
    let stranger = key(&desk, "other.key");
    let verify = |file: &str, key: &str, we: &str| desk.run(&["plugin", "verify", file, "--trust", key, "--as", we]);
    refused(verify("a.tar", &trusted, "tenant:acme"), "unsigned");
    desk.run(&["plugin", "sign", "a.tar", "--key", "private.key", "--audience", "tenant:acme", "--out", "signed.tar"]).done();
    verify("signed.tar", &trusted, "tenant:acme").done().has_said(&["verified acme-guard 0.1.0: key "]);
    refused(verify("signed.tar", &stranger, "tenant:acme"), "untrusted-key");
    refused(verify("signed.tar", &trusted, "tenant:umbrella"), "wrong-audience");
    refused(desk.run(&["plugin", "verify", "signed.tar", "--trust", &trusted]), "wrong-audience");

    // Somebody edits the package and keeps the signature.
    let stored = package::read_path(&desk.path("signed.tar"), None).unwrap();
    let text = stored.package.manifest_text.replace("Your firm", "Another firm");
    let edited = Package { manifest_text: text, ..stored.package.clone() };
    let mut archive = Vec::new();
    edited.image(GUARD, &"0.1.0".parse().unwrap()).unwrap().write_archive(&stored.envelopes, &mut archive).unwrap();
    std::fs::write(desk.path("edited.tar"), archive).unwrap();
    refused(verify("edited.tar", &trusted, "tenant:acme"), "tampered");
    let said = desk.run(&["plugin", "verify", "edited.tar", "--trust", &trusted, "--json"]).ends(1).json();
    assert_eq!((&said["verified"], &said["code"]), (&false.into(), &"tampered".into()));

    // A byte on the way is no signature's matter: the archive is not whole.
    let mut bytes = std::fs::read(desk.path("signed.tar")).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(desk.path("damaged.tar"), bytes).unwrap();
    verify("damaged.tar", &trusted, "tenant:acme").ends(2);
}

#[test]
fn signatures_are_added_and_one_that_holds_is_enough() {
    let (desk, first) = packed("several");
    let second = key(&desk, "second.key");
    desk.run(&["plugin", "sign", "a.tar", "--key", "private.key", "--audience", "installation:tokyo"]).done();
    let signed = desk.run(&["plugin", "sign", "a.tar", "--key", "second.key", "--valid-days", "1", "--json"]).done().json();
    assert_eq!((&signed["signatures"], &signed["audience"]), (&2.into(), &serde_json::json!(["*"])));
    for (key, we, code) in [(&first, "installation:tokyo", 0), (&second, "tenant:any", 0), (&first, "tenant:any", 1)] {
        desk.run(&["plugin", "verify", "a.tar", "--trust", key, "--as", we]).ends(code);
    }
    desk.run(&["plugin", "verify", "a.tar", "--trust", &first, "--trust", &second]).done();
    desk.run(&["plugin", "sign", "a.tar", "--key", "second.key", "--valid-days", "0"]).ends(2);
    desk.run(&["plugin", "sign", "a.tar", "--key", "second.key", "--audience", "acme"]).ends(2).has_said(&["tenant:NAME"]);
}

#[test]
fn a_private_key_is_its_owners_alone_never_overwritten_and_never_shown() {
    let (desk, public) = packed("keys");
    let mode = std::fs::metadata(desk.path("private.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let private = desk.read("private.key");
    let again = desk.run(&["plugin", "keygen", "--out", "private.key"]).ends(2);
    again.has_said(&["private.key is there already"]);
    assert_eq!(desk.read("private.key"), private);
    // Given where the public one belongs: it must not be on the screen.
    let mistaken = desk.run(&["plugin", "verify", "a.tar", "--trust", private.trim()]).ends(2);
    assert!(
        !mistaken.err.contains(private.trim()) && mistaken.err.contains("a private key where a public key belongs"),
        "{mistaken:#?}"
    );
    desk.write("public.key", &public);
    desk.run(&["plugin", "sign", "a.tar", "--key", "public.key"]).ends(2).has_said(&["this is no private key"]);
    std::fs::set_permissions(desk.path("private.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    desk.run(&["plugin", "sign", "a.tar", "--key", "private.key"]).done().has_said(&["chmod 600 private.key"]);
}
