//! People of a file: their accounts.

use std::collections::{HashMap, HashSet};

use domain::{
    account::{AccountState, PasswordState, PersonKind},
    audit::Action,
    ids::AccountId,
    name::{PersonName, normalise},
    school::Uai,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, sea_query::OnConflict,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    batch::{Import, Person, batches, insert_all},
    contacts::{self, Contacts},
    document::{BondEntry, Claims, Entry, EntryState, Password, PersonEntry},
    fields::{AuthenticatorKey, BirthDate},
    report::{List, Place, Refusal},
    schools,
};
use crate::{
    accounts::NewAccount,
    appointments::{self, Appointment},
    audit::{self, Event},
    bonds,
    entity::{account, appointment, bond, contact, second_factor},
    error::StoreError,
    second_factors,
    time::millis,
};

/// Imports all of them.
pub(super) async fn import(import: &mut Import<'_>) -> Result<(), StoreError> {
    let document = import.document;
    for (first, batch) in batches(&document.people) {
        import_batch(import, first, batch).await?;
    }
    Ok(())
}

/// Accounts by identifier.
pub(super) type Accounts = HashMap<String, account::Model>;

/// The accounts of these identifiers.
pub(super) async fn find_accounts(
    import: &Import<'_>,
    connection: &impl ConnectionTrait,
    identifiers: impl Iterator<Item = &str>,
) -> Result<Accounts, StoreError> {
    let query = account::Entity::find().filter(account::Column::Identifier.is_in(identifiers));
    let rows = import.locked(query).all(connection).await?;
    let keyed = |row: account::Model| (row.identifier.clone(), row);
    Ok(rows.into_iter().map(keyed).collect())
}

/// The account that a new record of this one goes to: where it was merged to, and none
/// where it was closed.
pub(super) async fn home(
    connection: &impl ConnectionTrait,
    row: &account::Model,
) -> Result<Option<Uuid>, StoreError> {
    let mut row = row.clone();
    while let Some(next) = row.merged_into {
        let found = account::Entity::find_by_id(next).one(connection).await?;
        let Some(found) = found else { break };
        row = found;
    }
    Ok((row.state != "closed").then_some(row.id))
}

/// What a batch writes.
#[derive(Default)]
struct Plan {
    created: Vec<account::ActiveModel>,
    changed: Vec<account::ActiveModel>,
    contacts: Vec<contact::Model>,
    bonds: Vec<bond::ActiveModel>,
    appointments: Vec<appointment::ActiveModel>,
    factors: Vec<second_factor::ActiveModel>,
    events: Vec<Event>,
}

impl Plan {
    async fn write(
        self,
        import: &Import<'_>,
        transaction: &DatabaseTransaction,
    ) -> Result<(), StoreError> {
        insert_all(transaction, self.created, None).await?;
        insert_all(transaction, self.changed, Some(replace())).await?;
        let contacts = contacts::active(self.contacts);
        insert_all(transaction, contacts, Some(contacts::replace())).await?;
        insert_all(transaction, self.bonds, Some(bonds::keep())).await?;
        insert_all(transaction, self.appointments, Some(appointments::keep())).await?;
        insert_all(transaction, self.factors, Some(second_factors::keep())).await?;
        audit::record_all(transaction, import.ambient, self.events).await
    }
}

async fn import_batch<'a>(
    import: &mut Import<'a>,
    first: usize,
    batch: &'a [Entry<PersonEntry>],
) -> Result<(), StoreError> {
    let mut entries = import.readable(List::People, first, batch);
    entries.retain(|(place, entry)| match check(import, *place, entry) {
        Ok(()) => true,
        Err(refusal) => {
            import.refuse(refusal);
            false
        }
    });
    leave_out_unknown_schools(import, &entries).await?;
    let hashes = hash_passwords(import, &entries).await?;
    let transaction = import.begin().await?;
    let identifiers = entries.iter().map(|(_, entry)| entry.identifier.as_str());
    let accounts = find_accounts(import, &transaction, identifiers).await?;
    let known = accounts.values().filter(|row| row.state == "known");
    let contacts = contacts::find_current(&transaction, known.map(|row| row.id).collect()).await?;
    let mut plan = Plan::default();
    for (place, entry) in entries {
        let hash = hashes.get(&place.index).map(String::as_str);
        let account = match accounts.get(entry.identifier.as_str()) {
            None => Some(create(import, &mut plan, entry, hash)),
            Some(row) if row.kind != entry.kind.as_str() => {
                import.refuse(place.refuse("kind", "the account is of another kind"));
                continue;
            }
            Some(row) => {
                update(import, &mut plan, entry, hash, row, &contacts);
                home(&transaction, row).await?
            }
        };
        import
            .people
            .insert(entry.identifier.as_str(), Person { entry, account });
    }
    if import.options.dry_run {
        return Ok(());
    }
    plan.write(import, &transaction).await?;
    Ok(transaction.commit().await?)
}

