//! The state of these pages: the provider's, and a little of their own.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use domain::password::CommonPasswords;
use idp::App;
use url::Url;

use crate::settings::SelfServiceSettings;

/// What every handler gets; cheap to clone. It can be used as the provider's [`App`].
#[derive(Clone)]
pub(crate) struct SelfService(Arc<State>);

struct State {
    app: App,
    settings: SelfServiceSettings,
    common_passwords: CommonPasswords,
    portal: Option<Url>,
}

impl SelfService {
    pub(crate) fn new(
        app: App,
        settings: SelfServiceSettings,
        common_passwords: CommonPasswords,
        portal: Option<Url>,
    ) -> Self {
        Self(Arc::new(State {
            app,
            settings,
            common_passwords,
            portal,
        }))
    }

    /// What the operator set.
    pub(crate) fn settings(&self) -> &SelfServiceSettings {
        &self.0.settings
    }

    /// Passwords that nobody may choose.
    pub(crate) fn common_passwords(&self) -> &CommonPasswords {
        &self.0.common_passwords
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
