//! Provisional passwords: what a school gives on paper, to be typed once by a child of
//! six or by their grandparent (product.md, Accounts).

use crate::{ambient::Ambient, secret::Secret};

/// Small letters and digits that no font and no hand makes look alike.
const SIGNS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

const GROUPS: usize = 3;
const GROUP: usize = 4;

/// The largest multiple of the number of signs that a byte can hold: what is above it
/// would make some signs likelier than others.
const FAIR: u8 = 248;

/// A new provisional password: twelve of 31 signs, 59 bits, in groups of four. With the
/// delays of the sign-in that is more than what CNIL 2022-100 asks of a password with
/// restricted access (50 bits).
pub fn generate(ambient: &Ambient) -> Secret {
    let mut signs = Vec::with_capacity(GROUPS * GROUP);
    while signs.len() < GROUPS * GROUP {
        let random: [u8; 16] = ambient.random();
        let fair = random.into_iter().filter(|byte| *byte < FAIR);
        signs.extend(fair.map(|byte| SIGNS[usize::from(byte) % SIGNS.len()]));
    }
    signs.truncate(GROUPS * GROUP);
    let groups = signs.chunks(GROUP).map(String::from_utf8_lossy);
    Secret::new(groups.collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::password::{self, CommonPasswords, PasswordContext};

    #[test]
    fn it_can_be_read_aloud_and_typed() {
        let password = generate(&Ambient::system());
        let groups: Vec<_> = password.expose().split('-').collect();
        assert_eq!(groups.len(), GROUPS);
        for group in groups {
            assert_eq!(group.len(), GROUP);
            assert!(group.bytes().all(|sign| SIGNS.contains(&sign)), "{group}");
        }
    }

    #[test]
    fn every_sign_is_used_and_no_password_comes_twice() {
        let ambient = Ambient::system();
        let many: Vec<_> = (0..500)
            .map(|_| generate(&ambient).expose().to_owned())
            .collect();
        let signs: HashSet<_> = many.iter().flat_map(|password| password.bytes()).collect();
        assert_eq!(signs.len(), SIGNS.len() + 1);
        assert_eq!(many.iter().collect::<HashSet<_>>().len(), many.len());
    }

    #[test]
    fn it_is_one_that_could_be_chosen() {
        let password = generate(&Ambient::system());
        let common = CommonPasswords::default();
        let context = PasswordContext::default();
        assert_eq!(
            password::check(password.expose(), &context, &common),
            Ok(())
        );
    }
}
