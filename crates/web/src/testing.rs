//! Helpers for the tests of the crates that own pages, and for the gallery.

use std::{env, fs, path::PathBuf, sync::Arc};

use axum::http::{HeaderMap, Uri};
use domain::ambient::Ambient;

use crate::{
    address::TrustedProxies,
    assets::Replacements,
    context::RequestContext,
    csrf::CsrfKey,
    help::Help,
    locale::Locale,
    pages::Page,
    request_id::RequestId,
    site::{Accessibility, Site, SiteSettings},
    urls::Urls,
    view::View,
};

/// A site at that issuer, with a fixed key and no proxies.
pub fn site_at(issuer: &str, ambient: Ambient) -> Arc<Site> {
    Site::new(SiteSettings {
        form_targets: Vec::new(),
        name: "preau",
        urls: Urls::new(issuer).expect("the test's issuer is an origin"),
        ambient,
        csrf_key: CsrfKey::from_bytes([42; 32]),
        trusted_proxies: TrustedProxies::default(),
        accessibility: Accessibility::default(),
        replacements: Replacements::default(),
    })
}

/// A site of `https://compte.example`.
pub fn site() -> Arc<Site> {
    site_at("https://compte.example", Ambient::system())
}

/// A view outside of any request.
pub fn view(site: &Arc<Site>, locale: Locale, service: Option<&str>) -> View {
    let id = RequestId::generate(&site.ambient);
    let uri = Uri::builder()
        .path_and_query(format!("/?lang={}", locale.tag()))
        .build()
        .expect("a tag is fit for a query");
    let view = View(RequestContext::read(
        site.clone(),
        id,
        &uri,
        &HeaderMap::new(),
    ));
    if let Some(service) = service {
        view.set_service(service);
    }
    view
}

/// A name with what must be escaped.
const SERVICE: &str = "Vie scolaire & <familles>";

/// Whether « Aide » answers a question of this name in every language.
pub fn is_answered(question: &str) -> bool {
    Help::embedded().has(question)
}

/// Renders every sample of a page in every language, with and without a service's name,
/// and panics where one does not render or lacks what every page must have.
pub fn assert_renders<P: Page>() {
    let site = site();
    let help = Help::embedded();
    for (index, sample) in P::samples().iter().enumerate() {
        let question = sample.question();
        let known = question.is_none_or(|question| help.has(question));
        assert!(known, "{}: no question {question:?}", P::TEMPLATE);
        for locale in Locale::ALL {
            for service in [None, Some(SERVICE)] {
                let html = site.pages.html(&view(&site, locale, service), sample);
                let html = html.unwrap_or_else(|error| {
                    panic!(
                        "{} sample {index} ({}): {error:#}",
                        P::TEMPLATE,
                        locale.tag()
                    )
                });
                check_html(P::TEMPLATE, &html, locale);
                show(&site, &file_name::<P>(index, locale, service), &html);
            }
        }
    }
}

fn file_name<P: Page>(index: usize, locale: Locale, service: Option<&str>) -> String {
    let page = P::TEMPLATE.trim_end_matches(".html").replace('/', "-");
    let frame = service.map_or("alone", |_| "service");
    format!("{page}.{index}.{}.{frame}.html", locale.tag())
}

/// Writes the page for people to look at, where `PREAU_GALLERY` names a folder.
fn show(site: &Site, name: &str, html: &str) {
    let Some(folder) = env::var_os("PREAU_GALLERY").map(PathBuf::from) else {
        return;
    };
    let assets = folder.join("assets");
    fs::create_dir_all(&assets).expect("the gallery's folder can be made");
    for (asset, content) in site.pages.assets.files() {
        fs::write(assets.join(asset), content).expect("the gallery can be written");
    }
    let html = html.replace("\"/assets/", "\"assets/");
    fs::write(folder.join(name), html).expect("the gallery can be written");
}

fn check_html(template: &str, html: &str, locale: Locale) {
    let count = |needle: &str| html.matches(needle).count();
    assert_eq!(count("<h1"), 1, "{template} has one heading of level 1");
    assert_eq!(count("<main"), 1, "{template} has one main part");
    assert!(
        html.contains(&format!("<html lang=\"{}\"", locale.tag())),
        "{template} tells its language"
    );
    assert!(!html.contains("<familles>"), "{template} escapes names");
    for inline in [
        " style=",
        "<style",
        " onclick=",
        " onsubmit=",
        "javascript:",
    ] {
        assert!(
            !html.contains(inline),
            "{template} has nothing inline ({inline})"
        );
    }
    assert_eq!(
        count("method=\"post\""),
        count("name=\"csrf\"") + count("data-submit"),
        "{template}: each of our forms has view.csrf_field"
    );
    assert!(html.len() < 40_000, "{template} is small enough");
}
