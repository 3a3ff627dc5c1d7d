//! A request that waits for its person.

use std::sync::Arc;

use domain::secret::{Token, TokenHash};

use super::{
    Simulator, back::Return, behaviour::Behaviour, identity::Identity, problem::Problem,
    visitor::Visitor,
};

/// What a service asked for, all of it checked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) client_id: String,
    /// The service's name.
    pub(super) service: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) asks_amr: bool,
}

impl Asked {
    /// An error for that service.
    pub(super) fn refused(&self, error: &'static str, description: &'static str) -> Return {
        Return {
            service: self.service.clone(),
            redirect_uri: self.redirect_uri.clone(),
            state: self.state.clone(),
            error,
            description,
            in_fragment: false,
        }
    }

    /// Whether nothing of the person is asked but a `sub`.
    pub(super) fn is_anonymous(&self) -> bool {
        self.scopes.iter().all(|scope| scope == "openid")
    }
}

/// A request and, once they have said it, who the person is.
#[derive(Clone)]
pub(super) struct Interaction {
    pub(super) asked: Asked,
    /// The browser that it began in: it goes on nowhere else.
    pub(super) browser: TokenHash,
    pub(super) person: Option<Session>,
}

/// Somebody who is known in a browser: a second service within the half hour is not
/// asked who they are again.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) identity: Identity,
    /// When they said it, in seconds.
    pub(super) auth_time: i64,
}

/// An interaction as its pages find it.
pub(super) struct Open {
    pub(super) id: Token,
    pub(super) interaction: Interaction,
}

impl Open {
    /// The interaction of that name, in the browser where it began.
    pub(super) fn load(visitor: &Visitor, id: &str) -> Result<Self, Problem> {
        let id = Token::parse(id).ok_or(Problem::SessionOver)?;
        let interaction = visitor.simulator.memory.interactions.find(id.hash());
        let own = interaction.filter(|interaction| {
            let browser = visitor.browser.as_ref().map(Token::hash);
            browser == Some(interaction.browser)
        });
        let interaction = own.ok_or(Problem::SessionOver)?;
        Ok(Self { id, interaction })
    }

    /// The address of one of its pages.
    pub(super) fn url(&self, simulator: &Simulator, page: &str) -> String {
        simulator.url(&format!("/interaction/{}{page}", self.id.expose()))
    }

    /// The link back to the service for whoever changes their mind.
    pub(super) fn way_back(&self, simulator: &Simulator) -> String {
        let turned_back = super::back::TURNED_BACK;
        let asked = &self.interaction.asked;
        asked
            .refused("access_denied", turned_back)
            .by_hand(simulator)
    }

    /// The person says who they are; their browser is remembered for it. Where the
    /// civil register is to fail, it does so here.
    pub(super) fn identify(
        &self,
        simulator: &Arc<Simulator>,
        identity: Identity,
    ) -> Result<String, Problem> {
        let asked = || Box::new(self.interaction.asked.clone());
        match simulator.mood.behaviour() {
            Behaviour::IdentityNotFound => return Err(Problem::IdentityNotFound(asked())),
            Behaviour::RegisterDown => return Err(Problem::RegisterDown(asked())),
            _ => {}
        }
        let session = Session {
            identity,
            auth_time: simulator.seconds(),
        };
        let sessions = &simulator.memory.sessions;
        sessions.keep(self.interaction.browser, session.clone());
        self.resume(simulator, session)
    }

    /// Goes on as somebody who is known already. The page that comes next.
    pub(super) fn resume(
        &self,
        simulator: &Simulator,
        session: Session,
    ) -> Result<String, Problem> {
        let interactions = &simulator.memory.interactions;
        let set = |interaction: &mut Interaction| interaction.person = Some(session);
        let changed = interactions.change(self.id.hash(), set);
        changed.ok_or(Problem::SessionOver)?;
        Ok(self.url(simulator, "/consent"))
    }
}
