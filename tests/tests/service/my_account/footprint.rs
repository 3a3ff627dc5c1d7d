//! What an account leaves behind: sessions, services, history, data, language.

use tests::{Answer, Browser, Person, Service, Visitor, service::texts};

use super::{asks_for_email, contacts, message, said};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const PHONE: &str = "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/140.0.0.0 Mobile Safari/537.36";

fn with(browser: Browser, agent: &str) -> Browser {
    browser.with_header("user-agent", agent)
}

async fn is_in(visitor: &mut Visitor) -> bool {
    !visitor.browser.open("/compte").await.is_sign_in()
}

/// Claire at two devices: the one at hand and her phone, where a service knows her.
async fn at_two_devices(service: &Service) -> (Visitor, Visitor, tests::Tokens) {
    let mut phone = service.visitor(Person::CLAIRE);
    phone.browser = with(phone.browser, PHONE);
    let tokens = phone.signs_in_at(&service.portal()).await;
    let mut here = service.visitor(Person::CLAIRE);
    here.browser = with(here.browser, FIREFOX);
    let page = here.browser.open("/compte").await;
    here.types_password(&page).await;
    (here, phone, tokens)
}

#[tokio::test]
async fn a_session_elsewhere_is_seen_and_ended_with_its_tokens() {
    let service = Service::start().await;
    let portal = service.portal();
    let (mut here, mut phone, tokens) = at_two_devices(&service).await;
    let page = here.browser.open("/compte/sessions").await;
    for words in [
        "Firefox sur Linux",
        "C’est cet appareil",
        "Chrome sur Android",
        "198.18.",
    ] {
        assert!(said(&page).contains(words), "{words}");
    }
    assert_eq!(portal.userinfo(&tokens.access).await.status, 200);
    let page = here.browser.submit(&page.form("/sessions/fin")).await;
    assert!(!said(&page).contains("Android"), "{}", page.summary());
    assert!(!is_in(&mut phone).await);
    assert!(is_in(&mut here).await);
    // What outlives a session by its service's wish is ended with the service.
    let offline = portal.refresh(&tokens.refresh).await;
    assert_eq!(offline.status, 200);
}

#[tokio::test]
async fn a_token_of_a_session_that_was_ended_is_refused() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut phone = service.visitor(Person::CLAIRE);
    let request = portal.asks_for("openid profile");
    let tokens = portal.tokens(&phone.follows(&request).await).await;
    let mut here = service.at_account(Person::CLAIRE).await;
    let page = here.browser.open("/compte/sessions").await;
    here.browser.submit(&page.form("/fin-des-autres")).await;
    assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
    assert!(!is_in(&mut phone).await);
    assert!(is_in(&mut here).await);
    let page = here.browser.open("/compte/sessions").await;
    assert!(!said(&page).contains("Fermer toutes les autres connexions"));
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    let service = Service::start().await;
    let (mut here, mut phone, _) = at_two_devices(&service).await;
    let theirs = here.browser.open("/compte/sessions").await;
    let theirs = theirs
        .form("/sessions/fin")
        .value("session")
        .unwrap()
        .to_owned();
    let mut nadia = service.at_account(Person::NADIA).await;
    let page = nadia.browser.open("/compte/sessions").await;
    assert!(!page.text().contains(&theirs) && !said(&page).contains("Firefox"));
    let csrf = nadia.browser.open("/compte").await.form("/deconnexion");
    let csrf = csrf.value("csrf").unwrap().to_owned();
    for session in [theirs.as_str(), "", "x"] {
        let form = [("csrf", csrf.as_str()), ("session", session)];
        let answer = nadia.browser.post("/compte/sessions/fin", &form).await;
        assert_eq!(answer.status, 303);
    }
    let form = [("csrf", csrf.as_str())];
    nadia
        .browser
        .post("/compte/sessions/fin-des-autres", &form)
        .await;
    assert!(is_in(&mut phone).await && is_in(&mut here).await && is_in(&mut nadia).await);
}

async fn withdraws(visitor: &mut Visitor, client: &str) -> Answer {
    let page = visitor.browser.open("/compte/services").await;
    let form = page.form("/services/retrait").with("service", client);
    visitor.browser.submit(&form).await
}

#[tokio::test]
async fn a_service_is_seen_with_what_it_learns_and_its_access_is_taken_back() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let tokens = claire.signs_in_at(&portal).await;
    let page = claire.browser.open("/compte/services").await;
    for words in [
        "votre nom, votre prénom et votre date de naissance",
        "votre adresse mail",
        "votre numéro de téléphone",
        "les élèves que vous représentez",
        "Retirer l’accès",
    ] {
        assert!(said(&page).contains(words), "{words}");
    }
    let page = withdraws(&mut claire, "portail").await;
    assert!(
        said(&page).contains("Aucun service n’a d’accès"),
        "{}",
        page.summary()
    );
    assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
    let refreshed = portal.refresh(&tokens.refresh).await;
    assert_eq!(refreshed.error(), (400, "invalid_grant".to_owned()));
    let history = claire.browser.open("/compte/historique").await;
    assert!(said(&history).contains("Accès retiré à un service"));
}

