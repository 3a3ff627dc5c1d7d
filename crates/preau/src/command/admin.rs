//! `preau admin`.

use std::{
    fs, io,
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
use idp::http::routes::Invitation;
use serde_json::json;
use store::{
    DatabaseTransaction,
    accounts::{self, NewAccount},
    appointments::{self, Appointment},
    audit::{self, Event},
    invitations,
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
    /// Make an administrator's account, and a link with which its owner sets up their access
    #[command(
        after_help = "The link is good once, for 24 hours: its owner chooses a password and a second factor with it. With a password, no link is made, and the second factor is set up at the first sign-in."
    )]
    Create(Create),
    /// Make a new link for an officer or administrator; their password and second factor end
    /// when it is used
    Invite(Invite),
}

#[derive(Args, Debug)]
struct Invite {
    /// Whose
    #[arg(long, value_parser = AccountIdentifier::parse)]
    identifier: AccountIdentifier,
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
    /// A file whose first line is the password; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "ask_password")]
    password_file: Option<PathBuf>,
    /// Ask for the password at the terminal
    #[arg(long)]
    ask_password: bool,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Report, Failure> {
    match &arguments.command {
        Command::Create(create) => create_account(&arguments.place.open().await?, create).await,
        Command::Invite(invite) => invite_again(&arguments.place.open().await?, invite).await,
    }
}

async fn create_account(opened: &Opened, create: &Create) -> Result<Report, Failure> {
    for (option, name) in [
        ("--given-name", &create.given_name),
        ("--family-name", &create.family_name),
    ] {
        name::check(name).map_err(|fault| Failure::Other(format!("{option}: {fault}")))?;
    }
    let hash = match password(create)? {
        Some(password) => {
            let settings = &opened.config.passwords;
            let hash = idp::passwords::hash(settings, &opened.ambient, &password);
            Some(hash.map_err(Failure::other)?)
        }
        None => None,
    };
    let with_password = hash.is_some();
    let id = AccountId::new(&opened.ambient);
    let Some(link) = insert(opened, new_account(id, create, hash)).await? else {
        let identifier = &create.identifier;
        return Err(Failure::Other(format!(
            "the identifier {identifier} was given before"
        )));
    };
    let identifier = create.identifier.as_str();
    if with_password {
        let text = format!(
            "{identifier}: administrator, signs in with the password that you gave and sets up \
             a second factor then"
        );
        let json = json!({"identifier": identifier, "account": id.to_string()});
        return Ok(Report::new(text, json));
    }
    Ok(invited(identifier, id, &link))
}

fn invited(identifier: &str, id: AccountId, link: &str) -> Report {
    let text = format!(
        "{identifier}: sets up their access with this link, once, within 24 hours:\n{link}"
    );
    let json = json!({"identifier": identifier, "account": id.to_string(), "link": link});
    Report::new(text, json)
}

async fn invite_again(opened: &Opened, invite: &Invite) -> Result<Report, Failure> {
    let identifier = &invite.identifier;
    let found = accounts::find_by_identifier(opened.database.reader(), identifier).await?;
    let account = found.map(|found| found.account);
    let account = account.filter(|account| {
        let state = matches!(account.state, AccountState::Known | AccountState::Active);
        state && account.kind.must_have_second_factor()
    });
    let Some(account) = account else {
        return Err(Failure::Other(format!(
            "{identifier} is no officer's or administrator's account that is in use"
        )));
    };
    let transaction = opened.database.begin().await?;
    let link = link(opened, &transaction, account.id).await?;
    transaction.commit().await.map_err(Failure::other)?;
    Ok(invited(identifier.as_str(), account.id, &link))
}

/// A new link, in the transaction of what it is for.
async fn link(
    opened: &Opened,
    transaction: &DatabaseTransaction,
    account: AccountId,
) -> Result<String, Failure> {
    let urls = web::urls::Urls::new(&opened.config.server.issuer).map_err(Failure::other)?;
    let actor = Actor::Operator;
    let token = invitations::insert(transaction, &opened.ambient, actor, account).await?;
    let page = urls.absolute(&Invitation);
    Ok(format!("{page}?jeton={}", token.expose()))
}

/// Writes the account; its link, where it was given no password, or an empty text. None
/// where the identifier was given before.
async fn insert(opened: &Opened, account: NewAccount) -> Result<Option<String>, Failure> {
    let id = account.id;
    let is_invited = account.password_hash.is_none();
    let transaction = opened.database.begin().await?;
    let written = accounts::insert(&transaction, &opened.ambient, account).await?;
    let mut invitation = written.then(String::new);
    if written {
        let event = Event::new(Action::AccountCreated, Actor::Operator, Target::Account(id));
        audit::record(&transaction, &opened.ambient, event).await?;
        let to = Appointment::Administrator;
        appointments::insert(&transaction, &opened.ambient, Actor::Operator, id, &to).await?;
    }
    if written && is_invited {
        invitation = Some(link(opened, &transaction, id).await?);
    }
    transaction.commit().await.map_err(Failure::other)?;
    Ok(invitation)
}

fn new_account(id: AccountId, create: &Create, hash: Option<String>) -> NewAccount {
    let (state, password) = match hash {
        Some(_) => (AccountState::Active, PasswordState::Chosen),
        None => (AccountState::Known, PasswordState::Absent),
    };
    NewAccount {
        id,
        kind: PersonKind::Administrator,
        identifier: create.identifier.clone(),
        state,
        name: PersonName {
            given: create.given_name.clone(),
            family: create.family_name.clone(),
        },
        birth_date: None,
        locale: "fr".to_owned(),
        password,
        password_hash: hash,
        additional_claims: serde_json::Map::new(),
    }
}

fn password(create: &Create) -> Result<Option<Secret>, Failure> {
    let text = match create.password_file.as_deref() {
        Some(file) if file == Path::new("-") => first_line(&mut io::stdin().lock())?,
        Some(file) => {
            let told = |error: io::Error| Failure::Other(format!("{}: {error}", file.display()));
            first_line(&mut io::BufReader::new(fs::File::open(file).map_err(told)?))?
        }
        None if create.ask_password => typed_twice()?,
        None => return Ok(None),
    };
    if !PASSWORD_LENGTH.contains(&text.chars().count()) {
        let (least, most) = (PASSWORD_LENGTH.start(), PASSWORD_LENGTH.end());
        return Err(Failure::Other(format!(
            "the password needs from {least} to {most} characters"
        )));
    }
    Ok(Some(Secret::new(text)))
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
