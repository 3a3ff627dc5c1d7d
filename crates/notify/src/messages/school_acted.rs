//! « Votre établissement a agi sur votre compte ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use jiff::Timestamp;
use serde::Serialize;

use crate::message::Message;

/// What a school did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatTheSchoolDid {
    /// Gave a new provisional password: what was signed in ended.
    ProvisionalPassword,
    /// Suspended its part, or the whole account.
    Suspended,
    /// Took that back.
    Reactivated,
    /// Ended a link to a pupil.
    LinkEnded,
    /// Lets a link to a pupil count again.
    LinkRestored,
    /// Answered a reported link: it is right.
    ReportUpheld,
    /// Answered a reported link: it was wrong, and ended.
    ReportEnded,
    /// Undid a grouping.
    GroupingUndone,
    /// Took a second factor off that was lost.
    FactorRemoved,
    /// Stopped an act that waited.
    ActCancelled,
}

/// A school acted on an account of its people. Goes to every contact that its owner
/// confirmed.
#[derive(Clone, Debug, Serialize)]
pub struct SchoolActed {
    /// Which account: an address may serve several.
    pub identifier: AccountIdentifier,
    /// The school's name.
    pub school: String,
    /// What it did.
    pub what: WhatTheSchoolDid,
    /// When.
    pub at: Timestamp,
}

impl Message for SchoolActed {
    const NAME: &'static str = "school_acted";
    const CHANNELS: &'static [Channel] = &[Channel::Email, Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(72)
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("a.dubois6").expect("an identifier"),
            school: "Collège Simon-Lavigne".into(),
            what: WhatTheSchoolDid::ProvisionalPassword,
            at: Timestamp::constant(1_788_249_600, 0),
        }
    }
}
