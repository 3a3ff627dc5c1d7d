use std::fs;

use super::*;

const SOUND: &str = r#"
[server]
issuer = "https://compte.example"
[database]
url = "sqlite:preau.db"
[secrets]
master_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
"#;

fn with(line: &str) -> String {
    format!("{SOUND}{line}\n")
}

fn told(text: &str) -> String {
    Config::parse(text).unwrap_err().to_string()
}

fn from(environment: &[(&str, &str)], file: Option<&str>) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("preau.toml");
    fs::write(&path, file.unwrap_or_default()).unwrap();
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Config::load(&Sources {
        file: file.map(|_| path),
        environment: environment.iter().map(pair).collect(),
    })
}

#[test]
fn three_settings_are_enough() {
    let config = Config::parse(SOUND).unwrap();
    assert_eq!(config.server.listen, ["127.0.0.1:8080".parse().unwrap()]);
    assert_eq!(config.tokens.code.0, 60);
    assert!(config.redis.url.is_none());
}

#[test]
fn a_variable_wins_over_the_file() {
    let variables = [
        ("PREAU__SERVER__ISSUER", "https://other.example"),
        ("PREAU__SERVER__LISTEN", "127.0.0.1:1, [::1]:1"),
        ("PREAU__TOKENS__CODE", "30"),
        ("PREAU_CONFIG", "ignored"),
    ];
    let config = from(&variables, Some(SOUND)).unwrap();
    assert_eq!(config.server.issuer, "https://other.example");
    assert_eq!(config.server.listen.len(), 2);
    assert_eq!(config.tokens.code.0, 30);
}

