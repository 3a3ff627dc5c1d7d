//! Registrations in memory: every request needs one, and they change seldom.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use domain::client::ClientId;
use store::{Database, StoreError, clients, clients::StoredClient};

/// All registrations, as of a version of the registry.
#[derive(Default)]
struct Snapshot {
    version: i64,
    clients: HashMap<ClientId, Arc<StoredClient>>,
}

/// The registrations that this node knows; reloaded when the registry's version moved.
#[derive(Clone)]
pub struct Clients {
    database: Database,
    snapshot: Arc<ArcSwap<Snapshot>>,
}

impl Clients {
    /// Loads them.
    ///
    /// # Errors
    /// The store's.
    pub async fn load(database: Database) -> Result<Self, StoreError> {
        let clients = Self {
            database,
            snapshot: Arc::default(),
        };
        clients.reload().await?;
        Ok(clients)
    }

    /// The registration of a client, working or not.
    pub fn find(&self, id: &ClientId) -> Option<Arc<StoredClient>> {
        self.snapshot.load().clients.get(id).cloned()
    }

    /// Loads them again if they changed. Whether they had.
    ///
    /// # Errors
    /// The store's.
    pub async fn reload(&self) -> Result<bool, StoreError> {
        // The version first: a change between the two reads is seen by the next look.
        let version = clients::version(self.database.reader()).await?;
        if version == self.snapshot.load().version {
            return Ok(false);
        }
        let all = clients::find_all(self.database.reader()).await?;
        let by_id = all
            .into_iter()
            .map(|client| (client.registration.client_id.clone(), Arc::new(client)));
        self.snapshot.store(Arc::new(Snapshot {
            version,
            clients: by_id.collect(),
        }));
        Ok(true)
    }
}
