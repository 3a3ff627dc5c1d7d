//! `preau client apply`: makes registrations what files say, all of them or none.

use std::collections::BTreeSet;

use domain::{
    client::{ClientId, Registration},
    secret::Secret,
};
use idp::registrar::{Acts, SecretWish};
use serde_json::{Map, Value, json};
use store::clients::{
    self, Applied, StoredClient,
    changes::Replaces,
    history::{self, Version},
};

use super::{Applying, files::Described, operator, registrar};
use crate::command::{failure::Failure, place::Opened, report::Report};

/// The status of `--check` where the store is not as the files say.
const DRIFT: u8 = 2;

pub(super) async fn run(
    opened: &Opened,
    described: Vec<Described>,
    applying: &Applying,
) -> Result<Report, Failure> {
    refuse_twins(&described)?;
    let registrar = registrar(opened).await?;
    // Everything that asks other machines comes before the transaction.
    let mut sound = Vec::new();
    for one in described {
        let registration = registrar.check(one.registration).await;
        let registration = registration.map_err(|fault| in_place(&one.place, &fault))?;
        sound.push((registration, one.secret, one.place));
    }
    let acts = registrar.begin(operator()).await.map_err(Failure::other)?;
    let only_tell = applying.dry_run || applying.check;
    let mut outcomes = Vec::new();
    let mut named = BTreeSet::new();
    for (registration, secret, place) in sound {
        named.insert(registration.client_id.clone());
        let before = find(&acts, &registration.client_id).await?;
        let applied = acts.apply(&registration, &place).await;
        let applied = applied.map_err(|fault| in_place(&place, &fault))?;
        let after = acts.find(&registration.client_id).await;
        let after = after.map_err(|fault| in_place(&place, &fault))?;
        let change = Differences::of(before.as_ref(), Some(&after.registration));
        let mut outcome = Outcome::new(registration.client_id.clone(), applied, change);
        if registration.enabled
            && before
                .as_ref()
                .is_some_and(|client| !client.registration.enabled)
        {
            outcome.warning = Some(start(&acts, &registration.client_id, only_tell).await?);
        }
        settle_secret(&acts, before.as_ref(), secret, &mut outcome).await?;
        outcomes.push(outcome);
    }
    if applying.prune {
        outcomes.extend(prune(&acts, &named).await?);
    }
    if only_tell {
        for outcome in &mut outcomes {
            outcome.made = None;
        }
    } else {
        acts.commit().await.map_err(Failure::other)?;
    }
    let is_drift = applying.check && outcomes.iter().any(|outcome| outcome.result != "unchanged");
    Ok(report(&outcomes).with_status(if is_drift { DRIFT } else { 0 }))
}

/// Two files that say what one client is would win by the order of their names.
fn refuse_twins(described: &[Described]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for one in described {
        let id = &one.registration.client_id;
        if !seen.insert(id) {
            return Err(in_place(
                &one.place,
                &format!("{id}: another file has it too"),
            ));
        }
    }
    Ok(())
}

fn in_place(place: &str, fault: &dyn std::fmt::Display) -> Failure {
    Failure::Other(format!("{place}: {fault}"))
}

async fn find(acts: &Acts<'_>, id: &ClientId) -> Result<Option<StoredClient>, Failure> {
    Ok(clients::find_by_id(acts.transaction(), id).await?)
}

/// The secret of the file, or one made now where the client needs one and has none.
async fn settle_secret(
    acts: &Acts<'_>,
    before: Option<&StoredClient>,
    secret: Option<Secret>,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    let id = outcome.id.clone();
    let now = acts.find(&id).await.map_err(Failure::other)?;
    let needs_one = now.registration.token_endpoint_auth_method.has_secret();
    let has_one = before.is_some_and(|client| !client.secrets.is_empty());
    if secret.is_none() && (!needs_one || has_one) {
        return Ok(());
    }
    let is_given = secret.is_some();
    let wish = SecretWish {
        secret,
        ..SecretWish::default()
    };
    let added = acts.add_secret(&id, wish).await.map_err(Failure::other)?;
    let is_new = now.secrets.iter().all(|known| known.id != added.id);
    if is_new && outcome.result == "unchanged" {
        outcome.result = "updated";
    }
    if is_new {
        outcome
            .change
            .0
            .insert("client_secret".into(), json!(["…"]));
    }
    outcome.made = (!is_given).then_some(added.secret);
    Ok(())
}

