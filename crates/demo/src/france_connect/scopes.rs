//! Which claims a scope brings, on the lower level.

/// What Préau's registration grants: the pivot identity, in every way of asking for it.
pub(super) const ALL_PIVOT: [&str; 14] = [
    "openid",
    "profile",
    "birth",
    "identite_pivot",
    "given_name",
    "family_name",
    "gender",
    "birthdate",
    "birthplace",
    "birthcountry",
    "email",
    "preferred_username",
    "idp_birthdate",
    "amr",
];

/// Every scope with its claims. Scopes of data providers (`dgfip_…`, `cnam_…`) bring
/// none of an identity and are left out.
pub(super) const SCOPES: [(&str, &[&str]); 15] = [
    ("openid", &["sub"]),
    (
        "profile",
        &[
            "given_name",
            "given_name_array",
            "family_name",
            "birthdate",
            "gender",
            "preferred_username",
        ],
    ),
    ("birth", &["birthplace", "birthcountry"]),
    (
        "identite_pivot",
        &[
            "given_name",
            "given_name_array",
            "family_name",
            "birthdate",
            "gender",
            "birthplace",
            "birthcountry",
        ],
    ),
    ("given_name", &["given_name", "given_name_array"]),
    ("family_name", &["family_name"]),
    ("gender", &["gender"]),
    ("birthdate", &["birthdate"]),
    ("birthplace", &["birthplace"]),
    ("birthcountry", &["birthcountry"]),
    ("email", &["email"]),
    ("preferred_username", &["preferred_username"]),
    ("idp_birthdate", &["idp_birthdate"]),
    ("idp_id", &["idp_id"]),
    ("amr", &[]),
];

/// Whether these scopes bring a claim.
pub(super) fn bring(scopes: &[String], claim: &str) -> bool {
    let asked = |name: &str| scopes.iter().any(|scope| scope == name);
    SCOPES
        .iter()
        .any(|(name, claims)| asked(name) && claims.contains(&claim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pivot_identity_has_no_contact_and_no_married_name() {
        let pivot = ["openid".to_owned(), "identite_pivot".to_owned()];
        for claim in ["sub", "given_name_array", "birthplace", "birthdate"] {
            assert!(bring(&pivot, claim), "{claim}");
        }
        for claim in ["email", "preferred_username", "idp_birthdate", "idp_id"] {
            assert!(!bring(&pivot, claim), "{claim}");
        }
    }
}
