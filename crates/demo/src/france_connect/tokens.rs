//! What the simulator hands out: codes, ID tokens, access tokens, `UserInfo`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::secret::{Token, TokenHash};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    Signed, Simulator,
    behaviour::Behaviour,
    identity::Identity,
    keys::{Header, KeyFault, Signature},
    memory::ACCESS_TOKEN,
};

/// The only level of this FranceConnect.
pub(super) const LEVEL: &str = "eidas1";

/// What a code stands for.
#[derive(Clone)]
pub(super) struct Granted {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) nonce: String,
    pub(super) asks_amr: bool,
    pub(super) identity: Identity,
    /// When the person said who they are, in seconds.
    pub(super) auth_time: i64,
    /// The access token that the code was used for, once it was.
    pub(super) spent_for: Option<TokenHash>,
}

/// What an access token opens.
#[derive(Clone)]
pub(super) struct Issued {
    pub(super) client_id: String,
    scopes: Vec<String>,
    sub: String,
    identity: Identity,
    ends: i64,
}

/// A `UserInfo` answer.
pub(super) enum UserInfo {
    /// As it should be.
    Jwt(String),
    /// As FranceConnect v1 had it.
    Json(Value),
}

impl Simulator {
    /// What an access token for that grant opens.
    pub(super) fn issued(&self, granted: &Granted) -> Issued {
        Issued {
            client_id: granted.client_id.clone(),
            scopes: granted.scopes.clone(),
            sub: self.sub_of(&granted.client_id, &granted.identity),
            identity: granted.identity.clone(),
            ends: self.seconds() + ACCESS_TOKEN.as_secs(),
        }
    }

    fn sub_of(&self, client_id: &str, identity: &Identity) -> String {
        let registration = self.registration(client_id);
        identity.sub(registration.map_or(client_id, |known| &known.entity_id))
    }

    /// The ID token of a grant: no identity is in it but `sub`.
    pub(super) fn id_token(
        &self,
        granted: &Granted,
        access_token: &Token,
    ) -> Result<String, KeyFault> {
        let behaviour = self.mood.behaviour();
        let mut claims = self.id_token_claims(granted);
        if granted.asks_amr {
            claims["amr"] = json!(["fc", "pwd"]);
        }
        if behaviour == Behaviour::Former {
            claims["at_hash"] = json!(half_hash(&access_token.expose()));
        }
        self.falsify_id_token(behaviour, &mut claims);
        let header = match behaviour {
            Behaviour::Former => Header::Typed,
            _ => Header::Plain,
        };
        let signature = self.signature_of_id_token(behaviour, &granted.client_id);
        let token = self
            .keys
            .sign(self.mood.algorithm(), signature, header, &claims)?;
        Ok(self.sealed(Signed::IdToken, token))
    }

    fn id_token_claims(&self, granted: &Granted) -> Value {
        let now = self.seconds();
        json!({
            "sub": self.sub_of(&granted.client_id, &granted.identity),
            "auth_time": granted.auth_time,
            "acr": LEVEL,
            "nonce": granted.nonce,
            "aud": granted.client_id,
            "exp": now + ACCESS_TOKEN.as_secs(),
            "iat": now,
            "iss": self.issuer,
        })
    }

    fn falsify_id_token(&self, behaviour: Behaviour, claims: &mut Value) {
        let now = self.seconds();
        match behaviour {
            Behaviour::WrongNonce => claims["nonce"] = json!("0".repeat(64)),
            Behaviour::OtherAudience => claims["aud"] = json!("un-autre-service"),
            Behaviour::OtherIssuer => claims["iss"] = json!("http://localhost:1/api/v2"),
            Behaviour::Expired => {
                claims["iat"] = json!(now - 3660);
                claims["exp"] = json!(now - 3600);
            }
            Behaviour::WrongLevel => claims["acr"] = json!("eidas0"),
            _ => {}
        }
    }

    fn signature_of_id_token(&self, behaviour: Behaviour, client_id: &str) -> Signature<'_> {
        match behaviour {
            Behaviour::WrongKey => Signature::WrongKey,
            Behaviour::UnknownKey => Signature::UnknownKey,
            Behaviour::Unsigned => Signature::Absent,
            Behaviour::Symmetric => {
                let secret = self.registration(client_id);
                Signature::Symmetric(secret.map_or("", |known| known.client_secret.expose()))
            }
            _ => Signature::Proper,
        }
    }

    /// What an access token opens, as its service may see it.
    pub(super) fn user_info(&self, issued: &Issued) -> Result<UserInfo, KeyFault> {
        let behaviour = self.mood.behaviour();
        let mut claims = issued.identity.claims(&issued.scopes);
        claims.insert("sub".into(), json!(issued.sub));
        if behaviour == Behaviour::PlainUserInfo {
            return Ok(UserInfo::Json(Value::Object(claims)));
        }
        claims.insert("aud".into(), json!(issued.client_id));
        claims.insert("exp".into(), json!(issued.ends));
        claims.insert("iat".into(), json!(self.seconds()));
        claims.insert("iss".into(), json!(self.issuer));
        falsify_user_info(behaviour, &mut claims);
        let signature = match behaviour {
            Behaviour::UserInfoWrongKey => Signature::WrongKey,
            _ => Signature::Proper,
        };
        let (algorithm, claims) = (self.mood.algorithm(), Value::Object(claims));
        let jwt = self
            .keys
            .sign(algorithm, signature, Header::Plain, &claims)?;
        Ok(UserInfo::Jwt(self.sealed(Signed::UserInfo, jwt)))
    }
}

fn falsify_user_info(behaviour: Behaviour, claims: &mut Map<String, Value>) {
    match behaviour {
        Behaviour::OtherSub => {
            claims.insert("sub".into(), json!(format!("{}v1", "0".repeat(64))));
        }
        Behaviour::UserInfoOtherAudience => {
            claims.insert("aud".into(), json!("un-autre-service"));
        }
        Behaviour::WithoutSub => drop(claims.remove("sub")),
        Behaviour::WithoutBirthdate => drop(claims.remove("birthdate")),
        Behaviour::WithoutFamilyName => drop(claims.remove("family_name")),
        Behaviour::WithoutGivenName => {
            claims.remove("given_name");
            claims.remove("given_name_array");
        }
        _ => {}
    }
}

/// The left half of the SHA-256 (OpenID Connect Core 1.0, section 3.1.3.6).
fn half_hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16])
}
