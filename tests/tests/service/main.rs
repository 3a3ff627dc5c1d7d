//! Journeys over HTTP against the whole service.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like their tests")]
#![expect(
    clippy::too_many_lines,
    reason = "tables of cases are as long as they are"
)]

mod activation;
mod acts;
mod authorize;
mod children;
mod chosen_password;
mod client_authentication;
mod clients;
mod consent;
mod deaths;
mod desk;
mod guessing;
mod invitations;
mod journal;
mod logout;
mod lost;
mod main_job;
mod matrix;
mod metadata;
mod my_account;
mod passkeys;
mod plans;
mod processes;
mod races;
mod recovery;
mod recovery_attacks;
mod recovery_codes;
mod recovery_disavowal;
mod redirects;
mod refresh;
mod registration;
mod schools;
mod second_factor;
mod sessions;
mod sign_in;
mod sweep;
mod token;
mod trail;
mod upstream;
mod upstream_account;
mod upstream_activation;
mod upstream_again;
mod upstream_binding;
mod upstream_encryption;
mod upstream_keys;
mod upstream_links;
mod upstream_proofs;
mod userinfo;
mod verified_claims;
mod walks;
mod wishes;
