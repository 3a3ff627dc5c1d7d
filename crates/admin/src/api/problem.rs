//! Errors of the API: problem details (RFC 9457), whatever went wrong.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use idp::{
    http::resource::{NotLetIn, challenge},
    registrar::RegistrarFault,
};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:preau:problem:not-found")]
    kind: String,
    /// The same in words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What to do about it.
    detail: String,
    /// What is wrong with each member of a registration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<MemberFault>,
    /// The version that stands now, where a change was made from another.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    #[serde(skip)]
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

/// What is wrong with a member of a registration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberFault {
    member: String,
    /// What to write instead.
    advice: String,
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        kind: &str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            kind: format!("urn:preau:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            faults: Vec::new(),
            version: None,
            header: None,
        }
    }

    pub(crate) fn not_found() -> Self {
        let detail = "there is nothing at this address; GET openapi.json lists what there is";
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    pub(crate) fn method_not_allowed() -> Self {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let detail = "the header Allow names the methods of this address";
        Self::new(status, "method-not-allowed", "Method not allowed", detail)
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "Bad request",
            detail,
        )
    }

    pub(crate) fn unprocessable(member: &str, advice: impl Into<String>) -> Self {
        let advice = advice.into();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let detail = format!("{member}: {advice}");
        let mut problem = Self::new(status, "unprocessable", "Unprocessable content", detail);
        problem.faults = vec![MemberFault {
            member: member.to_owned(),
            advice,
        }];
        problem
    }

    pub(crate) fn precondition_required() -> Self {
        let status = StatusCode::PRECONDITION_REQUIRED;
        let detail = "send If-Match with the ETag that the change was made from, so that nobody's change is lost";
        Self::new(
            status,
            "precondition-required",
            "Precondition required",
            detail,
        )
    }

    pub(crate) fn precondition_failed(version: Option<i64>) -> Self {
        let status = StatusCode::PRECONDITION_FAILED;
        let detail = "the registration was changed meanwhile: read it again, and make the change from what it is now";
        let mut problem = Self::new(status, "precondition-failed", "Precondition failed", detail);
        problem.version = version;
        problem
    }

    pub(crate) fn lacks_scope(scope: &str) -> Self {
        let detail = format!("the access token lacks the scope {scope}");
        let mut problem = Self::new(StatusCode::FORBIDDEN, "forbidden", "Forbidden", detail);
        let value = format!(r#"Bearer realm="preau", error="insufficient_scope", scope="{scope}""#);
        let value = HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("Bearer"));
        problem.header = Some(Box::new((header::WWW_AUTHENTICATE, value)));
        problem
    }

    fn conflict(detail: String) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Conflict", detail)
    }

    fn unavailable(error: &StoreError) -> Self {
        tracing::error!(%error, "a store failed");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let detail = "nothing was done; try again in a moment";
        let mut problem = Self::new(status, "unavailable", "Service unavailable", detail);
        problem.header = Some(Box::new((
            header::RETRY_AFTER,
            HeaderValue::from_static("5"),
        )));
        problem
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::unavailable(&error)
    }
}

impl From<NotLetIn> for Problem {
    fn from(fault: NotLetIn) -> Self {
        let fault = match fault {
            NotLetIn::Token(fault) => fault,
            NotLetIn::Store(error) => return Self::unavailable(&error),
        };
        let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        let (kind, title) = match status {
            StatusCode::BAD_REQUEST => ("bad-request", "Bad request"),
            StatusCode::FORBIDDEN => ("forbidden", "Forbidden"),
            _ => ("unauthorized", "Unauthorized"),
        };
        let mut problem = Self::new(status, kind, title, fault.to_string());
        problem.header = Some(Box::new(challenge(&fault)));
        problem
    }
}

impl From<RegistrarFault> for Problem {
    fn from(fault: RegistrarFault) -> Self {
        let told = fault.to_string();
        match fault {
            RegistrarFault::Unsound(faults) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let title = "Unprocessable content";
                let mut problem = Self::new(status, "unsound-registration", title, told);
                let faults = faults.iter().map(|fault| MemberFault {
                    member: fault.member().to_owned(),
                    advice: fault.advice(),
                });
                problem.faults = faults.collect();
                problem
            }
            RegistrarFault::Unfit(unfit) => Self::unprocessable(unfit.member, unfit.advice),
            RegistrarFault::Taken(_)
            | RegistrarFault::Managed(_)
            | RegistrarFault::NoSecrets(_)
            | RegistrarFault::TooManySecrets => Self::conflict(told),
            RegistrarFault::Unknown => Self::not_found(),
            RegistrarFault::Conflict(version) => Self::precondition_failed(Some(version)),
            RegistrarFault::BeyondOwnPower(_) => {
                Self::new(StatusCode::FORBIDDEN, "beyond-own-power", "Forbidden", told)
            }
            RegistrarFault::Store(error) => Self::unavailable(&error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let header = self.header.clone();
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        let problem = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem);
        if let Some((name, value)) = header.map(|header| *header) {
            headers.insert(name, value);
        }
        response
    }
}
