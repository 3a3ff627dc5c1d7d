//! New provisional passwords: for one person, and for a class.

use sea_orm::DbBackend;
use tests::{Person, Service, Visitor, form::Form};

use super::{
    DESK, confirm_email, does, form_of, odile, page_of, password_on, passwords_on, said, told,
    trail, written,
};
use crate::passkeys::{by_passkey, has_session, with_passkey};

/// Signs in with a provisional password, and gives the birth date.
async fn activates(service: &Service, person: Person, password: &str, date: &str) -> Visitor {
    let mut visitor = service.visitor(person);
    let page = visitor.browser.open("/compte").await;
    let page = visitor.types(&page, person.identifier, password).await;
    assert!(page.url.contains("/activation/"), "{}", page.summary());
    assert!(said(&page).contains("Date de naissance"));
    let mut forms = Form::all(&page.text()).into_iter();
    let form = forms
        .find(|form| form.value("date-de-naissance").is_some())
        .unwrap();
    let page = visitor
        .browser
        .submit(&form.with("date-de-naissance", date))
        .await;
    assert!(
        said(&page).contains("Nouveau mot de passe"),
        "{}",
        page.summary()
    );
    visitor
}

#[tokio::test]
async fn an_active_pupil_begins_anew_with_a_letter() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut adam = service.visitor(Person::ADAM);
    let tokens = adam.signs_in_at(&portal).await;
    let mut odile = odile(&service).await;
    service.advance_seconds(2);
    let way = format!("{}/mot-de-passe", page_of(&service, "a.dubois6").await);
    let letter = does(&mut odile, &way).await;
    let password = password_on(&letter);
    let text = said(&letter);
    for line in [
        "Collège Simon-Lavigne",
        "Adam DUBOIS",
        "a.dubois6",
        "https://compte.example",
        "Valable jusqu’au",
        "/aide",
        "secretariat@college-lavigne.example.org",
    ] {
        assert!(text.contains(line), "{line}");
    }
    assert_eq!(letter.header("cache-control"), "no-store");
    // What was signed in has ended, and the old password opens nothing.
    assert!(adam.browser.open("/compte").await.is_sign_in());
    assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
    let refreshed = portal.refresh(&tokens.refresh).await;
    assert_eq!(refreshed.error(), (400, "invalid_grant".to_owned()));
    let page = adam.browser.open("/compte").await;
    assert_eq!(adam.types_password(&page).await.status, 422);
    activates(&service, Person::ADAM, &password, "23/09/2012").await;
    let trail = trail(&service, "a.dubois6").await;
    assert!(trail.contains(&"password.provisional_given".to_owned()));
}

#[tokio::test]
async fn an_older_letter_opens_nothing_once_there_is_a_newer_one() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let way = format!("{}/mot-de-passe", page_of(&service, "z.martin4").await);
    let first = password_on(&does(&mut odile, &way).await);
    let second = password_on(&does(&mut odile, &way).await);
    assert_ne!(first, second);
    let zoe = Person {
        identifier: "z.martin4",
        password: "Prov-H3w8-t5Rn",
    };
    for old in [zoe.password, &first] {
        let mut visitor = service.visitor(zoe);
        let page = visitor.browser.open("/compte").await;
        assert_eq!(visitor.types(&page, "z.martin4", old).await.status, 422);
    }
    activates(&service, zoe, &second, "04/01/2014").await;
}

#[tokio::test]
async fn every_confirmed_contact_is_told_of_a_letter() {
    let service = Service::start().await;
    super::appoint(&service, Person::ODILE, Some("0750001U")).await;
    let mut odile = odile(&service).await;
    let leo = super::id_of(&service, "l.martin3").await;
    let way = format!("/admin/ecoles/0750001U/personnes/{leo}/mot-de-passe");
    let password = password_on(&does(&mut odile, &way).await);
    let mail = told(&service, "leo.martin@example.org", "provisoire").await;
    assert!(mail.text.contains("Lycée Augusta-Delorme"));
    assert!(mail.text.lines().any(|line| line == "l.martin3"));
    assert!(!mail.text.contains(&password), "never the password");
}