/// What can be said of an entry without the database.
fn check<'a>(import: &mut Import<'a>, place: Place, entry: &'a PersonEntry) -> Result<(), Refusal> {
    let active = entry.state == EntryState::Active;
    let fault = match &entry.password {
        None if entry.provisional => Some(("provisional", "there is no password")),
        Some(_) if active && entry.provisional => Some((
            "provisional",
            "the password of an active account is its owner's own",
        )),
        Some(_) if !active && !entry.provisional => Some((
            "provisional",
            "the password of a known account is provisional",
        )),
        _ if !entry.schools.is_empty() && entry.kind != PersonKind::Officer => {
            Some(("schools", "officers alone are appointed to schools"))
        }
        _ if entry
            .birth_date
            .is_some_and(|birth| birth.date() > import.today) =>
        {
            Some(("birth_date", "lies in the future"))
        }
        _ => None,
    };
    if let Some((member, message)) = fault {
        return Err(place.refuse(member, message));
    }
    if !import.identifiers.insert(entry.identifier.as_str()) {
        return Err(place.refuse("identifier", "the file has this identifier already"));
    }
    leave_out_unknown_bonds(import, place, entry);
    leave_out_known_key(import, place, entry);
    Ok(())
}

fn leave_out_known_key(import: &mut Import<'_>, place: Place, entry: &PersonEntry) {
    let key = entry.totp_secret.as_ref().map(AuthenticatorKey::key);
    if key.is_some() && key == import.options.known_key {
        let fault = place.refuse("totp_secret", "everybody knows the demo's");
        import.report.left_out.push(fault);
    }
}

fn leave_out_unknown_bonds(import: &mut Import<'_>, place: Place, entry: &PersonEntry) {
    for (index, bond) in entry.bonds.iter().enumerate() {
        if (import.options.issuer_of)(bond.upstream.as_str()).is_none() {
            let member = format!("bonds[{index}].upstream");
            let fault = place.refuse(&member, "no upstream of this name is configured");
            import.report.left_out.push(fault);
        }
    }
}

/// Schools come first in a file, so that those of the file are known by now.
async fn leave_out_unknown_schools(
    import: &mut Import<'_>,
    entries: &[(Place, &PersonEntry)],
) -> Result<(), StoreError> {
    let named = entries.iter().flat_map(|(_, entry)| &entry.schools);
    let unseen: HashSet<_> = named.filter(|uai| !import.schools.contains(*uai)).collect();
    let found = schools::find_known(import.database.reader(), unseen).await?;
    import.schools.extend(found);
    for (place, entry) in entries {
        for (index, uai) in entry.schools.iter().enumerate() {
            if !import.schools.contains(uai) {
                let member = format!("schools[{index}]");
                let fault = place.refuse(&member, "there is no such school");
                import.report.left_out.push(fault);
            }
        }
    }
    Ok(())
}

/// Hashes the plain passwords that are needed, before the transaction: it must not
/// wait for them.
async fn hash_passwords(
    import: &Import<'_>,
    entries: &[(Place, &PersonEntry)],
) -> Result<HashMap<usize, String>, StoreError> {
    let ready = |(place, entry): &(Place, &PersonEntry)| match &entry.password {
        Some(Password::Hash(hash)) => Some((place.index, hash.expose().to_owned())),
        _ => None,
    };
    let mut hashes: HashMap<_, _> = entries.iter().filter_map(ready).collect();
    let plain: Vec<_> = entries.iter().filter_map(plain_password).collect();
    if plain.is_empty() || import.options.dry_run {
        hashes.extend(
            plain
                .into_iter()
                .map(|(place, ..)| (place.index, String::new())),
        );
        return Ok(hashes);
    }
    let identifiers = plain.iter().map(|(_, entry, _)| entry.identifier.as_str());
    let query = account::Entity::find().filter(account::Column::Identifier.is_in(identifiers));
    let rows = query.all(import.database.reader()).await?;
    for (place, entry, password) in plain {
        let row = rows
            .iter()
            .find(|row| row.identifier == entry.identifier.as_str());
        if row.is_none_or(|row| takes_password(row, entry)) {
            hashes.insert(place.index, (import.options.hash)(password));
        }
    }
    Ok(hashes)
}

