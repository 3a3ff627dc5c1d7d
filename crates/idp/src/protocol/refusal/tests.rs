use super::*;

fn is_description(text: &str) -> bool {
    let allowed = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    !text.is_empty() && text.bytes().all(allowed)
}

#[test]
fn every_description_is_fit_for_its_parameter() {
    let texts = include_str!("../refusal.rs")
        .split("#[error(\"")
        .skip(1)
        .filter_map(|rest| rest.split("\")]").next());
    let mut count = 0;
    for text in texts.filter(|text| text.len() < 120) {
        assert!(is_description(text), "{text}");
        count += 1;
    }
    assert!(count > 50, "{count}");
}

#[test]
fn transparent_descriptions_are_fit_too() {
    for refusal in [
        Refusal::Repeated(Repeated("state")),
        Refusal::Challenge(NotAChallenge),
        Refusal::Prompt(NotAPrompt::NoneWithOthers),
        Refusal::Prompt(NotAPrompt::Unknown),
        Refusal::Claims(NotAClaimsRequest::Member),
    ] {
        assert!(is_description(&refusal.description()), "{refusal}");
        assert_eq!(refusal.code(), ErrorCode::InvalidRequest);
    }
    for fault in [
        PkceFault::Missing,
        PkceFault::Malformed,
        PkceFault::Wrong,
        PkceFault::Unexpected,
    ] {
        let refusal = TokenRefusal::Pkce(fault);
        assert!(is_description(&refusal.description()), "{refusal}");
        assert_eq!(refusal.code(), ErrorCode::InvalidGrant);
    }
}

#[test]
fn a_wrong_secret_and_an_unknown_client_look_alike() {
    let unknown = TokenRefusal::ClientUnknown;
    for other in [TokenRefusal::SecretWrong, TokenRefusal::ClientDisabled] {
        assert_eq!(unknown.description(), other.description());
        assert_eq!(unknown.status(), other.status());
    }
}
