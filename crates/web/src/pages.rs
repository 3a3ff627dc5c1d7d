//! Pages: a context beside its handler, a template, texts in every language.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use fluent_bundle::FluentArgs;
use include_dir::{Dir, include_dir};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, context,
    escape_formatter,
    value::{Kwargs, Serde},
};
use serde::Serialize;

use crate::{
    assets::{Assets, Replacements},
    error::PageError,
    headers::Policy,
    locale::Locale,
    texts::{Texts, fluent_value},
    view::View,
};

/// Everything under `templates/`, embedded.
pub(crate) static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../templates");

/// The folder whose templates are messages, not pages: notify's.
const MESSAGES: &str = "messages";

/// A page: what its template is given. It stands beside its handler, and its samples
/// are what the tests and the gallery render.
pub trait Page: Serialize + Sized {
    /// The template's path under `templates/`.
    const TEMPLATE: &'static str;

    /// What the page's headers allow.
    const POLICY: Policy = Policy::Ordinary;

    /// The question of « Aide » that fits it (`templates/help`): where its « Aide » leads.
    const QUESTION: Option<&'static str> = None;

    /// The same, of a page whose question depends on what it says.
    fn question(&self) -> Option<&'static str> {
        Self::QUESTION
    }

    /// One of each state that looks different: empty, with errors, long names.
    fn samples() -> Vec<Self>;
}

/// Templates, texts and assets, loaded once.
pub struct Pages {
    french: Environment<'static>,
    english: Environment<'static>,
    pub(crate) assets: Arc<Assets>,
}

/// Marks an answer that is a page of ours already, whatever its status.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendered;

impl Pages {
    /// Loads what is embedded; panics where a text does not parse, which the tests of
    /// this crate rule out, as they do templates that do not.
    pub fn embedded(replacements: &Replacements) -> Self {
        let assets = Arc::new(Assets::embedded(&TEMPLATES, replacements));
        Self {
            french: environment(Locale::Fr, &assets),
            english: environment(Locale::En, &assets),
            assets,
        }
    }

    /// Renders a page in the view's language, with status 200 and its policy.
    pub fn render<P: Page>(&self, view: &View, page: &P) -> Response {
        match self.html(view, page) {
            Ok(html) => respond(html, P::POLICY),
            Err(error) => PageError::internal(describe(&error)).into_response(),
        }
    }

    /// The HTML alone: for tests and the gallery.
    pub fn html<P: Page>(&self, view: &View, page: &P) -> Result<String, Error> {
        let environment = match view.locale() {
            Locale::Fr => &self.french,
            Locale::En => &self.english,
        };
        let frame = context! { view => view.as_value(), fitting_question => page.question() };
        environment
            .get_template(P::TEMPLATE)?
            .render(context! { ..Value::from(Serde(page)), ..frame })
    }
}

fn respond(html: String, policy: Policy) -> Response {
    let html_type = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = ([(header::CONTENT_TYPE, html_type)], html).into_response();
    response.extensions_mut().insert(policy);
    response.extensions_mut().insert(Rendered);
    response
}

/// What went wrong and where, without the template's values.
fn describe(error: &Error) -> String {
    let (name, line) = (error.name().unwrap_or("?"), error.line().unwrap_or(0));
    format!("{} ({name}:{line})", error.kind())
        + error
            .detail()
            .map(|detail| format!(": {detail}"))
            .as_deref()
            .unwrap_or("")
}

fn environment(locale: Locale, assets: &Arc<Assets>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(escape);
    environment.add_global("lang", locale.tag());
    let texts = Texts::embedded(&TEMPLATES, locale);
    environment.add_function(
        "t",
        move |key: &str, values: Option<Value>, named: Kwargs| {
            translate(&texts, key, values.as_ref(), &named)
        },
    );
    let assets = assets.clone();
    environment.add_function("asset", move |name: &str| {
        let path = assets
            .path(name)
            .map(|path| Value::from_safe_string(path.to_owned()));
        path.ok_or_else(|| invalid(format!("no asset `{name}`")))
    });
    environment.set_loader(|name| Ok(source(name).map(str::to_owned)));
    environment
}

/// Escapes what HTML needs escaped, in texts and in quoted attributes. Paths stay as
/// they are written: the formatter of minijinja escapes `/` too, which serves scripts
/// alone, and our pages have none inline.
///
/// # Errors
/// The writer's.
pub fn escape(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_safe() || !matches!(state.auto_escape(), AutoEscape::Html) {
        return escape_formatter(out, state, value);
    }
    let text = value.to_string();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.write_str(&rest[..at])?;
        out.write_str(entity(rest.as_bytes()[at]))?;
        rest = &rest[at + 1..];
    }
    Ok(out.write_str(rest)?)
}

const fn entity(sign: u8) -> &'static str {
    match sign {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        _ => "&#x27;",
    }
}

