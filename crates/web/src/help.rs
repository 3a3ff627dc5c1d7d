//! « Aide »: the questions of families (`templates/help`). An operator may edit them before
//! building, or set files of their own in their place.

use std::collections::HashSet;

use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::name::normalise;
use serde::{Deserialize, Serialize};

use crate::{
    assets::Replacements,
    locale::Locale,
    pages::{Page, TEMPLATES},
    view::View,
};

/// How much of a search is read, in bytes.
const LONGEST_SEARCH: usize = 200;

/// All questions, in every language.
#[derive(Clone, Debug)]
pub(crate) struct Help {
    french: Vec<Theme>,
    english: Vec<Theme>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Theme {
    title: String,
    #[serde(rename(deserialize = "entry", serialize = "entries"))]
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    question: String,
    answer: Vec<String>,
    #[serde(default)]
    links: Vec<HelpLink>,
    #[serde(skip_deserializing)]
    open: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct HelpLink {
    to: String,
    text: String,
}

#[derive(Deserialize)]
struct File {
    theme: Vec<Theme>,
}

/// What is asked of the page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    question: String,
}

/// The context of `help.html`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct HelpPage {
    query: String,
    found: Option<usize>,
    themes: Vec<Theme>,
}

impl Help {
    /// Reads the operator's files, else what is embedded; panics where one does not parse:
    /// the tests of this crate rule it out of ours, [`check`] of theirs.
    pub(crate) fn of(replaced: &Replacements) -> Self {
        let read = |locale| read(locale, replaced);
        Self {
            french: read(Locale::Fr),
            english: read(Locale::En),
        }
    }

    /// What is embedded.
    pub(crate) fn embedded() -> Self {
        Self::of(&Replacements::default())
    }

    /// Whether a question has this name in every language.
    pub(crate) fn has(&self, id: &str) -> bool {
        [&self.french, &self.english].iter().all(|themes| {
            let mut entries = themes.iter().flat_map(|theme| &theme.entries);
            entries.any(|entry| entry.id == id)
        })
    }

    fn page(&self, locale: Locale, asked: &Asked) -> HelpPage {
        let mut themes = match locale {
            Locale::Fr => self.french.clone(),
            Locale::En => self.english.clone(),
        };
        let mut query = asked.q.trim().to_owned();
        query.truncate(query.floor_char_boundary(LONGEST_SEARCH));
        if query.is_empty() {
            let named = themes.iter_mut().flat_map(|theme| &mut theme.entries);
            named.for_each(|entry| entry.open = entry.id == asked.question);
            let found = None;
            return HelpPage {
                query,
                found,
                themes,
            };
        }
        keep(&mut themes, &normalise(&query));
        let found = themes.iter().map(|theme| theme.entries.len()).sum();
        HelpPage {
            query,
            found: Some(found),
            themes,
        }
    }
}

/// Shows the questions, or those that a search finds.
pub(crate) async fn get(
    State(help): State<std::sync::Arc<Help>>,
    Query(asked): Query<Asked>,
    view: View,
) -> Response {
    view.render(&help.page(view.locale(), &asked))
}

/// Keeps what holds every word, and opens it where it is little enough to read.
fn keep(themes: &mut Vec<Theme>, words: &str) {
    for theme in &mut *themes {
        theme.entries.retain(|entry| entry.holds(words));
        theme.entries.iter_mut().for_each(|entry| entry.open = true);
    }
    themes.retain(|theme| !theme.entries.is_empty());
}

impl Entry {
    fn holds(&self, words: &str) -> bool {
        let all = normalise(&format!("{} {}", self.question, self.answer.join(" ")));
        words.split(' ').all(|word| all.contains(word))
    }
}

/// The name of a language's questions among an operator's files.
pub fn file_name(locale: Locale) -> String {
    format!("help/{}.toml", locale.tag())
}

/// Checks an operator's questions.
///
/// # Errors
/// What is wrong, and where.
pub fn check(text: &str) -> Result<(), String> {
    let themes = parse(text)?;
    let mut seen = HashSet::new();
    for entry in themes.iter().flat_map(|theme| &theme.entries) {
        if !is_name(&entry.id) || !seen.insert(&entry.id) {
            return Err(format!(
                "the id {:?} stands there twice, or is not of small letters, digits and hyphens",
                entry.id
            ));
        }
        if let Some(link) = entry.links.iter().find(|link| !is_safe(&link.to)) {
            return Err(format!(
                "the link {:?} is neither a path of ours nor https",
                link.to
            ));
        }
    }
    Ok(())
}