#[tokio::test]
async fn an_active_guardian_s_password_is_never_replaced_by_a_letter() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    let page = odile.browser.open(&format!("{nadia}/mot-de-passe")).await;
    assert_eq!(page.status, 409);
    let adam = format!("{}/mot-de-passe", page_of(&service, "a.dubois6").await);
    let form = form_of(&mut odile, &adam).await;
    let csrf = form.value("csrf").unwrap().to_owned();
    let posted = odile
        .browser
        .post(&format!("{nadia}/mot-de-passe"), &[("csrf", &csrf)])
        .await;
    assert_eq!(posted.status, 409);
    let mut nadia = service.visitor(Person::NADIA);
    let page = nadia.browser.open("/compte").await;
    assert!(nadia.types_password(&page).await.url.ends_with("/compte"));
}

#[tokio::test]
async fn a_whole_class_is_one_page_and_each_password_opens_its_account() {
    let service = Service::start().await;
    let moved = "update directory_record set class_name = '6e B' where school_uai = '0750002V' \
                 and kind = 'pupil'";
    assert_eq!(service.sql(moved).await, 3);
    let mut odile = odile(&service).await;
    let class = odile
        .browser
        .open(&format!("{DESK}/classe?nom=6e%20B"))
        .await;
    assert_eq!(class.status, 200, "{}", class.summary());
    let form = class.form_with("classe").with("format", "lettres");
    let waiting = odile
        .browser
        .submit(&form.clone().with("qui", "eleves-jamais-actives"))
        .await;
    let text = said(&waiting);
    assert_eq!(passwords_on(&waiting).len(), 2);
    assert!(text.contains("Zoé MARTIN") && text.contains("Jeanne PETIT"));
    assert!(!text.contains("Adam"), "he has activated his");
    let guardians = odile
        .browser
        .submit(&form.clone().with("qui", "responsables-jamais-actives"))
        .await;
    assert_eq!(passwords_on(&guardians).len(), 1);
    assert!(said(&guardians).contains("c.martin2"));
    let all = odile
        .browser
        .submit(&form.with("qui", "tous-les-eleves").with("format", "bandes"))
        .await;
    let passwords = passwords_on(&all);
    assert_eq!(passwords.len(), 3);
    activates(&service, Person::ADAM, &passwords[0], "23/09/2012").await;
}

/// A class or its guardians may be more than one page holds: every one of them gets a letter.
#[tokio::test]
async fn a_large_class_comes_in_parts_that_leave_nobody_out() {
    let service = Service::start().await;
    class_of_103(&service).await;
    let mut odile = odile(&service).await;
    let class = odile
        .browser
        .open(&format!("{DESK}/classe?nom=6e%20Z"))
        .await;
    let form = class.form_with("classe").with("format", "bandes");
    let form = form.with("qui", "eleves-jamais-actives");
    let mut identifiers = Vec::new();
    for (part, letters) in [("0", 100), ("1", 3)] {
        let page = odile
            .browser
            .submit(&form.clone().with("partie", part))
            .await;
        assert_eq!(passwords_on(&page).len(), letters);
        let text = said(&page);
        let named = (0..103).filter(|number| text.contains(&format!("z.eleve{}", 100 + number)));
        identifiers.extend(named);
    }
    identifiers.sort_unstable();
    assert_eq!(identifiers, (0..103).collect::<Vec<_>>());
    let beyond = odile.browser.submit(&form.with("partie", "2")).await;
    assert_eq!(beyond.status, 422, "{}", beyond.summary());
}

