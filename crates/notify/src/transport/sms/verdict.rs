//! What a gateway's answer means.

use reqwest::StatusCode;
use serde_json::Value;

use super::super::{Cause, Failure};
use crate::settings::{SettingFault, SmsSettings};

/// How to read the answers of one gateway.
#[derive(Debug)]
pub(crate) struct Verdict {
    statuses: Vec<Statuses>,
    words: Option<Words>,
}

/// One status, or the hundred that begin with a digit.
#[derive(Clone, Copy, Debug)]
enum Statuses {
    One(u16),
    Hundred(u16),
}

/// Where in the answer it says what.
#[derive(Debug)]
struct Words {
    pointer: String,
    values: Vec<String>,
}

impl Verdict {
    /// That of the settings.
    ///
    /// # Errors
    /// The first fault of `accepted_statuses`, `accepted_pointer` or `accepted_values`.
    pub(crate) fn of(settings: &SmsSettings) -> Result<Self, SettingFault> {
        let statuses = settings.accepted_statuses.iter();
        let statuses: Option<Vec<_>> = statuses.map(|text| Statuses::parse(text)).collect();
        Ok(Self {
            statuses: statuses.filter(|all| !all.is_empty()).ok_or(STATUSES)?,
            words: Words::of(settings)?,
        })
    }

    /// Whether the message was taken. A refusal is for good only where it speaks of this
    /// one message; a wrong token, address or a limit is mended while the message waits.
    pub(super) fn on(&self, status: StatusCode, body: &[u8]) -> Result<(), Failure> {
        let cause = Cause::Answer(status.as_u16());
        match status {
            _ if self.statuses.iter().any(|accepted| accepted.hold(status)) => {
                let is_taken = self.words.as_ref().is_none_or(|words| words.stand_in(body));
                is_taken
                    .then_some(())
                    .ok_or(Failure::Transient(Cause::NotAccepted))
            }
            StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNPROCESSABLE_ENTITY => Err(Failure::Permanent(cause)),
            _ => Err(Failure::Transient(cause)),
        }
    }
}

impl Statuses {
    fn parse(text: &str) -> Option<Self> {
        let is_status = |status: &u16| (100..=599).contains(status);
        if let Some(first) = text.strip_suffix("xx") {
            let hundred = first.parse::<u16>().ok()?.checked_mul(100)?;
            return is_status(&hundred).then_some(Self::Hundred(hundred));
        }
        text.parse().ok().filter(is_status).map(Self::One)
    }

    const fn hold(self, status: StatusCode) -> bool {
        match self {
            Self::One(one) => status.as_u16() == one,
            Self::Hundred(hundred) => status.as_u16() / 100 * 100 == hundred,
        }
    }
}

impl Words {
    fn of(settings: &SmsSettings) -> Result<Option<Self>, SettingFault> {
        let values = settings.accepted_values.clone();
        let Some(pointer) = settings.accepted_pointer.clone() else {
            return if values.is_empty() {
                Ok(None)
            } else {
                Err(VALUES)
            };
        };
        if !pointer.starts_with('/') || values.is_empty() {
            return Err(POINTER);
        }
        Ok(Some(Self { pointer, values }))
    }

    fn stand_in(&self, body: &[u8]) -> bool {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else {
            return false;
        };
        let said = match answer.pointer(&self.pointer) {
            None => return false,
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        self.values.contains(&said)
    }
}

const STATUSES: SettingFault = SettingFault {
    key: "accepted_statuses",
    fault: "statuses are expected, such as `201` or `2xx`",
};

const POINTER: SettingFault = SettingFault {
    key: "accepted_pointer",
    fault: "a JSON pointer such as `/status` is expected, and what may stand there in `accepted_values`",
};

const VALUES: SettingFault = SettingFault {
    key: "accepted_values",
    fault: "`accepted_pointer` must say where they stand",
};
