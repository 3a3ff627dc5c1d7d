//! The state of the console and the API: the provider's.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use idp::App;
use tokio::sync::Semaphore;

/// What every handler gets; cheap to clone. It can be used as the provider's [`App`].
#[derive(Clone)]
pub struct Admin(Arc<State>);

struct State {
    app: App,
    /// One class at a time has its passwords hashed: sign-ins keep the other workers.
    letters: Semaphore,
}

impl Admin {
    /// Of the provider.
    pub fn new(app: App) -> Self {
        Self(Arc::new(State {
            app,
            letters: Semaphore::new(1),
        }))
    }

    /// Whoever makes the letters of a class holds this.
    pub(crate) fn letters(&self) -> &Semaphore {
        &self.0.letters
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
