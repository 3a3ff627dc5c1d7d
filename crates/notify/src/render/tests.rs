//! Every message, in every language, by every way that it goes.

use domain::contact::{Channel, EmailAddress, PhoneNumber};

use super::*;
use crate::message::{CATALOGUE, Entry};

const ISSUER: &str = "https://compte.example.org";

/// The one address elsewhere, never the first (guide, section 4.3).
const FRANCE_CONNECT_HELP: &str = "https://franceconnect.gouv.fr/faq";

fn recipient(channel: Channel, language: Language) -> Recipient {
    Recipient {
        account: None,
        address: match channel {
            Channel::Email => Address::Email(EmailAddress::parse("claire@example.org").unwrap()),
            Channel::Sms => Address::Phone(PhoneNumber::parse("+33639980001").unwrap()),
        },
        language,
    }
}

/// Every message as it leaves, with what it was made from.
fn all() -> Vec<(String, Value, Content)> {
    let templates = Templates::embedded(ISSUER, "Préau");
    let mut all = Vec::new();
    for entry in CATALOGUE {
        for (channel, language) in entry
            .channels
            .iter()
            .flat_map(|channel| Language::ALL.map(|language| (*channel, language)))
        {
            let name = format!("{} {} {}", entry.name, language.tag(), channel.as_str());
            let sample = (entry.sample)();
            let content = templates
                .render_value(entry.name, &recipient(channel, language), &sample)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            all.push((name, sample, content));
        }
    }
    all
}

fn text(content: &Content) -> &str {
    match content {
        Content::Email { text, .. } | Content::Sms { text, .. } => text,
    }
}

fn runs_of_digits(text: &str) -> Vec<&str> {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| run.len() >= 6).collect()
}

/// The fields that make rules: `code`, `link`, `identifier`, `identifiers`.
fn field(sample: &Value, name: &str) -> Option<String> {
    let value = sample.get_attr(name).unwrap();
    value.as_str().map(str::to_owned)
}

#[test]
fn every_message_says_something_in_every_language() {
    for (name, _, content) in all() {
        assert!(!text(&content).trim().is_empty(), "{name}");
        if let Content::Email { subject, html, .. } = &content {
            assert!(
                (5..=70).contains(&subject.chars().count()),
                "{name}: {subject}"
            );
            assert!(
                html.starts_with("<!DOCTYPE html>") && html.contains(subject.as_str()),
                "{name}"
            );
        }
    }
}

#[test]
fn the_first_url_of_a_text_is_the_one_to_act_on_and_stands_alone() {
    for (name, sample, content) in all() {
        let urls = text(&content).lines().filter(|line| line.contains("://"));
        let urls: Vec<_> = urls.collect();
        let first = urls.first().copied().unwrap_or(ISSUER);
        let link = field(&sample, "link").unwrap_or_else(|| first.to_owned());
        assert_eq!(first, link, "{name}");
        assert!(
            urls.iter().all(
                |url| (url.starts_with(ISSUER) || *url == FRANCE_CONNECT_HELP)
                    && !url.contains(' ')
            ),
            "{name}"
        );
    }
}

#[test]
fn the_first_run_of_six_digits_is_the_code_where_there_is_one() {
    for (name, sample, content) in all() {
        let code = field(&sample, "code");
        assert_eq!(
            runs_of_digits(text(&content)).first().copied(),
            code.as_deref(),
            "{name}"
        );
    }
}

#[test]
fn each_identifier_stands_alone_on_a_line() {
    for (name, sample, content) in all() {
        let several = sample.get_attr("identifiers").unwrap();
        let several = several
            .try_iter()
            .into_iter()
            .flatten()
            .map(|one| one.to_string());
        for identifier in field(&sample, "identifier").into_iter().chain(several) {
            assert!(
                text(&content).lines().any(|line| line == identifier),
                "{name}"
            );
        }
    }
}

/// The layout of HTML and the closing lines of texts.
fn shared_files() -> impl Iterator<Item = String> {
    let closings = Language::ALL.map(|language| format!("closing.{}.txt", language.tag()));
    closings.into_iter().chain(["layout.html".to_owned()])
}

/// The files that a message must have.
fn files_of(entry: &Entry) -> impl Iterator<Item = String> + use<> {
    let name = entry.name;
    let endings = entry.channels.iter().flat_map(|channel| match channel {
        Channel::Email => ["txt", "html"].as_slice(),
        Channel::Sms => ["sms.txt"].as_slice(),
    });
    endings.flat_map(move |ending| {
        Language::ALL.map(|language| format!("{name}.{}.{ending}", language.tag()))
    })
}

