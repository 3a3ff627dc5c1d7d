//! `preau admin`.

use std::{
    fs,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use domain::{
    account::{AccountState, PasswordState, PersonKind},
    audit::{Action, Actor, Target},
    identifier::AccountIdentifier,
    ids::AccountId,
    name::{self, PersonName},
    secret::Secret,
};
use serde_json::json;
use store::{
    accounts::{self, NewAccount},
    appointments::{self, Appointment},
    audit::{self, Event},
};

use super::{
    failure::Failure,
    place::{Opened, Place},
    report::Report,
};

/// The fewest characters of a password (contract.md, Page labels), and the most, which
/// bound what is hashed.
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 12..=256;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make an administrator's account
    #[command(
        after_help = "The password is asked for at a terminal, else read from the first line of standard input."
    )]
    Create(Create),
}

#[derive(Args, Debug)]
struct Create {
    /// What the administrator types to sign in
    #[arg(long, value_parser = AccountIdentifier::parse)]
    identifier: AccountIdentifier,
    /// Given name
    #[arg(long, value_name = "NAME")]
    given_name: String,
    /// Family name
    #[arg(long, value_name = "NAME")]
    family_name: String,
    /// A file whose first line is the password
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Report, Failure> {
    match &arguments.command {
        Command::Create(create) => create_account(&arguments.place.open().await?, create).await,
    }
}

async fn create_account(opened: &Opened, create: &Create) -> Result<Report, Failure> {
    for (option, name) in [
        ("--given-name", &create.given_name),
        ("--family-name", &create.family_name),
    ] {
        name::check(name).map_err(|fault| Failure::Other(format!("{option}: {fault}")))?;
    }
    let password = password(create.password_file.as_deref())?;
    let hash = idp::passwords::hash(&opened.config.passwords, &opened.ambient, &password);
    let hash = hash.map_err(Failure::other)?;
    let id = AccountId::new(&opened.ambient);
    if !insert(opened, new_account(id, create, hash)).await? {
        let identifier = &create.identifier;
        return Err(Failure::Other(format!(
            "the identifier {identifier} was given before"
        )));
    }
    let identifier = create.identifier.as_str();
    let text = format!("{identifier}: administrator, signs in with the password that you gave");
    Ok(Report::new(
        text,
        json!({"identifier": identifier, "account": id.to_string()}),
    ))
}

async fn insert(opened: &Opened, account: NewAccount) -> Result<bool, Failure> {
    let id = account.id;
    let transaction = opened.database.begin().await?;
    let written = accounts::insert(&transaction, &opened.ambient, account).await?;
    if written {
        let event = Event::new(Action::AccountCreated, Actor::Operator, Target::Account(id));
        audit::record(&transaction, &opened.ambient, event).await?;
        let to = Appointment::Administrator;
        appointments::insert(&transaction, &opened.ambient, Actor::Operator, id, &to).await?;
    }
    transaction.commit().await.map_err(Failure::other)?;
    Ok(written)
}

fn new_account(id: AccountId, create: &Create, hash: String) -> NewAccount {
    NewAccount {
        id,
        kind: PersonKind::Administrator,
        identifier: create.identifier.clone(),
        state: AccountState::Active,
        name: PersonName {
            given: create.given_name.clone(),
            family: create.family_name.clone(),
        },
        birth_date: None,
        locale: "fr".to_owned(),
        password: PasswordState::Chosen,
        password_hash: Some(hash),
        additional_claims: serde_json::Map::new(),
    }
}

fn password(file: Option<&Path>) -> Result<Secret, Failure> {
    let text = match file {
        Some(file) => {
            let told = |error: io::Error| Failure::Other(format!("{}: {error}", file.display()));
            first_line(&mut io::BufReader::new(fs::File::open(file).map_err(told)?))?
        }
        None if io::stdin().is_terminal() => typed_twice()?,
        None => first_line(&mut io::stdin().lock())?,
    };
    if !PASSWORD_LENGTH.contains(&text.chars().count()) {
        let (least, most) = (PASSWORD_LENGTH.start(), PASSWORD_LENGTH.end());
        return Err(Failure::Other(format!(
            "the password needs from {least} to {most} characters"
        )));
    }
    Ok(Secret::new(text))
}

fn first_line(reader: &mut impl io::BufRead) -> Result<String, Failure> {
    let mut line = String::new();
    reader.read_line(&mut line).map_err(Failure::other)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

fn typed_twice() -> Result<String, Failure> {
    let ask = |prompt| rpassword::prompt_password(prompt).map_err(Failure::other);
    let first = ask("Password: ")?;
    if ask("Again: ")? == first {
        Ok(first)
    } else {
        Err(Failure::Other("the two passwords differ".to_owned()))
    }
}
