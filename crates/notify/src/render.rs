//! Messages from templates.
//!
//! What comes from people is data: it is never read as a template, is escaped in HTML,
//! and holds no control characters, so that it cannot end a line of the subject or make
//! one of the text. Addresses of pages stand on the configured issuer alone.

use domain::contact::Address;
use include_dir::{Dir, include_dir};
use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};
use minijinja::{
    Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, context,
    escape_formatter, value::Serde,
};

use crate::{
    content::Content,
    message::Message,
    recipient::{Language, Recipient},
};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../templates/messages");

/// The first line of a text is a template of its own under this ending, so that no
/// value can move the end of the subject.
const SUBJECT: &str = "subject";

/// A message cannot be rendered: its template and its type disagree, or a value holds
/// control characters. Names no value.
#[derive(Debug, thiserror::Error)]
#[error("message {template}: {reason}")]
pub struct RenderError {
    /// The message's name.
    pub template: &'static str,
    /// What is wrong.
    pub reason: String,
}

/// The templates of all messages.
#[derive(Debug)]
pub(crate) struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// The embedded ones, with the issuer that links stand on and the product's name. Each
    /// is compiled when a message first needs it.
    pub(crate) fn embedded(issuer: &str, product: &str) -> Self {
        let environment = environment(issuer, product, embedded);
        Self { environment }
    }

    /// Renders a message for its recipient.
    pub(crate) fn render<M: Message>(
        &self,
        recipient: &Recipient,
        message: &M,
    ) -> Result<Content, RenderError> {
        let value = Value::from(Serde(message));
        self.render_value(M::NAME, recipient, &value)
    }

    /// Renders a message from the values that its templates may name.
    pub(crate) fn render_value(
        &self,
        name: &'static str,
        recipient: &Recipient,
        message: &Value,
    ) -> Result<Content, RenderError> {
        let tag = recipient.language.tag();
        let context = context! { lang => tag, ..message.clone() };
        let part = |ending: &str| {
            let file = format!("{name}.{tag}.{ending}");
            let template = self.environment.get_template(&file);
            let rendered = template.and_then(|template| template.render(&context));
            rendered.map_err(|error| failure(name, &error))
        };
        match &recipient.address {
            Address::Email(to) => Ok(Content::Email {
                to: to.clone(),
                subject: part(SUBJECT)?,
                text: part("txt")?,
                html: part("html")?,
            }),
            Address::Phone(to) => Ok(Content::Sms {
                to: to.clone(),
                text: part("sms.txt")?,
            }),
        }
    }
}

fn environment(issuer: &str, product: &str, files: Files) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(write_value);
    environment.add_global("issuer", issuer);
    environment.add_global("product", product);
    environment.add_filter("moment", moment);
    environment.set_loader(move |name| Ok(source(files, name).map(str::to_owned)));
    environment
}

/// What stands in a file, by its name.
type Files = fn(&str) -> Option<&'static str>;

fn embedded(name: &str) -> Option<&'static str> {
    FILES.get_file(name)?.contents_utf8()
}

/// The source of a template: a file, but for the text of an e-mail, which is two.
fn source(files: Files, name: &str) -> Option<&'static str> {
    if let Some(stem) = name.strip_suffix(SUBJECT) {
        return mail(files, &format!("{stem}txt")).map(|(subject, _)| subject);
    }
    match mail(files, name) {
        Some((_, body)) => Some(body),
        None => files(name),
    }
}

/// Subject and text of an e-mail's file.
fn mail(files: Files, name: &str) -> Option<(&'static str, &'static str)> {
    mail_text(name)?;
    let (subject, body) = files(name)?.split_once('\n')?;
    Some((subject, body.trim_start_matches('\n')))
}

/// `welcome.fr` of `welcome.fr.txt`; nothing of an SMS, of HTML, or of closing lines.
fn mail_text(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".txt")?;
    let is_other = stem.starts_with("closing.") || stem.strip_suffix(".sms").is_some();
    (!is_other).then_some(stem)
}

/// Writes a value into a message, escaped as its file asks.
fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let text = value.as_str().filter(|_| !value.is_safe());
    if text.is_some_and(|text| text.contains(char::is_control)) {
        return Err(invalid("a value holds control characters"));
    }
    escape_formatter(out, state, value)
}

/// `{{ at | moment }}`: an instant as people in France say it, in the message's language.
fn moment(state: &State, at: &str) -> Result<String, Error> {
    let at: Timestamp = at.parse().map_err(|_| invalid("not an instant"))?;
    let paris = TimeZone::get("Europe/Paris").map_err(|_| invalid("no time zones"))?;
    let at = at.to_zoned_datetime(paris);
    let language = state
        .lookup("lang")
        .map(|lang| Language::of_tag(lang.as_str().unwrap_or_default()));
    Ok(match language.unwrap_or_default() {
        Language::French => french(&at),
        Language::English => at
            .strftime("on %-d %B %Y at %-H:%M (Paris time)")
            .to_string(),
    })
}

fn french(at: &ZonedDateTime) -> String {
    const MONTHS: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    let month = usize::try_from(at.month() - 1).expect("months count from 1");
    let day = match at.day() {
        1 => "1er".to_owned(),
        day => day.to_string(),
    };
    let (month, year, hour, minute) = (MONTHS[month], at.year(), at.hour(), at.minute());
    format!("le {day}\u{a0}{month} {year} à {hour}\u{a0}h\u{a0}{minute:02} (heure de Paris)")
}

fn invalid(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, reason)
}

/// The kind and the place; a template engine's own words may quote values.
fn failure(template: &'static str, error: &Error) -> RenderError {
    let file = error.name().unwrap_or_default();
    let line = error.line().unwrap_or_default();
    RenderError {
        template,
        reason: format!("{} ({file}:{line})", error.kind()),
    }
}

#[cfg(test)]
mod tests;
