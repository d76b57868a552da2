//! Small commands of `roro` that need no server: completions of shells, and the settings as they count.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn roro(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roro"));
    command.args(arguments).env_remove("RORO__DATABASE__URL").env_remove("RORO_DATA_DIR");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn run(arguments: &[&str], code: i32) -> Output {
    let output = roro(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    output
}

#[test]
fn every_shell_gets_completions_that_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = text(&run(&["completions", shell], 0).stdout);
        for word in
            ["completions", "rollback", "--tenant"].map(|word| if shell == "fish" { word.trim_start_matches('-') } else { word })
        {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
        assert!(!script.contains("compile-component"), "{shell} shows a command that is not for people");
    }
    let help = text(&run(&["--help"], 0).stdout);
    assert!(help.contains("completions"), "{help}");
    run(&["completions", "tcsh"], 2);
}

#[test]
fn bash_takes_its_completions() {
    let script = run(&["completions", "bash"], 0).stdout;
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(&script).unwrap();
    let ended = bash.wait_with_output().unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{}", text(&ended.stderr));
}

#[test]
fn the_settings_are_shown_as_they_count_and_secrets_are_not() {
    let file = std::env::temp_dir().join(format!("roro-config-{}.toml", std::process::id()));
    std::fs::write(&file, "[http]\nrequests_max = 9\n[cache]\nredis_url = \"redis://:sesame@localhost\"\n").unwrap();
    let arguments =
        ["config", "show", "--json", "--config", file.to_str().unwrap(), "--database", "postgres://roro:sesame@db/roro"];
    let shown = roro(&arguments).env("RORO__HTTP__LISTEN", "127.0.0.1:9").output().unwrap();
    let table = roro(&["config", "show", "--config", file.to_str().unwrap()]).output().unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    let said: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let setting = |key: &str| said["settings"].as_array().unwrap().iter().find(|one| one["key"] == key).unwrap().clone();
    let listen = setting("http.listen");
    assert_eq!(
        (&listen["value"], &listen["from"], &listen["place"]),
        (&"127.0.0.1:9".into(), &"environment".into(), &"RORO__HTTP__LISTEN".into())
    );
    let requests = setting("http.requests_max");
    assert_eq!((&requests["value"], &requests["from"], &requests["unit"]), (&9.into(), &"file".into(), &"count".into()));
    assert!(requests["place"].as_str().unwrap().ends_with(".toml:2"), "{requests}");
    let url = setting("database.url");
    assert_eq!((&url["set"], &url["value"], &url["place"]), (&true.into(), &Value::Null, &"--database".into()));
    assert_eq!(
        (&setting("http.drain_ms_max")["unit"], &setting("http.drain_ms_max")["from"]),
        (&"milliseconds".into(), &"default".into())
    );
    assert!(said["problems"].as_array().unwrap().is_empty(), "{said}");
    let table = text(&table.stdout);
    let redis = table.lines().find(|line| line.starts_with("cache.redis_url")).unwrap();
    assert!(redis.contains(" set ") && redis.contains("file "), "{redis}");
    assert!(!text(&shown.stdout).contains("sesame") && !table.contains("sesame"));
}

#[test]
fn every_problem_of_the_settings_is_said_at_once() {
    let mut command = roro(&["config", "show"]);
    command.env("RORO__HTTP__LISTENN", "x").env("RORO__HTTP__REQUESTS_MAX", "many").env("RORO__LOG__FILTER", "=,=");
    command.env("RORO__PLUGINS__TRUSTED_KEYS", "[\"nonsense\"]").env("RORO__METRICS__LISTEN", "here");
    let output = command.output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for place in
        ["RORO__HTTP__LISTENN: ", "RORO__HTTP__REQUESTS_MAX: ", "log.filter: ", "plugins.trusted_keys: ", "metrics.listen: "]
    {
        assert!(said.contains(&format!("error: {place}")), "{place} is not in\n{said}");
    }
    assert_eq!(said.matches("    fix: ").count(), 5, "{said}");
    assert!(text(&output.stdout).contains("http.requests_max"), "what counts is shown all the same");
    let missing = run(&["config", "show", "--json", "--config", "/nothing/here.toml"], 2);
    let said: Value = serde_json::from_slice(&missing.stdout).unwrap();
    assert_eq!((said["problems"].as_array().unwrap().len(), &said["problems"][0]["place"]), (1, &"/nothing/here.toml".into()));
}
