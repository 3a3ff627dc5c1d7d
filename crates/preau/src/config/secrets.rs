//! Section `secrets`.

use domain::secret::Secret;
use schemars::JsonSchema;
use serde::Deserialize;
use store::Vault;

use super::fault::Faults;

/// Section `secrets`: keys of the service. Best given by files.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretSettings {
    /// The key that seals what must be read again: 32 random bytes in base64, as
    /// `openssl rand -base64 32` prints them.
    #[schemars(with = "String")]
    pub master_key: Secret,
    /// Earlier master keys, which still open what they sealed. In a file, one on a line.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub earlier_master_keys: Vec<Secret>,
}

impl SecretSettings {
    pub(super) fn check(&self, faults: &mut Faults) {
        if let Err(error) = Vault::new(&self.master_key, &[]) {
            faults.add("secrets.master_key", error);
            return;
        }
        if let Err(error) = Vault::new(&self.master_key, &self.earlier_master_keys) {
            faults.add("secrets.earlier_master_keys", error);
        }
    }

    /// Seals and opens with these keys.
    pub fn vault(&self) -> Vault {
        Vault::new(&self.master_key, &self.earlier_master_keys)
            .expect("keys were checked when the configuration was read")
    }
}