#[test]
fn variables_alone_are_enough_and_texts_of_digits_stay_texts() {
    let variables = [
        ("PREAU__SERVER__ISSUER", "http://localhost:8080"),
        ("PREAU__DATABASE__URL", "sqlite:preau.db"),
        (
            "PREAU__SECRETS__MASTER_KEY",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ),
        ("PREAU__ACCESSIBILITY__OPERATOR", "2026"),
    ];
    let config = from(&variables, None).unwrap();
    assert_eq!(config.accessibility.operator.as_deref(), Some("2026"));
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("master_key");
    fs::write(&key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").unwrap();
    let named = format!("master_key_file = {:?}", key.to_str().unwrap());
    let sound = SOUND.lines().filter(|line| !line.starts_with("master_key"));
    let text = sound.collect::<Vec<_>>().join("\n") + "\n" + &named;
    assert!(Config::parse(&text).is_ok());

    fs::write(&key, "short\n").unwrap();
    let told = told(&text);
    assert!(
        told.contains("secrets.master_key: must be 32 random bytes"),
        "{told}"
    );
    assert!(
        told.contains("named by secrets.master_key_file in"),
        "{told}"
    );

    let both = told_of_both(&text);
    assert!(both.contains("not both"), "{both}");
}

fn told_of_both(text: &str) -> String {
    told(&format!("{text}\nmaster_key = \"x\""))
}

#[test]
fn a_file_that_is_missing_is_named_with_its_variable() {
    let variables = [("PREAU__SECRETS__MASTER_KEY_FILE", "/nowhere/key")];
    let error = from(&variables, Some(SOUND)).unwrap_err();
    assert_eq!(error.faults[0].key, "secrets.master_key");
    let source = &error.faults[0].source;
    assert_eq!(
        source,
        "/nowhere/key, named by PREAU__SECRETS__MASTER_KEY_FILE"
    );
}

#[test]
fn each_fault_names_its_key_and_source() {
    let variables = [("PREAU__TOKENS__CODE", "61")];
    let error = from(&variables, Some(&with("[session]\nidle = 1"))).unwrap_err();
    let keys: Vec<&str> = error
        .faults
        .iter()
        .map(|fault| fault.key.as_str())
        .collect();
    assert_eq!(keys, ["tokens.code", "session.idle"]);
    assert_eq!(
        error.faults[0].source,
        "environment variable PREAU__TOKENS__CODE"
    );
    assert!(error.faults[1].source.ends_with("preau.toml"));
}

#[test]
fn unknown_settings_are_refused_with_their_source() {
    let told = told(&with("[tokens]\ncodee = 3"));
    assert!(
        told.contains("tokens.codee: there is no such setting; there are code,"),
        "{told}"
    );
    let error = from(&[("PREAU__SERVER__ISSUR", "x")], Some(SOUND)).unwrap_err();
    assert_eq!(error.faults[0].key, "server.issur");
    assert_eq!(
        error.faults[0].source,
        "environment variable PREAU__SERVER__ISSUR"
    );
}

#[test]
fn what_is_missing_is_named() {
    let told = told("");
    assert!(told.contains("server.issuer: must be set"), "{told}");
    assert!(told.contains("PREAU__SERVER__ISSUER"), "{told}");
}

#[test]
fn a_wrong_type_does_not_tell_the_value() {
    let told = told(&with("earlier_master_keys = \"very-secret\""));
    assert!(
        told.contains("secrets.earlier_master_keys: must be"),
        "{told}"
    );
    assert!(!told.contains("very-secret"), "{told}");
}

#[test]
fn broken_toml_is_told_by_its_line_not_its_content() {
    let told = told(&with("x = \"very-secret"));
    assert!(told.contains("line 8 is not TOML"), "{told}");
    assert!(!told.contains("very-secret"), "{told}");
}

#[test]
fn plain_http_is_for_ones_own_machine_alone() {
    for (issuer, sound) in [
        ("http://localhost:8080", true),
        ("http://127.0.0.1:8080", true),
        ("http://[::1]:8080", true),
        ("http://compte.example", false),
        ("http://localhost.example", false),
        ("https://compte.example/", false),
        ("https://compte.example/a", false),
    ] {
        let text = SOUND.replace("https://compte.example", issuer);
        assert_eq!(Config::parse(&text).is_ok(), sound, "{issuer}");
    }
}

#[test]
fn bounds_are_held() {
    for (line, key) in [
        ("[tokens]\ncode = 0", "tokens.code"),
        (
            "[tokens]\nrefresh_token_whole = 60",
            "tokens.refresh_token_whole",
        ),
        ("[passwords]\nmemory_kib = 1024", "passwords.memory_kib"),
        ("[keys]\nkeep_hours = 0", "keys.keep_hours"),
        ("[logs]\nlevel = \"a=b=c\"", "logs.level"),
        ("[logs]\nformat = \"xml\"", "logs.format"),
        ("[redis]\nurl = \"http://a\"", "redis.url"),
        (
            "[accessibility]\nconformity = \"full\"",
            "accessibility.conformity",
        ),
        ("[mail]\nhost = \"m\"", "mail.from"),
        (
            "[mail]\nhost = \"m\"\nfrom = \"a@b.example\"\nsecurity = \"none\"",
            "mail.security",
        ),
        ("[sms]\nurl = \"http://a\"\nsecret = \"s\"", "sms.url"),
        ("[delivery]\nattempts = 0", "delivery.attempts"),
        ("[look]\nlogo = \"/nowhere.svg\"", "look.logo"),
    ] {
        let error = Config::parse(&with(line)).unwrap_err();
        assert_eq!(error.faults[0].key, key, "{line}: {error}");
    }
}

#[test]
fn the_documentation_names_every_setting() {
    let text = documentation();
    for key in [
        "issuer",
        "metrics_listen",
        "certificate_file",
        "master_key",
        "keep_hours",
    ] {
        assert!(text.contains(&format!("| `{key}` |")), "{key}");
    }
}

const UPSTREAM: &str = "[upstream.franceconnect]\nissuer = \"https://fc.example/api/v2\"\n\
                        client_id = \"preau\"\nclient_secret = \"secret\"";

#[test]
fn an_upstream_has_a_section_of_its_name() {
    let config = Config::parse(&with(UPSTREAM)).unwrap();
    let upstream = &config.upstream["franceconnect"];
    assert_eq!(upstream.acr.as_str(), "eidas1");
    assert!(!upstream.pkce);
    let variables = [
        ("PREAU__UPSTREAM__FRANCECONNECT__PATIENCE", "9"),
        ("PREAU__UPSTREAM__FRANCECONNECT__PKCE", "true"),
        ("PREAU__UPSTREAM__FRANCECONNECT__SCOPES", "profile, birth"),
    ];
    let config = from(&variables, Some(&with(UPSTREAM))).unwrap();
    let upstream = &config.upstream["franceconnect"];
    assert_eq!((upstream.patience.0, upstream.pkce), (9, true));
    assert_eq!(upstream.scopes, ["profile", "birth"]);
}

#[test]
fn an_upstream_s_secret_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, "from a file\n").unwrap();
    let file = UPSTREAM.replace(
        "client_secret = \"secret\"",
        &format!("client_secret_file = \"{}\"", path.display()),
    );
    let config = Config::parse(&with(&file)).unwrap();
    let secret = config.upstream["franceconnect"].client_secret.as_ref();
    assert_eq!(secret.unwrap().expose(), "from a file");
}

#[test]
fn an_upstream_may_know_us_by_a_key_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let key = rcgen::KeyPair::generate().unwrap();
    fs::write(&path, key.serialize_pem()).unwrap();
    let file = UPSTREAM.replace(
        "client_secret = \"secret\"",
        &format!("client_key_file = \"{}\"", path.display()),
    );
    let config = Config::parse(&with(&file)).unwrap();
    let upstream = &config.upstream["franceconnect"];
    assert!(upstream.client_key.is_some() && upstream.client_secret.is_none());
}

