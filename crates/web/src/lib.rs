//! What pages share: templates, layout, languages, forms, cookies, security headers,
//! request ids, client addresses, error pages.
//!
//! It must not know OpenID Connect, storage or accounts: a page says what it shows, and
//! this crate shows it.
//!
//! # How a page is made
//!
//! 1. **A context** beside its handler: what the template is given, and samples of every
//!    state that looks different.
//! 2. **A template** in `templates/<crate>/<page>.html`, which extends `layout.html` and
//!    uses the macros of `fields.html`; `templates/idp/sign_in.html` is the model.
//! 3. **Texts** by key in `templates/texts/fr.ftl` and `en.ftl` (or `texts/fr/<crate>.ftl`
//!    and `texts/en/<crate>.ftl`). A test of this crate finds keys that lack a text, and
//!    texts that nobody uses.
//! 4. **A handler** that takes a [`View`] and answers with [`View::render`].
//! 5. **A test**: `web::testing::assert_renders::<NicknamePage>()`.
//!
//! ```
//! use axum::{Router, response::{IntoResponse, Redirect, Response}, routing};
//! use serde::{Deserialize, Serialize};
//! use web::{FormErrors, Page, PageError, Posted, TextKey, View};
//!
//! #[derive(Serialize)]
//! struct NicknamePage {
//!     nickname: String,
//!     errors: FormErrors,
//! }
//!
//! impl Page for NicknamePage {
//!     const TEMPLATE: &'static str = "self-service/nickname.html";
//!
//!     fn samples() -> Vec<Self> {
//!         vec![Self { nickname: String::new(), errors: FormErrors::none() }]
//!     }
//! }
//!
//! #[derive(Deserialize)]
//! struct NicknameForm {
//!     nickname: String,
//! }
//!
//! async fn get(view: View) -> Response {
//!     let errors = FormErrors::none();
//!     view.render(&NicknamePage { nickname: String::new(), errors })
//! }
//!
//! // `Posted` has checked the form's token, size, type and encoding.
//! async fn post(view: View, Posted(form): Posted<NicknameForm>) -> Result<Response, PageError> {
//!     if form.nickname.is_empty() {
//!         let errors = FormErrors::none().field("nickname", TextKey::new("try-again"));
//!         return Ok(view.render(&NicknamePage { nickname: form.nickname, errors }));
//!     }
//!     Ok(Redirect::to("/compte").into_response())
//! }
//!
//! # fn wire(site: std::sync::Arc<web::Site>) -> Router {
//! // Pages, then endpoints for programs, then what every site has.
//! web::layers::pages(Router::new().route("/surnom", routing::get(get).post(post)), &site)
//!     .merge(web::layers::lean(Router::new(), &site))
//!     .merge(web::static_pages::router(&site))
//! # }
//! ```
//!
//! In a template: `t("key", name=value)` is a text, `asset("logo.svg")` an asset's path,
//! `lang` the language; `view.service` is the relying party's name or none, and
//! `{{ view.csrf_field }}` stands in every form that posts to us.

pub mod address;
pub mod assets;
pub mod cookies;
pub mod csrf;
pub mod error;
pub mod form;
pub mod headers;
pub mod layers;
pub mod locale;
pub mod moment;
pub mod pages;
pub mod request_id;
pub mod site;
pub mod static_pages;
pub mod testing;
pub mod texts;
pub mod urls;
pub mod view;

mod access_log;
mod context;
pub mod help;

pub use address::ClientAddress;
pub use error::{Link, PageError};
pub use form::{FormErrors, Posted};
pub use locale::Locale;
pub use pages::Page;
pub use site::Site;
pub use texts::TextKey;
pub use urls::Route;
pub use view::{Browser, View};
