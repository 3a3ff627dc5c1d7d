//! What the database holds of a person, for that person (GDPR, article 15). Each member is
//! written out by hand: a new column is not told before somebody decided so, and no hash
//! or secret ever is. docs/DATA.md says what each is for.

use domain::ids::AccountId;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    audit,
    entity::{
        account, account_change, account_grouping, activation, authorization_grant, consent,
        contact, directory_record, link_report, link_report_answer, outbox, passkey, pending_act,
        proof, record_link, recovery_code, refused_birth_date, second_factor, suspension,
    },
    error::StoreError,
    people,
    time::instant,
};

/// Everything about the owner of an account.
///
/// # Errors
/// The database's.
pub async fn of_account(
    connection: &impl ConnectionTrait,
    id: AccountId,
) -> Result<Value, StoreError> {
    let uuid = id.as_uuid();
    Ok(json!({
        "account": own(connection, uuid).await?,
        "second_factor": second_factor(connection, uuid).await?,
        "contacts": contacts(connection, uuid).await?,
        "schools_say": records(connection, uuid).await?,
        "family": family(connection, id).await?,
        "reported_links": reports(connection, uuid).await?,
        "groupings": groupings(connection, uuid).await?,
        "suspensions": suspensions(connection, uuid).await?,
        "requests_of_schools": requests(connection, uuid).await?,
        "activation": under_way(connection, uuid).await?,
        "services": grants(connection, uuid).await?,
        "consents": consents(connection, uuid).await?,
        "one_time_links_and_codes": proofs(connection, uuid).await?,
        "changes_that_can_be_taken_back": changes(connection, uuid).await?,
        "messages": messages(connection, uuid).await?,
        "history": history(connection, id).await?,
    }))
}

async fn own(connection: &impl ConnectionTrait, id: Uuid) -> Result<Value, StoreError> {
    let row = account::Entity::find_by_id(id).one(connection).await?;
    let Some(row) = row else {
        return Ok(Value::Null);
    };
    Ok(json!({
        "id": row.id,
        "kind": row.kind,
        "identifier": row.identifier,
        "state": row.state,
        "given_name": row.given_name,
        "family_name": row.family_name,
        "birth_date": row.birth_date,
        "language": row.locale,
        "password": row.password_state,
        "password_set_at": row.password_set_at.map(moment),
        "sessions_valid_from": moment(row.sessions_from),
        "additional_claims": row.additional_claims,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }))
}

/// That there are some, and when they were used; never a key or a code.
async fn second_factor(connection: &impl ConnectionTrait, id: Uuid) -> Result<Value, StoreError> {
    let row = second_factor::Entity::find_by_id(id);
    let row = row.one(connection).await?;
    let codes = recovery_code::Entity::find()
        .filter(recovery_code::Column::AccountId.eq(id))
        .all(connection)
        .await?;
    let codes = codes.into_iter().map(|row| {
        json!({
            "made_at": moment(row.created_at),
            "used_at": row.used_at.map(moment),
        })
    });
    let passkeys = passkey::Entity::find()
        .filter(passkey::Column::AccountId.eq(id))
        .order_by_asc(passkey::Column::CreatedAt)
        .all(connection)
        .await?;
    let passkeys = passkeys.into_iter().map(|row| {
        json!({
            "name": row.name,
            "added_at": moment(row.created_at),
            "used_at": row.used_at.map(moment),
        })
    });
    Ok(json!({
        "first_at": row.as_ref().map(|row| moment(row.first_at)),
        "application_since": row.as_ref().and_then(|row| row.totp_at).map(moment),
        "passkeys_asked_for_since": row.as_ref().and_then(|row| row.passkeys_at).map(moment),
        "application_used_at": row.as_ref().and_then(|row| row.totp_used_at).map(moment),
        "recovery_codes": codes.collect::<Vec<_>>(),
        "passkeys": passkeys.collect::<Vec<_>>(),
    }))
}