/// A class of 103 pupils who never activated their account.
async fn class_of_103(service: &Service) {
    let (new, json) = match service.database.backend() {
        DbBackend::Sqlite => ("randomblob(16)", "'{}'"),
        _ => ("gen_random_uuid()", "cast('{}' as jsonb)"),
    };
    let accounts = format!(
        "with recursive pupil(number) as \
         (select 100 union all select number + 1 from pupil where number < 202) \
         insert into account (id, kind, identifier, state, given_name, family_name, \
         given_name_normal, family_name_normal, birth_date, locale, password_state, \
         sessions_from, additional_claims, created_at, updated_at) \
         select {new}, 'pupil', 'z.eleve' || number, 'known', 'Zacharie', 'ÉLÈVE', 'zacharie', \
         'eleve', '2014-05-06', 'fr', 'absent', 0, {json}, 1, 1 from pupil"
    );
    let records = format!(
        "insert into directory_record (id, source, source_key, school_uai, kind, account_id, \
         given_name, family_name, given_name_normal, family_name_normal, class_name, \
         created_at, updated_at) \
         select {new}, 'fichier', identifier, '0750002V', kind, id, given_name, family_name, \
         given_name_normal, family_name_normal, '6e Z', 1, 1 \
         from account where identifier like 'z.eleve%'"
    );
    for rows in [accounts, records] {
        assert_eq!(service.sql(&rows).await, 103);
    }
}

/// Whoever activates their account while a class waits keeps the password that they chose.
#[tokio::test]
async fn letters_for_those_who_never_activated_leave_those_alone_who_have_meanwhile() {
    use domain::account::AccountState;
    let service = Service::start().await;
    let adam = super::id_of(&service, "a.dubois6").await;
    let desk = store::desk::Desk {
        officer: super::id_of(&service, "ecole.college").await,
        school: domain::school::Uai::parse("0750002V").unwrap(),
        network: None,
    };
    let transaction = service.database.begin().await.unwrap();
    let mut given = Vec::new();
    for states in [&[AccountState::Known][..], &[AccountState::Active]] {
        let (ambient, hash) = (&service.ambient, "a hash");
        let done =
            store::desk::give_provisional(&transaction, ambient, &desk, adam, states, hash).await;
        given.push(done.unwrap().is_some());
    }
    assert_eq!(given, [false, true]);
}

#[tokio::test]
async fn a_class_of_another_school_or_nobody_s_is_404() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    for class in ["CE2", "CE1", "2de%204", "Terminale", ""] {
        let way = format!("{DESK}/classe?nom={class}");
        assert_eq!(odile.browser.open(&way).await.status, 404, "{class}");
    }
    let page = odile
        .browser
        .open(&format!("{DESK}/classe?nom=4e%20A"))
        .await;
    let form = page
        .form_with("classe")
        .with("classe", "CE2")
        .with("format", "lettres")
        .with("qui", "tous-les-eleves");
    let refused = odile.browser.submit(&form).await;
    assert_eq!(refused.status, 404);
    assert!(written(&service).await.is_empty());
}

#[tokio::test]
async fn a_letter_asks_for_the_password_again_after_five_minutes() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let adam = page_of(&service, "a.dubois6").await;
    let form = form_of(&mut odile, &format!("{adam}/mot-de-passe")).await;
    service.advance_seconds(6 * 60);
    let page = odile.browser.open(&adam).await;
    assert_eq!(page.status, 200, "looking needs no more");
    let page = odile.browser.submit(&form).await;
    assert!(page.is_sign_in(), "{}", page.summary());
    assert!(
        !trail(&service, "a.dubois6")
            .await
            .contains(&"password.provisional_given".to_owned())
    );
}

#[tokio::test]
async fn a_confirmed_address_of_a_pupil_stays_theirs() {
    let service = Service::start().await;
    confirm_email(&service, "n.dubois5").await;
    let mut odile = odile(&service).await;
    let page = odile
        .browser
        .open(&page_of(&service, "n.dubois5").await)
        .await;
    assert!(said(&page).contains("confirmé"));
}

#[tokio::test]
async fn a_new_letter_ends_passkeys_that_whoever_had_the_password_may_have_added() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::ADAM).await;
    let mut odile = odile(&service).await;
    service.advance_seconds(2);
    let way = format!("{}/mot-de-passe", page_of(&service, "a.dubois6").await);
    does(&mut odile, &way).await;
    service.set_state(Person::ADAM, "active").await;
    let (browser, answer) = by_passkey(&service, &mut device).await;
    assert!(!has_session(&browser), "{}", answer.summary());
}