#[test]
fn no_file_is_without_its_message() {
    let known: Vec<String> = shared_files()
        .chain(CATALOGUE.iter().flat_map(files_of))
        .collect();
    for file in FILES.files() {
        let name = file.path().to_str().unwrap();
        assert!(
            known.iter().any(|known| known == name),
            "{name} belongs to no message"
        );
    }
}

#[test]
fn french_punctuation_keeps_to_its_word() {
    for file in FILES
        .files()
        .filter(|file| file.path().to_str().unwrap().contains(".fr."))
    {
        for line in file
            .contents_utf8()
            .unwrap()
            .lines()
            .filter(|line| !line.contains("{%"))
        {
            let loose = [" ;", " :", " ?", " !", " »", "« ", " %", "'"];
            let found = loose.iter().find(|loose| line.contains(**loose));
            assert_eq!(found, None, "{}: {line}", file.path().display());
        }
    }
}

/// A message of the tests alone, with everything that people type in it.
fn greeting(name: &str) -> Result<(Content, Content), RenderError> {
    let environment = environment(ISSUER, "Préau", |file| match file {
        "greeting.fr.txt" => Some("Bonjour {{ name }}\n\nVoici {{ name }}.\n"),
        "greeting.fr.html" => Some("<p title=\"{{ name }}\">{{ name }}</p>"),
        "greeting.fr.sms.txt" => Some("{{ name }}\nest {{ name }}"),
        _ => None,
    });
    let templates = Templates { environment };
    let render = |channel| {
        let recipient = recipient(channel, Language::French);
        templates.render_value("greeting", &recipient, &context! { name })
    };
    Ok((render(Channel::Email)?, render(Channel::Sms)?))
}

#[test]
fn names_are_data_in_every_part() {
    let name = "{{ 7*7 }} ${7*7} <b>%&";
    let (mail, sms) = greeting(name).unwrap();
    let Content::Email {
        subject,
        text: body,
        html,
        ..
    } = mail
    else {
        panic!("an e-mail was asked for");
    };
    assert_eq!(subject, format!("Bonjour {name}"));
    assert_eq!(body, format!("Voici {name}."));
    let escaped = "{{ 7*7 }} ${7*7} &lt;b&gt;%&amp;";
    assert_eq!(html, format!("<p title=\"{escaped}\">{escaped}</p>"));
    assert_eq!(text(&sms), format!("{name}\nest {name}"));
}

#[test]
fn a_name_cannot_end_a_line() {
    for name in [
        "Bob\r\nBcc: eve@example.org",
        "Bob\nhttps://evil.example",
        "a\0b",
        "a\u{85}b",
    ] {
        let refused = greeting(name).unwrap_err();
        assert!(!refused.to_string().contains("evil"), "{refused}");
    }
}

#[test]
fn a_value_that_is_missing_is_a_fault() {
    let templates = Templates::embedded(ISSUER, "Préau");
    let recipient = recipient(Channel::Email, Language::English);
    assert!(
        templates
            .render_value("sign_in_slowed", &recipient, &context! {})
            .is_err()
    );
}

#[test]
fn a_channel_that_a_message_does_not_have_is_a_fault() {
    let templates = Templates::embedded(ISSUER, "Préau");
    let recipient = recipient(Channel::Sms, Language::French);
    let refused = templates.render(&recipient, &crate::messages::SignInSlowed::sample());
    assert!(refused.is_err());
}

#[test]
fn who_lost_an_identifier_has_no_link_to_take_it_back() {
    let templates = Templates::embedded(ISSUER, "Préau");
    let message = crate::messages::AccountsGrouped {
        token: None,
        ..crate::messages::AccountsGrouped::sample()
    };
    for channel in [Channel::Email, Channel::Sms] {
        for language in Language::ALL {
            let content = templates.render(&recipient(channel, language), &message);
            let content = content.unwrap();
            let told = text(&content);
            assert!(!told.contains("jeton"), "{told}");
            assert!(
                told.lines().any(|line| line == "c.martin1")
                    && told.lines().any(|line| line == "c.martin2"),
                "{told}"
            );
        }
    }
}

#[test]
fn instants_are_told_as_in_france() {
    let environment = environment(ISSUER, "Préau", |_| Some("{{ at | moment }}"));
    let tell = |lang: &str, at: &str| {
        let template = environment.get_template("instant").unwrap();
        template
            .render(context! { lang, at })
            .unwrap()
            .replace('\u{a0}', " ")
    };
    assert_eq!(
        tell("fr", "2026-09-01T06:05:00Z"),
        "le 1er septembre 2026 à 8 h 05 (heure de Paris)"
    );
    assert_eq!(
        tell("en", "2026-12-31T23:30:00Z"),
        "on 1 January 2027 at 0:30 (Paris time)"
    );
}