/// Changes that are looked through for who stopped a client.
const LOOKED_THROUGH: u64 = 100;

/// Tells that a client starts which somebody stopped, maybe in an emergency: files have the
/// last word, but not silently.
async fn start(acts: &Acts<'_>, id: &ClientId, only_told: bool) -> Result<String, Failure> {
    let lines = history::find(acts.transaction(), id, None, LOOKED_THROUGH).await?;
    let is_stopped = |line: &&Version| {
        let registration = line.registration.as_ref();
        registration.is_some_and(|registration| !registration.enabled)
    };
    // The newest line is what this file made of it.
    let earlier = lines.iter().skip_while(|line| !is_stopped(line));
    let stop = earlier.take_while(is_stopped).last();
    let stopped = stop.map_or_else(String::new, |stop| {
        let place = match stop.actor_kind.as_str() {
            "account" => "in the console",
            "client" => "by the API",
            _ => "by an operator",
        };
        format!(", which was stopped {place} on {:.0}", stop.at)
    });
    let starts = if only_told { "would start" } else { "started" };
    Ok(format!("this {starts} {id}{stopped}"))
}

/// Registrations that some file managed, and none of these does.
async fn prune(acts: &Acts<'_>, named: &BTreeSet<ClientId>) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = Vec::new();
    for client in clients::find_all(acts.transaction()).await? {
        let id = &client.registration.client_id;
        if client.managed_by.is_none() || named.contains(id) {
            continue;
        }
        acts.remove(&client, Replaces::Whatever)
            .await
            .map_err(Failure::other)?;
        outcomes.push(Outcome {
            id: id.clone(),
            result: "deleted",
            change: Differences::default(),
            made: None,
            warning: None,
        });
    }
    Ok(outcomes)
}

/// What changes in a registration: each member with its value before and after.
#[derive(Default)]
struct Differences(Map<String, Value>);

impl Differences {
    fn of(before: Option<&StoredClient>, after: Option<&Registration>) -> Self {
        let members =
            |registration: Option<&Registration>| match registration.map(clients::document) {
                Some(Value::Object(members)) => members,
                _ => Map::new(),
            };
        let before = members(before.map(|client| &client.registration));
        let after = members(after);
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let differing = names.into_iter().filter_map(|name| {
            let (old, new) = (before.get(name), after.get(name));
            (old != new).then(|| (name.clone(), json!([old, new])))
        });
        Self(differing.collect())
    }
}

/// What became of one registration.
struct Outcome {
    id: ClientId,
    result: &'static str,
    change: Differences,
    /// A secret that was made now, to be shown this once.
    made: Option<Secret>,
    /// What whoever applies may not have meant.
    warning: Option<String>,
}

impl Outcome {
    const fn new(id: ClientId, applied: Applied, change: Differences) -> Self {
        let result = match applied {
            Applied::Created => "created",
            Applied::Updated => "updated",
            Applied::Unchanged => "unchanged",
        };
        Self {
            id,
            result,
            change,
            made: None,
            warning: None,
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{}: {}", self.id, self.result)];
        if self.result == "updated" {
            lines.extend(self.change.0.iter().map(|(name, values)| match values {
                Value::Array(pair) if pair.len() == 2 => {
                    format!("  {name}: {} -> {}", shown(&pair[0]), shown(&pair[1]))
                }
                _ => format!("  {name}: another one"),
            }));
        }
        if let Some(warning) = &self.warning {
            lines.push(format!("  warning: {warning}"));
        }
        if let Some(secret) = &self.made {
            lines.push(format!(
                "  client_secret, shown this once: {}",
                secret.expose()
            ));
        }
        lines
    }

    fn document(&self) -> Value {
        let mut document = json!({"client_id": self.id, "result": self.result});
        if self.result == "updated" {
            let change = self.change.0.iter().map(|(name, values)| {
                let told = json!({"before": values[0], "after": values[1]});
                (name.clone(), told)
            });
            document["change"] = Value::Object(change.collect());
        }
        if let Some(warning) = &self.warning {
            document["warning"] = warning.as_str().into();
        }
        if let Some(secret) = &self.made {
            document["client_secret"] = secret.expose().into();
        }
        document
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        value => value.to_string(),
    }
}

fn report(outcomes: &[Outcome]) -> Report {
    let lines: Vec<String> = outcomes.iter().flat_map(Outcome::lines).collect();
    let documents = outcomes.iter().map(Outcome::document).collect();
    Report::new(lines.join("\n"), documents)
}