#[test]
fn an_upstream_may_encrypt_for_a_key_that_does_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let path = folder.path().join(name);
        let key = rcgen::KeyPair::generate().unwrap();
        fs::write(&path, key.serialize_pem()).unwrap();
        format!("{name}_file = \"{}\"\n", path.display())
    };
    let (own, current, beside) = (
        write("client_key"),
        write("encryption_key"),
        write("encryption_key_beside"),
    );
    let upstream = |keys: &str| with(&UPSTREAM.replace("client_secret = \"secret\"", keys));
    let config = Config::parse(&upstream(&format!("{own}{current}{beside}"))).unwrap();
    let parsed = &config.upstream["franceconnect"];
    assert!(parsed.encryption_key.is_some() && parsed.encryption_key_beside.is_some());

    let secret = "client_secret = \"s\"\n";
    let twice = own.replace("client_key_file", "encryption_key_file");
    let of_rsa = "encryption_algorithms = [\"RSA-OAEP-256\"]\n";
    for (keys, name) in [
        (format!("{own}{twice}"), "encryption_key:"),
        (format!("{secret}{beside}"), "encryption_key_beside:"),
        (format!("{secret}{current}{of_rsa}"), "encryption_key:"),
        (format!("{secret}encryption_key = \"x\""), "encryption_key:"),
        (
            format!("{secret}encryption_algorithms = [\"RSA1_5\"]"),
            "encryption_algorithms",
        ),
    ] {
        let text = told(&upstream(&keys));
        assert!(
            text.contains(&format!("upstream.franceconnect.{name}")),
            "{text}"
        );
    }
}

#[test]
fn an_operator_s_questions_are_checked_with_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aide.toml");
    let settings = with(&format!("[look]\nhelp_fr = \"{}\"", path.display()));
    let text = told(&settings);
    assert!(text.contains("look.help_fr"), "{text}");
    fs::write(&path, "[[theme]]\ntitle = \"x\"\n").unwrap();
    let text = told(&settings);
    assert!(text.contains("look.help_fr"), "{text}");
    let entry = "[[theme.entry]]\nid = \"a\"\nquestion = \"b\"\nanswer = [\"c\"]\n";
    fs::write(&path, format!("[[theme]]\ntitle = \"x\"\n{entry}")).unwrap();
    assert!(Config::parse(&settings).is_ok());
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of faults")]
fn what_is_wrong_with_an_upstream_is_told_with_its_key() {
    let table = [
        (
            "upstream.franceconnect]",
            "upstream.oauth2]",
            "upstream.oauth2:",
        ),
        (
            "upstream.franceconnect]",
            "upstream.France]",
            "upstream.France:",
        ),
        ("https://fc", "http://fc", "upstream.franceconnect.issuer:"),
        (
            "\"secret\"",
            "\"\"",
            "upstream.franceconnect.client_secret:",
        ),
        (
            "\"secret\"",
            "\"s\"\nacr = \"urn:preau:acr:password\"",
            "upstream.franceconnect.acr:",
        ),
        (
            "\"secret\"",
            "\"s\"\npatience = 0",
            "upstream.franceconnect.patience:",
        ),
        (
            "client_id = \"preau\"\n",
            "",
            "upstream.franceconnect.client_id",
        ),
        (
            "client_secret = \"secret\"",
            "pkce = true",
            "upstream.franceconnect.client_secret:",
        ),
        (
            "client_secret = \"secret\"",
            "client_key = \"-----BEGIN PRIVATE KEY-----\"",
            "upstream.franceconnect.client_key:",
        ),
        (
            "\"secret\"",
            "\"s\"\nclient_key = \"x\"",
            "upstream.franceconnect.client_key:",
        ),
        (
            "\"secret\"",
            "\"s\"\nbutton = \"/nowhere/button.svg\"",
            "upstream.franceconnect.button:",
        ),
        (
            "\"secret\"",
            "\"s\"\nbutton = \"Cargo.toml\"",
            "upstream.franceconnect.button:",
        ),
        (
            "\"secret\"",
            "\"s\"\nbutton_active = \"x.svg\"",
            "upstream.franceconnect.button_active:",
        ),
        (
            "\"secret\"",
            "\"s\"\nmatching = \"e-mail\"",
            "upstream.franceconnect.matching",
        ),
        ("\"secret\"", "\"s\"\nunheard = 1", "unheard"),
    ];
    for (from, to, key) in table {
        let text = told(&with(&UPSTREAM.replacen(from, to, 1)));
        assert!(text.contains(key), "{key}: {text}");
        assert!(!text.contains("secret\""), "{text}");
    }
}
