//! Deaths under an officer's acts: two accounts are grouped, parted again, and a reported
//! link is ended.

use tests::{Person, Service, Visitor, france_connect::FranceConnect};

use super::{Journey, Walk, column, contacts, dies_at_every_write, events, form, written};
use crate::{
    desk::{
        DESK,
        groupings::{both_at_the_college, groups},
        id_of, links, odile, page_of, way_to_undo,
    },
    passkeys::with_passkey,
    second_factor::sets_up,
};

/// What two accounts of Claire's are, with all that opens the one that has more.
async fn claires(service: &Service) -> String {
    let states = "select identifier || ' ' || state || ' ' || password_state as it from account \
                  where identifier in ('c.martin1', 'c.martin2') order by identifier";
    let records = "select identifier || ' ' || source_key as it from directory_record record \
                   join account on account.id = record.account_id \
                   where source_key in ('R-0001', 'R-0101') order by source_key";
    let counted = async |table: &str| {
        let rows = format!(
            "select cast(count(*) as text) as it from {table} where account_id = \
             (select id from account where identifier = 'c.martin1')"
        );
        column(service, &rows).await
    };
    format!(
        "{}; {}; {}; factors {}, codes {}, passkeys {}; events {} {}, told {} {}",
        column(service, states).await,
        column(service, records).await,
        contacts(service, "c.martin1").await,
        counted("second_factor").await,
        counted("recovery_code").await,
        counted("passkey").await,
        events(service, "account.grouped").await,
        events(service, "account.grouping_undone").await,
        written(service, "accounts_grouped").await,
        written(service, "school_acted").await,
    )
}

/// Claire has two accounts at the college, one with all factors.
async fn two_accounts(service: &Service) {
    both_at_the_college(service).await;
    let (mut claire, _) = with_passkey(service, Person::CLAIRE).await;
    sets_up(&mut claire).await;
}

struct Groups;

impl Journey for Groups {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        two_accounts(service).await;
        (Self, odile(service).await)
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        let page = page_of(walk.service, "c.martin2").await;
        let way = format!("{page}/regroupement");
        walk.opens(&way).await;
        let other = form(&walk.page, &way);
        walk.sends(other, &[("identifiant", "c.martin1")]).await;
        // Pressed again after it was done, there is no other account.
        assert!(
            [200, 422].contains(&walk.page.status),
            "{}",
            walk.page.summary()
        );
        let page = walk.opens(&page).await;
        assert!(
            page.text().contains("/regroupements/"),
            "{}",
            page.summary()
        );
    }

    async fn sees(&self, service: &Service) -> String {
        claires(service).await
    }
}

#[tokio::test]
async fn a_grouping_by_an_officer_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<Groups>()).await;
}

struct Parts(String);

impl Journey for Parts {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        two_accounts(service).await;
        let mut odile = odile(service).await;
        groups(&mut odile, service).await;
        let page = page_of(service, "c.martin2").await;
        (Self(way_to_undo(&mut odile, &page).await), odile)
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        let way = walk.journey.0.clone();
        walk.opens(&way).await;
        walk.sends(form(&walk.page, &way), &[]).await;
        // Pressed again after it was done, there is nothing to undo.
        assert!(
            [200, 404].contains(&walk.page.status),
            "{}",
            walk.page.summary()
        );
        let page = page_of(walk.service, "c.martin1").await;
        let page = walk.opens(&page).await;
        assert_eq!(page.status, 200, "{}", page.summary());
    }

    async fn sees(&self, service: &Service) -> String {
        claires(service).await
    }
}

#[tokio::test]
async fn parting_two_accounts_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<Parts>()).await;
}

struct EndsReported;

impl Journey for EndsReported {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        links::reports(service).await;
        (Self, odile(service).await)
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        let nadia = page_of(walk.service, "n.dubois5").await;
        let adam = id_of(walk.service, "a.dubois6").await;
        let way = format!("{nadia}/liens/{adam}/reponse");
        walk.opens(&format!("{DESK}/signalements")).await;
        walk.opens(&way).await;
        walk.sends(form(&walk.page, &way), &[("reponse", "ended")])
            .await;
        // Pressed again after it was done, there is nothing to answer.
        assert!(
            [200, 404].contains(&walk.page.status),
            "{}",
            walk.page.summary()
        );
        let list = walk.opens(&format!("{DESK}/signalements")).await;
        assert!(!list.text().contains("Nadia"), "{}", list.summary());
    }

    async fn sees(&self, service: &Service) -> String {
        let barred = "select cast(count(*) as text) as it from record_link \
                      where barred_at is not null and ended_at is not null";
        let reports = "select cast(count(*) as text) as it from link_report";
        let answers = "select answer as it from link_report_answer";
        format!(
            "barred {}, reports {}, answers {}; events {} {} {}, told {}",
            column(service, barred).await,
            column(service, reports).await,
            column(service, answers).await,
            events(service, "link.report_answered").await,
            events(service, "link.barred").await,
            events(service, "link.ended").await,
            written(service, "school_acted").await,
        )
    }
}

#[tokio::test]
async fn ending_a_reported_link_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<EndsReported>()).await;
}