/// The source of a template, which is compiled when a page first needs it: most of the
/// pages that a node can show, it never shows, and compiled ones are large.
fn source(name: &str) -> Option<&'static str> {
    let file = TEMPLATES.get_file(name).filter(|_| is_template(name))?;
    file.contents_utf8()
}

fn is_template(name: &str) -> bool {
    !name.starts_with(MESSAGES) && name.rsplit_once('.').is_some_and(|(_, end)| end == "html")
}

/// `t("key", name=value)` in templates; a map may come second, for texts whose key and
/// values come from code.
fn translate(
    texts: &Texts,
    key: &str,
    values: Option<&Value>,
    named: &Kwargs,
) -> Result<String, Error> {
    let mut arguments = FluentArgs::new();
    for name in values
        .into_iter()
        .flat_map(|values| values.try_iter().into_iter().flatten())
    {
        let value = values.map_or(Ok(Value::UNDEFINED), |values| values.get_item(&name))?;
        arguments.set(name.to_string(), fluent_value(&value));
    }
    for name in named.args() {
        let value: Value = named.get(name)?;
        arguments.set(name.to_owned(), fluent_value(&value));
    }
    texts
        .format(key, &arguments)
        .map_err(|error| invalid(error.to_string()))
}

fn invalid(reason: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, reason)
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;
    use crate::{
        form::FormErrors,
        help::HelpPage,
        static_pages::{FormPost, PasswordHelpPage, StatementPage},
        testing::{assert_renders, site, view},
        texts::TextKey,
    };

    /// As idp has it; the model template is tested here too.
    #[derive(Serialize)]
    struct SignInPage {
        action: String,
        identifier: String,
        identifier_fixed: bool,
        registration: &'static str,
        upstreams: Vec<()>,
        upstream_alone: bool,
        passkey: Option<()>,
        errors: FormErrors,
        lost_identifier: &'static str,
        lost_password: &'static str,
    }

    impl SignInPage {
        fn new(identifier: &str, identifier_fixed: bool, errors: FormErrors) -> Self {
            Self {
                action: "/connexion/Sample".to_owned(),
                identifier: identifier.to_owned(),
                identifier_fixed,
                registration: "/inscription",
                upstreams: Vec::new(),
                upstream_alone: false,
                passkey: None,
                errors,
                lost_identifier: "/identifiant-perdu?connexion=Sample",
                lost_password: "/mot-de-passe-perdu?connexion=Sample",
            }
        }
    }

    impl Page for SignInPage {
        const TEMPLATE: &'static str = "idp/sign_in.html";
        const POLICY: Policy = Policy::Flow;

        fn samples() -> Vec<Self> {
            let refused = TextKey::new("sign-in-refused");
            let empty = TextKey::new("sign-in-identifier-empty");
            let no_password = TextKey::new("sign-in-password-empty");
            vec![
                Self::new("", false, FormErrors::none()),
                Self::new(
                    "c.martin1",
                    false,
                    FormErrors::none().whole("identifiant", refused),
                ),
                Self::new(
                    "",
                    false,
                    FormErrors::none()
                        .field("identifiant", empty)
                        .field("mot-de-passe", no_password),
                ),
                Self::new("c.martin1", true, FormErrors::none()),
            ]
        }
    }

    #[test]
    fn the_sign_in_page_renders() {
        assert_renders::<SignInPage>();
    }

    #[test]
    fn the_help_page_renders() {
        assert_renders::<HelpPage>();
    }

    #[test]
    fn the_password_help_page_renders() {
        assert_renders::<PasswordHelpPage>();
    }

    #[test]
    fn the_accessibility_statement_renders() {
        assert_renders::<StatementPage>();
    }

    #[test]
    fn the_form_post_page_renders() {
        assert_renders::<FormPost>();
    }

    #[test]
    fn the_error_page_renders() {
        assert_renders::<crate::error::ErrorPage>();
    }

    #[test]
    fn every_template_parses() {
        fn look(environment: &Environment<'_>, folder: &Dir<'_>, seen: &mut usize) {
            for file in folder.files() {
                let name = file.path().to_str().unwrap();
                if is_template(name) {
                    environment.get_template(name).expect(name);
                    *seen += 1;
                }
            }
            for folder in folder.dirs() {
                look(environment, folder, seen);
            }
        }
        let (pages, mut seen) = (site(), 0);
        for environment in [&pages.pages.french, &pages.pages.english] {
            look(environment, &TEMPLATES, &mut seen);
        }
        assert!(seen > 0);
    }

    #[test]
    fn a_faulty_field_is_tied_to_its_error_and_its_hint() {
        let site = site();
        let page = &SignInPage::samples()[2];
        let html = site
            .pages
            .html(&view(&site, Locale::Fr, None), page)
            .unwrap();
        assert!(html.contains(r#"aria-describedby="identifiant-aide identifiant-erreur""#));
        assert!(html.contains(r##"<a href="#mot-de-passe">Saisissez votre mot de passe</a>"##));
        assert!(
            html.contains("<title>Erreur\u{a0}: Je me connecte – Préau</title>"),
            "{html}"
        );
    }
}
