//! Deaths under a binding: an active account that FranceConnect does not open yet.

use tests::{Answer, Person, Service, Visitor, france_connect::FranceConnect};

use super::{Journey, Walk, column, delivers_at_once, dies_at_every_write, events, form, written};
use crate::lost::code;

const CITIZEN: &str = "claire-martin";
const ADDRESS: &str = "claire.martin@example.org";

/// Claire, whom FranceConnect knows and whose account it does not open.
struct Binding {
    france_connect: FranceConnect,
    /// What she comes to.
    turned_away: Answer,
}

/// Whether the answer leads back to the service with a code.
fn is_done(page: &Answer) -> bool {
    let target = page.location();
    target.is_some_and(|url| url.query_pairs().any(|(name, _)| name == "code"))
}

/// The way to bind, on the page of whoever FranceConnect sent and no account opens for.
fn way(page: &Answer) -> String {
    let text = page.text();
    let rest = text.split("href=\"/relier/").nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no way to bind in {}", page.summary()));
    format!("/relier/{}", rest.split('"').next().unwrap_or_default())
}

impl Binding {
    async fn binds(walk: &mut Walk<'_, Self>, way: &str) {
        walk.opens(way).await;
        let fields = [("identifiant", "c.martin1"), ("choix", "email")];
        let asked = form(&walk.page, "/relier/");
        let mail = walk
            .asks(asked, &fields, |mail| {
                mail.to == ADDRESS && !mail.text.contains("/ce-n-est-pas-moi")
            })
            .await;
        let page = walk.page.form_with("code");
        walk.sends(page, &[("code", &code(&mail))]).await;
    }
}

impl Journey for Binding {
    async fn starts() -> (Service, Option<FranceConnect>) {
        let (service, france_connect) = FranceConnect::with(delivers_at_once).await;
        service.sql("delete from bond").await;
        (service, Some(france_connect))
    }

    async fn prepares(service: &Service, france_connect: Option<FranceConnect>) -> (Self, Visitor) {
        let france_connect = france_connect.expect("it was started");
        let request = service.portal().request();
        let mut visitor = service.visitor(Person::NOBODY);
        let turned_away = visitor
            .identifies_as(&france_connect, &request, CITIZEN)
            .await;
        let journey = Self {
            france_connect,
            turned_away,
        };
        (journey, visitor)
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        let Self {
            france_connect,
            turned_away,
        } = walk.journey;
        Self::binds(walk, &way(turned_away)).await;
        // Where the answer was lost with the node, she comes through FranceConnect again:
        // it opens her account by now, or leads to the same way.
        for _ in 0..2 {
            if is_done(&walk.page) {
                break;
            }
            let request = walk.service.portal().request();
            let again = &mut walk.visitor;
            // Her session may stand already.
            walk.page = again.browser.open(&request.url()).await;
            if is_done(&walk.page) {
                break;
            }
            walk.page = again.identifies_as(france_connect, &request, CITIZEN).await;
            if walk.page.status == 403 {
                let way = way(&walk.page);
                Self::binds(walk, &way).await;
            }
        }
        assert!(is_done(&walk.page), "{}", walk.page.summary());
    }

    async fn sees(&self, service: &Service) -> String {
        let bonds = "select account.identifier as it from bond \
                     join account on account.id = bond.account_id";
        format!(
            "opens {}, bound {}, told {}",
            column(service, bonds).await,
            events(service, "upstream.bound").await,
            written(service, "opens_with_france_connect").await,
        )
    }
}

#[tokio::test]
async fn a_binding_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<Binding>()).await;
}
