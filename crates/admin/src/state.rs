//! The state of the console and the API: the provider's.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use idp::App;

/// What every handler gets; cheap to clone. It can be used as the provider's [`App`].
#[derive(Clone)]
pub struct Admin(Arc<State>);

struct State {
    app: App,
}

impl Admin {
    /// Of the provider.
    pub fn new(app: App) -> Self {
        Self(Arc::new(State { app }))
    }
}

impl Deref for Admin {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0.app
    }
}

impl FromRef<Admin> for App {
    fn from_ref(state: &Admin) -> Self {
        state.0.app.clone()
    }
}