fn plain_password<'a>(
    (place, entry): &(Place, &'a PersonEntry),
) -> Option<(Place, &'a PersonEntry, &'a domain::secret::Secret)> {
    match &entry.password {
        Some(Password::Plain(password)) => Some((*place, *entry, password)),
        _ => None,
    }
}

/// Whether the account takes the file's password: it is known, and has none or is made
/// active by the file.
fn takes_password(row: &account::Model, entry: &PersonEntry) -> bool {
    let lacks = row.password_state == "absent" || entry.state == EntryState::Active;
    row.state == "known" && lacks
}

fn create(
    import: &mut Import<'_>,
    plan: &mut Plan,
    entry: &PersonEntry,
    hash: Option<&str>,
) -> Uuid {
    let id = AccountId::new(import.ambient);
    let now = import.ambient.now();
    let new = NewAccount {
        id,
        kind: entry.kind,
        identifier: entry.identifier.clone(),
        state: match entry.state {
            EntryState::Known => AccountState::Known,
            EntryState::Active => AccountState::Active,
        },
        name: PersonName {
            given: entry.given_name.as_str().to_owned(),
            family: entry.family_name.as_str().to_owned(),
        },
        birth_date: entry.birth_date.map(BirthDate::date),
        locale: entry.locale.unwrap_or_default().as_str().to_owned(),
        password: match hash {
            None => PasswordState::Absent,
            Some(_) if entry.provisional => PasswordState::Provisional { since: now },
            Some(_) => PasswordState::Chosen,
        },
        password_hash: hash.map(str::to_owned),
        additional_claims: entry.claims.as_deref().map(additional).unwrap_or_default(),
    };
    let contacts = contacts::changed(import.ambient, id.as_uuid(), entry, &Contacts::new());
    plan.created.push(new.into_row(import.ambient));
    plan.contacts.extend(contacts);
    plan.bonds.extend(bound(import, entry, id.as_uuid()));
    plan.appointments
        .extend(appointed(import, entry, id.as_uuid()));
    plan.factors.extend(factor(import, entry, id.as_uuid()));
    plan.events
        .push(import.event(Action::AccountCreated, id.as_uuid()));
    import.report.people.created += 1;
    id.as_uuid()
}

/// The second factor that the file gives an account.
fn factor(
    import: &Import<'_>,
    entry: &PersonEntry,
    account: Uuid,
) -> Option<second_factor::ActiveModel> {
    let key = entry.totp_secret.as_ref()?.key();
    if import.options.known_key == Some(key) {
        return None;
    }
    let account = AccountId::from_uuid(account);
    let (vault, now) = (import.options.vault, import.ambient.now());
    Some(second_factors::row(vault, account, key, 0, now))
}

/// The bonds that the file gives an account.
fn bound(import: &Import<'_>, entry: &PersonEntry, account: Uuid) -> Vec<bond::ActiveModel> {
    let account = AccountId::from_uuid(account);
    let row = |named: &BondEntry| {
        let issuer = (import.options.issuer_of)(named.upstream.as_str())?;
        Some(bonds::row(
            import.ambient,
            account,
            &issuer,
            named.sub.as_str(),
        ))
    };
    entry.bonds.iter().filter_map(row).collect()
}

/// What the file appoints an account to.
fn appointed(
    import: &Import<'_>,
    entry: &PersonEntry,
    account: Uuid,
) -> Vec<appointment::ActiveModel> {
    let account = AccountId::from_uuid(account);
    let known = |uai: &&Uai| import.schools.contains(*uai);
    let to: Vec<_> = match entry.kind {
        PersonKind::Administrator => vec![Appointment::Administrator],
        PersonKind::Officer => {
            let schools = entry.schools.iter().filter(known);
            schools.cloned().map(Appointment::Officer).collect()
        }
        PersonKind::Pupil | PersonKind::Guardian => Vec::new(),
    };
    to.iter()
        .map(|to| appointments::row(import.ambient, account, to))
        .collect()
}