#[tokio::test]
async fn a_service_that_needs_consent_must_ask_again() {
    let service = Service::start().await;
    let client = service.client("mediatheque");
    let mut claire = service.visitor(Person::CLAIRE);
    claire.follows(&client.asks_for("openid profile")).await;
    let again = client.asks_for("openid profile");
    assert!(!claire.browser.open(&again.url()).await.is_consent());
    let page = claire.browser.open("/compte/services").await;
    assert!(said(&page).contains("Médiathèque de Clairval"));
    // Nobody else's consent goes with it.
    let mut nadia = service.visitor(Person::NADIA);
    nadia.follows(&client.asks_for("openid profile")).await;
    withdraws(&mut claire, "mediatheque").await;
    let asked = client.asks_for("openid profile");
    assert!(claire.browser.open(&asked.url()).await.is_consent());
    let hers = client.asks_for("openid profile");
    assert!(!nadia.browser.open(&hers.url()).await.is_consent());
}

#[tokio::test]
async fn the_history_tells_what_happened_to_this_account_alone() {
    let service = Service::start().await;
    let mut nadia = service.at_account(Person::NADIA).await;
    asks_for_email(&mut nadia, "nouvelle@example.net").await;
    let page = nadia.browser.open("/compte/historique").await;
    assert!(said(&page).contains("Connexion"));
    assert!(said(&page).contains("Une nouvelle adresse ou un nouveau numéro a été indiqué"));
    assert!(!said(&page).contains("nouvelle@example.net"), "no address");
    let mut claire = service.at_account(Person::CLAIRE).await;
    let page = claire.browser.open("/compte/historique").await;
    assert!(said(&page).contains("Connexion"));
    assert!(!said(&page).contains("Une nouvelle adresse"));
    // A year is all that is told.
    service.advance(std::time::Duration::from_hours(366 * 24));
    let mut claire = service.at_account(Person::CLAIRE).await;
    let page = claire.browser.open("/compte/historique").await;
    assert_eq!(said(&page).matches("<li><p><strong>").count(), 1);
}

#[tokio::test]
async fn the_file_holds_one_s_own_data_and_no_secret() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    claire.signs_in_at(&service.portal()).await;
    asks_for_email(&mut claire, "nouvelle@example.net").await;
    service.at_account(Person::NADIA).await;
    let file = claire.browser.get("/compte/donnees.json").await;
    assert_eq!(file.status, 200, "{}", file.summary());
    assert!(file.header("content-type").starts_with("application/json"));
    assert!(file.header("content-disposition").starts_with("attachment"));
    let data = file.json();
    assert_eq!(data["account"]["identifier"], "c.martin1");
    assert_eq!(data["account"]["birth_date"], "1978-03-22");
    assert_eq!(data["contacts"][0]["value"], "claire.martin@example.org");
    assert_eq!(data["family"]["children"][0]["given_name"], "Léo");
    assert_eq!(data["services"][0]["service"], "portail");
    assert_eq!(data["messages"].as_array().unwrap().len(), 2);
    assert!(!data["schools_say"].as_array().unwrap().is_empty());
    assert!(
        !data["one_time_links_and_codes"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let text = file.text();
    for other in [
        "nadia", "DUBOIS", "$argon2", "\"key\"", "sealed", "\"hash\"",
    ] {
        assert!(!text.contains(other), "{other}");
    }
    let keys = "select replace(replace(details, '{', ''), '}', '') as line from audit_event \
                where action = 'account.signed_in'";
    if !tests::seed::on_servers() {
        for line in texts(service.database.reader(), keys, "line").await {
            let key = line.split("\"key\":\"").nth(1).unwrap();
            let key = key.split('"').next().unwrap();
            assert!(key.len() > 40 && !text.contains(key), "{key}");
        }
    }
    let history = claire.browser.open("/compte/historique").await;
    assert!(said(&history).contains("Les données du compte ont été téléchargées"));
}

#[tokio::test]
async fn messages_come_in_the_language_that_was_chosen() {
    let service = Service::start().await;
    let mut adam = service.at_account(Person::ADAM).await;
    let home = adam.browser.open("/compte").await;
    let form = home.form("/compte/langue").with("langue", "en");
    let home = adam.browser.submit(&form).await;
    assert!(said(&home).contains("My account"), "{}", home.summary());
    assert!(said(&home).contains("Our messages will be in this language"));
    asks_for_email(&mut adam, "adam@example.net").await;
    message(&service, "adam@example.net", "email address").await;
    let unheard = form.with("langue", "xx");
    assert_eq!(adam.browser.submit(&unheard).await.status, 400);
}

#[tokio::test]
async fn the_first_page_says_what_is_missing_and_leads_everywhere() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let home = claire.browser.open("/compte").await;
    for words in [
        "Mon compte",
        "Mes informations",
        "Mes enfants",
        "c.martin1",
        "claire.martin@example.org",
        "+33639980001",
        "Modifier mon mot de passe",
        "Modifier mon adresse mail",
        "Modifier mon numéro de portable",
        "Se déconnecter",
    ] {
        assert!(said(&home).contains(words), "{words}");
    }
    let nothing = "Aucun moyen de retrouver votre compte";
    assert!(!said(&home).contains(nothing));
    for way in [
        "sessions",
        "services",
        "historique",
        "donnees.json",
        "langue",
    ] {
        assert!(home.text().contains(&format!("\"/compte/{way}\"")), "{way}");
    }
    for person in [Person::NADIA, Person::ADAM] {
        let mut other = service.at_account(person).await;
        let home = other.browser.open("/compte").await;
        assert!(said(&home).contains(nothing), "{}", person.identifier);
    }
    assert!(contacts(&service, Person::ADAM, "email").await.is_empty());
}
