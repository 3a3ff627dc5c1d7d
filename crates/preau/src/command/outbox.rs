//! `preau outbox`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use store::outbox::{self, ListedMessage, MessageState};

use super::{failure::Failure, place::Place, report::Report};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List messages, the newest first: where each stands, never to whom or what
    #[command(
        after_help = "What ended was wiped, so that a message that was given up cannot be sent again."
    )]
    List(List),
}

#[derive(Args, Debug)]
struct List {
    /// Only those that stand so: `pending`, `delivered`, `expired` or `parked`
    #[arg(long, value_parser = state)]
    state: Option<MessageState>,
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    most: u32,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Report, Failure> {
    let opened = arguments.place.open().await?;
    let Command::List(list) = &arguments.command;
    let messages = outbox::list(opened.database.reader(), list.state, list.most.into()).await?;
    let lines: Vec<_> = messages.iter().map(line).collect();
    let documents: Value = messages.iter().map(document).collect();
    Ok(Report::new(lines.join("\n"), documents))
}

fn state(text: &str) -> Result<MessageState, String> {
    let known = MessageState::ALL.map(MessageState::as_str).join(", ");
    MessageState::parse(text).ok_or_else(|| format!("there are {known}"))
}

fn line(message: &ListedMessage) -> String {
    let next = message
        .next_attempt_at
        .map(|next| format!(", next {next:.0}"));
    let end = message.ended_at.map(|end| format!(", ended {end:.0}"));
    let cause = message.cause.as_ref().map(|cause| format!(": {cause}"));
    let told = format!(
        "{}  {:<9}  {:<5}  {}  written {:.0}, attempts {}",
        message.id,
        message.state.as_str(),
        message.channel.as_str(),
        message.template,
        message.created_at,
        message.attempts,
    );
    let rest = [next, end, cause].into_iter().flatten();
    [told].into_iter().chain(rest).collect()
}

fn document(message: &ListedMessage) -> Value {
    json!({
        "message_id": message.id.to_string(),
        "state": message.state.as_str(),
        "channel": message.channel,
        "template": message.template,
        "attempts": message.attempts,
        "cause": message.cause,
        "created_at": message.created_at,
        "next_attempt_at": message.next_attempt_at,
        "ended_at": message.ended_at,
    })
}