async fn contacts(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, StoreError> {
    let rows = contact::Entity::find()
        .filter(contact::Column::AccountId.eq(id))
        .order_by_asc(contact::Column::Channel)
        .order_by_asc(contact::Column::Slot)
        .all(connection)
        .await?;
    let told = rows.into_iter().map(|row| {
        json!({
            "channel": row.channel,
            "slot": row.slot,
            "value": row.value,
            "state": row.state,
            "confirmed_at": row.confirmed_at.map(moment),
            "since": moment(row.created_at),
        })
    });
    Ok(told.collect())
}

async fn records(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, StoreError> {
    let rows = directory_record::Entity::find()
        .filter(directory_record::Column::AccountId.eq(id))
        .order_by_asc(directory_record::Column::CreatedAt)
        .all(connection)
        .await?;
    let mut told = Vec::new();
    for row in rows {
        told.push(json!({
            "source": row.source,
            "source_key": row.source_key,
            "school_uai": row.school_uai,
            "kind": row.kind,
            "given_name": row.given_name,
            "family_name": row.family_name,
            "birth_date": row.birth_date,
            "email": row.email,
            "phone": row.phone,
            "class": row.class_name,
            "links": links(connection, row.id).await?,
            "ended_at": row.ended_at.map(moment),
            "created_at": moment(row.created_at),
            "updated_at": moment(row.updated_at),
        }));
    }
    Ok(told)
}

/// How a record is linked; the other end is told by its name under `family`.
async fn links(connection: &impl ConnectionTrait, record: Uuid) -> Result<Vec<Value>, StoreError> {
    let either = Condition::any()
        .add(record_link::Column::GuardianRecordId.eq(record))
        .add(record_link::Column::PupilRecordId.eq(record));
    let rows = record_link::Entity::find()
        .filter(either)
        .order_by_asc(record_link::Column::CreatedAt)
        .all(connection)
        .await?;
    let told = rows.into_iter().map(|row| {
        json!({
            "relationship": row.relationship,
            "legal_rank": row.legal_rank,
            "ended_at": row.ended_at.map(moment),
            "created_at": moment(row.created_at),
        })
    });
    Ok(told.collect())
}

/// Who is linked, as far as the person sees it elsewhere: of guardians the name alone.
async fn family(connection: &impl ConnectionTrait, id: AccountId) -> Result<Value, StoreError> {
    let Some(facts) = people::find_whole(connection, id).await? else {
        return Ok(Value::Null);
    };
    let schools = |schools: &[domain::school::School]| -> Vec<Value> {
        let told =
            |school: &domain::school::School| json!({ "uai": school.uai, "name": school.name });
        schools.iter().map(told).collect()
    };
    let children = facts.children.iter().map(|child| {
        json!({
            "given_name": child.name.given,
            "family_name": child.name.family,
            "birth_date": child.birth_date,
            "relationship": child.relationship.as_str(),
            "schools": schools(&child.schools),
        })
    });
    let guardians = facts.guardians.iter().map(|guardian| {
        json!({
            "given_name": guardian.name.given,
            "family_name": guardian.name.family,
            "relationship": guardian.relationship.as_str(),
        })
    });
    Ok(json!({
        "children": children.collect::<Vec<_>>(),
        "guardians": guardians.collect::<Vec<_>>(),
        "schools": schools(&facts.schools),
    }))
}

/// Links that this person reported, or that were reported of them.
async fn reports(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, StoreError> {
    let rows = link_report::Entity::find()
        .filter(link_report::Column::GuardianAccountId.eq(id))
        .all(connection)
        .await?;
    let mut told = Vec::new();
    for row in rows {
        let answers = link_report_answer::Entity::find()
            .filter(link_report_answer::Column::GuardianAccountId.eq(id))
            .filter(link_report_answer::Column::PupilAccountId.eq(row.pupil_account_id))
            .all(connection)
            .await?;
        let answers = answers.into_iter().map(|answer| {
            json!({
                "school": answer.school_uai,
                "answer": answer.answer,
                "at": moment(answer.answered_at),
            })
        });
        told.push(json!({
            "reported_at": moment(row.reported_at),
            "asked_again_at": row.asked_at.map(moment),
            "answers": answers.collect::<Vec<_>>(),
        }));
    }
    Ok(told)
}

async fn groupings(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, StoreError> {
    let rows = account_grouping::Entity::find()
        .filter(account_grouping::Column::KeptAccountId.eq(id))
        .all(connection)
        .await?;
    let mut told = Vec::new();
    for row in rows {
        let merged = account::Entity::find_by_id(row.merged_account_id);
        let merged = merged.one(connection).await?;
        told.push(json!({
            "at": moment(row.at),
            "grouped_identifier": merged.map(|merged| merged.identifier),
        }));
    }
    Ok(told)
}

async fn under_way(connection: &impl ConnectionTrait, id: Uuid) -> Result<Value, StoreError> {
    let step = activation::Entity::find_by_id(id).one(connection).await?;
    let refused = refused_birth_date::Entity::find()
        .filter(refused_birth_date::Column::AccountId.eq(id))
        .all(connection)
        .await?;
    let refused = refused
        .into_iter()
        .map(|row| json!({ "typed": row.typed, "at": moment(row.at) }));
    let step = step.map(|row| {
        json!({
            "step": row.reached,
            "email": row.email,
            "phone": row.phone,
            "updated_at": moment(row.updated_at),
        })
    });
    Ok(json!({
        "under_way": step,
        "refused_birth_dates": refused.collect::<Vec<_>>(),
    }))
}

async fn grants(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, StoreError> {
    let rows = authorization_grant::Entity::find()
        .filter(authorization_grant::Column::AccountId.eq(id))
        .order_by_asc(authorization_grant::Column::CreatedAt)
        .all(connection)
        .await?;
    let told = rows.into_iter().map(|row| {
        json!({
            "service": row.client_id,
            "scope": row.scope,
            "claims": row.claims_request,
            "signed_in_at": moment(row.auth_time),
            "level": row.acr,
            "methods": row.amr,
            "outlives_the_session": row.offline,
            "created_at": moment(row.created_at),
            "expires_at": moment(row.expires_at),
            "revoked_at": row.revoked_at.map(moment),
        })
    });
    Ok(told.collect())
}

async fn consents(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, StoreError> {
    let rows = consent::Entity::find()
        .filter(consent::Column::AccountId.eq(id))
        .all(connection)
        .await?;
    let told = rows.into_iter().map(|row| {
        json!({
            "service": row.client_id,
            "scope": row.scope,
            "given_at": moment(row.given_at),
        })
    });
    Ok(told.collect())
}

/// That there are some, and where they went; never what opens them.
async fn proofs(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, StoreError> {
    let rows = proof::Entity::find()
        .filter(proof::Column::AccountId.eq(id))
        .order_by_asc(proof::Column::CreatedAt)
        .all(connection)
        .await?;
    let told = rows.into_iter().map(|row| {
        json!({
            "purpose": row.purpose,
            "sent_to": row.contact,
            "wrong_tries": row.tries,
            "created_at": moment(row.created_at),
            "expires_at": moment(row.expires_at),
            "ended_at": row.spent_at.map(moment),
        })
    });
    Ok(told.collect())
}

async fn changes(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, StoreError> {
    let rows = account_change::Entity::find()
        .filter(account_change::Column::AccountId.eq(id))
        .order_by_asc(account_change::Column::At)
        .all(connection)
        .await?;
    let told = rows
        .into_iter()
        .map(|row| json!({ "at": moment(row.at), "until": moment(row.expires_at) }));
    Ok(told.collect())
}

async fn suspensions(
    connection: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Vec<Value>, StoreError> {
    let rows = suspension::Entity::find()
        .filter(suspension::Column::AccountId.eq(id))
        .all(connection)
        .await?;
    let told = rows.into_iter().map(|row| {
        json!({
            "school": row.school_uai,
            "reason": row.reason,
            "note": row.note,
            "since": moment(row.at),
        })
    });
    Ok(told.collect())
}

async fn requests(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, StoreError> {
    let rows = pending_act::Entity::find()
        .filter(pending_act::Column::AccountId.eq(id))
        .order_by_asc(pending_act::Column::AskedAt)
        .all(connection)
        .await?;
    let told = rows.into_iter().map(|row| {
        json!({
            "what": row.kind,
            "school": row.school_uai,
            "asked_at": moment(row.asked_at),
            "effective_at": moment(row.effective_at),
            "outcome": row.outcome,
            "ended_at": row.ended_at.map(moment),
        })
    });
    Ok(told.collect())
}

async fn messages(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, StoreError> {
    let rows = outbox::Entity::find()
        .filter(outbox::Column::AccountId.eq(id))
        .order_by_asc(outbox::Column::CreatedAt)
        .all(connection)
        .await?;
    let told = rows.into_iter().map(|row| {
        json!({
            "channel": row.channel,
            "message": row.template,
            "language": row.locale,
            "state": row.state,
            "created_at": moment(row.created_at),
            "ended_at": row.ended_at.map(moment),
        })
    });
    Ok(told.collect())
}

async fn history(
    connection: &impl ConnectionTrait,
    id: AccountId,
) -> Result<Vec<Value>, StoreError> {
    let past = audit::find_all_of_account(connection, id).await?;
    let told = past.into_iter().map(|past| {
        json!({
            "at": past.at.to_string(),
            "action": past.action,
            "actor": past.actor,
            "service": past.client,
            "network": past.network,
            "details": without_key(past.details),
        })
    });
    Ok(told.collect())
}

/// What finds a session again is a hash of what opens it.
fn without_key(mut details: Value) -> Value {
    if let Some(details) = details.as_object_mut() {
        details.remove("key");
    }
    details
}

fn moment(millis: i64) -> Value {
    instant(millis).map_or(Value::Null, |instant| json!(instant.to_string()))
}