fn additional(claims: &Claims) -> serde_json::Map<String, Value> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    }
}

fn update(
    import: &mut Import<'_>,
    plan: &mut Plan,
    entry: &PersonEntry,
    hash: Option<&str>,
    before: &account::Model,
    contacts: &Contacts,
) {
    let now = millis(import.ambient.now());
    let mut after = before.clone();
    let mut contacts_after = Vec::new();
    if !matches!(before.state.as_str(), "merged" | "closed") {
        describe(&mut after, entry);
    }
    if before.state == "known" {
        prepare(&mut after, entry, hash, now);
        contacts_after = contacts::changed(import.ambient, before.id, entry, contacts);
        plan.bonds.extend(bound(import, entry, before.id));
        plan.appointments
            .extend(appointed(import, entry, before.id));
    }
    let staff = entry.kind.must_have_second_factor() && before.state == "active";
    if staff || before.state == "known" {
        plan.factors.extend(factor(import, entry, before.id));
    }
    let mut changes = changes(before, &after);
    changes.extend(contacts_after.iter().map(|row| row.channel.clone()));
    if changes.is_empty() {
        import.report.people.unchanged += 1;
        return;
    }
    after.updated_at = now;
    let event = import.event(Action::AccountUpdated, before.id);
    plan.events.push(event.with(json!({ "changed": changes })));
    plan.changed.push(after.into_active_model().reset_all());
    plan.contacts.extend(contacts_after);
    import.report.people.updated += 1;
}

/// What a file may change of any account in use.
fn describe(row: &mut account::Model, entry: &PersonEntry) {
    let (given, family) = (entry.given_name.as_str(), entry.family_name.as_str());
    if row.given_name != given || row.family_name != family {
        given.clone_into(&mut row.given_name);
        family.clone_into(&mut row.family_name);
        row.given_name_normal = normalise(given);
        row.family_name_normal = normalise(family);
    }
    if let Some(birth) = entry.birth_date {
        row.birth_date = Some(birth.date().to_string());
    }
    if let Some(claims) = &entry.claims {
        row.additional_claims = additional(claims).into();
    }
}

/// What a file may change of an account that nobody has activated.
fn prepare(row: &mut account::Model, entry: &PersonEntry, hash: Option<&str>, now: i64) {
    if let Some(language) = entry.locale {
        language.as_str().clone_into(&mut row.locale);
    }
    if takes_password(row, entry) {
        let state = match hash {
            None => "absent",
            Some(_) if entry.provisional => "provisional",
            Some(_) => "chosen",
        };
        state.clone_into(&mut row.password_state);
        row.password_hash = hash.map(str::to_owned);
        row.password_set_at = hash.map(|_| now);
    }
    if entry.state == EntryState::Active {
        "active".clone_into(&mut row.state);
    }
}

/// Which parts of an account differ, for the audit trail.
fn changes(before: &account::Model, after: &account::Model) -> Vec<String> {
    let names = |row: &account::Model| (row.given_name.clone(), row.family_name.clone());
    let parts = [
        ("names", names(before) != names(after)),
        ("birth_date", before.birth_date != after.birth_date),
        (
            "claims",
            before.additional_claims != after.additional_claims,
        ),
        ("locale", before.locale != after.locale),
        ("password", before.password_hash != after.password_hash),
        ("state", before.state != after.state),
    ];
    let differing = parts.into_iter().filter(|(_, differs)| *differs);
    differing.map(|(part, _)| part.to_owned()).collect()
}

fn replace() -> OnConflict {
    use account::Column as C;
    OnConflict::column(C::Id)
        .update_columns([
            C::State,
            C::GivenName,
            C::FamilyName,
            C::GivenNameNormal,
            C::FamilyNameNormal,
            C::BirthDate,
            C::Locale,
            C::PasswordState,
            C::PasswordHash,
            C::PasswordSetAt,
            C::AdditionalClaims,
            C::UpdatedAt,
        ])
        .to_owned()
}
