//! The state of these pages: the provider's, and a little of their own.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use idp::App;
use url::Url;

/// What every handler gets; cheap to clone. It can be used as the provider's [`App`].
#[derive(Clone)]
pub(crate) struct SelfService(Arc<State>);

struct State {
    app: App,
    portal: Option<Url>,
}

impl SelfService {
    pub(crate) fn new(app: App, portal: Option<Url>) -> Self {
        Self(Arc::new(State { app, portal }))
    }

    /// The demo's portal, if this is one.
    pub(crate) fn portal(&self) -> Option<&Url> {
        self.0.portal.as_ref()
    }
}

impl Deref for SelfService {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0.app
    }
}

impl FromRef<SelfService> for App {
    fn from_ref(state: &SelfService) -> Self {
        state.0.app.clone()
    }
}