fn is_name(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !id.is_empty() && id.bytes().all(plain)
}

fn is_safe(address: &str) -> bool {
    let is_path = address.starts_with('/') && !address.starts_with("//");
    is_path || address.starts_with("https://")
}

fn parse(text: &str) -> Result<Vec<Theme>, String> {
    let parsed: Result<File, _> = toml::from_str(text);
    parsed
        .map(|file| file.theme)
        .map_err(|error| error.to_string())
}

fn read(locale: Locale, replaced: &Replacements) -> Vec<Theme> {
    let name = file_name(locale);
    let embedded = || {
        let file = TEMPLATES.get_file(&name);
        let file = file.unwrap_or_else(|| panic!("templates/{name} is missing"));
        file.contents()
    };
    let content = replaced.content(&name).unwrap_or_else(embedded);
    let text = str::from_utf8(content).unwrap_or_else(|error| panic!("{name}: {error}"));
    parse(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

impl Page for HelpPage {
    const TEMPLATE: &'static str = "help.html";

    fn samples() -> Vec<Self> {
        let asked = |q: &str| Asked {
            q: q.to_owned(),
            question: String::new(),
        };
        let help = Help::embedded();
        ["", "mot de passe", "girafe"]
            .map(|q| help.page(Locale::Fr, &asked(q)))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(q: &str) -> HelpPage {
        let asked = Asked {
            q: q.to_owned(),
            question: String::new(),
        };
        Help::embedded().page(Locale::Fr, &asked)
    }

    fn ids(themes: &[Theme]) -> Vec<&str> {
        let entries = themes.iter().flat_map(|theme| &theme.entries);
        entries.map(|entry| entry.id.as_str()).collect()
    }

    #[test]
    fn both_languages_answer_the_same_questions_each_once() {
        let help = Help::embedded();
        assert_eq!(ids(&help.french), ids(&help.english));
        let mut once = ids(&help.french);
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids(&help.french).len());
    }

    #[test]
    fn an_operator_s_questions_stand_in_the_place_of_ours() {
        let own = "[[theme]]\ntitle = \"À nous\"\n[[theme.entry]]\nid = \"cantine\"\n\
                   question = \"Et la cantine ?\"\nanswer = [\"Chez la mairie.\"]\n";
        assert_eq!(check(own), Ok(()));
        let name = file_name(Locale::Fr);
        let help = Help::of(&Replacements::default().with(name, own.into()));
        assert_eq!(ids(&help.french), ["cantine"]);
        assert!(ids(&help.english).len() > 20);
        let twice = own.to_owned() + &own[own.find("[[theme.entry]]").unwrap()..];
        let linked = own.to_owned() + "links = [{ to = \"javascript:x\", text = \"x\" }]\n";
        let spaced = own.replace("\"cantine\"", "\"la cantine\"");
        for wrong in [
            "",
            "x",
            &twice,
            &linked,
            &spaced,
            &own.replace("answer", "reponse"),
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        for locale in Locale::ALL {
            let ours = TEMPLATES.get_file(file_name(locale)).unwrap();
            assert_eq!(check(ours.contents_utf8().unwrap()), Ok(()));
        }
    }

    #[test]
    fn a_search_knows_neither_case_nor_accents() {
        let found = search("DATE de naissance Refusee");
        assert!(ids(&found.themes).contains(&"date-refusee"));
        assert_eq!(found.found, Some(ids(&found.themes).len()));
    }

    #[test]
    fn what_nobody_asked_finds_nothing_and_an_empty_search_everything() {
        assert_eq!(search("girafe").found, Some(0));
        assert_eq!(search(" ").found, None);
        assert!(!search("").themes.is_empty());
    }

    #[test]
    fn a_search_however_long_is_cut() {
        assert!(search(&"é".repeat(5000)).query.len() <= LONGEST_SEARCH);
    }

    #[test]
    fn french_punctuation_keeps_to_its_word() {
        let file = TEMPLATES.get_file("help/fr.toml").unwrap();
        let text = file.contents_utf8().unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            let loose = [" :", " ;", " ?", " !", " »", "« "];
            assert!(loose.iter().all(|loose| !line.contains(loose)), "{line}");
        }
    }
}
