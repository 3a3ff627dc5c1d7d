//! Wrong links, reported links, accounts that are grouped and parted again.

use serde_json::Value;
use store::directory::{self, Document, Options};
use tests::{Person, Service, Tokens, Visitor, service::texts};

use super::{DESK, does, does_checked, form_of, id_of, odile, page_of, said, trail, way_to_undo};

pub(super) async fn children(service: &Service, tokens: &Tokens) -> Vec<String> {
    let told = service.portal().userinfo(&tokens.access).await.json();
    let all = told["children"].as_array().cloned().unwrap_or_default();
    let name = |child: &Value| child["given_name"].as_str().unwrap().to_owned();
    all.iter().map(name).collect()
}

async fn way_of(service: &Service, act: &str) -> String {
    let nadia = page_of(service, "n.dubois5").await;
    let adam = id_of(service, "a.dubois6").await;
    format!("{nadia}/liens/{adam}/{act}")
}

/// The demo's own file once more, as a school sends it again.
async fn imports_again(service: &Service) {
    imports(service, FILE).await;
}

/// The same file, which ends the link between Nadia and Adam.
async fn imports_the_end(service: &Service) {
    let mut file: Value = serde_json::from_slice(FILE).unwrap();
    let links = file["links"].as_array_mut().unwrap();
    let is_adams = |link: &&mut Value| link["pupil"] == "fichier-0750002V/E-0102";
    let link = links.iter_mut().find(is_adams).unwrap();
    link["ended"] = Value::Bool(true);
    imports(service, &serde_json::to_vec(&file).unwrap()).await;
}

async fn imports(service: &Service, file: &[u8]) {
    let hash = |_: &domain::secret::Secret| "$argon2id$".to_owned();
    let key = domain::secret::Secret::new(tests::seed::MASTER_KEY);
    let vault = store::Vault::new(&key, &[]).unwrap();
    let options = Options {
        dry_run: false,
        actor: domain::audit::Actor::Operator,
        hash: &hash,
        issuer_of: &|_| None,
        vault: &vault,
        known_key: None,
    };
    let document = Document::read(file).unwrap();
    let report = directory::import(&service.database, &service.ambient, document, options).await;
    assert!(report.unwrap().refusals.is_empty());
}

const FILE: &[u8] = include_bytes!("../../../../config/demo-people.json");

#[tokio::test]
async fn a_wrong_link_is_gone_at_once_and_stays_so_after_an_import() {
    let service = Service::start().await;
    let mut nadia = service.visitor(Person::NADIA);
    let tokens = nadia.signs_in_at(&service.portal()).await;
    let mut odile = odile(&service).await;
    does(&mut odile, &way_of(&service, "fin").await).await;
    assert_eq!(children(&service, &tokens).await, ["Lina"]);
    imports_again(&service).await;
    assert_eq!(children(&service, &tokens).await, ["Lina"]);
    let page = odile
        .browser
        .open(&page_of(&service, "n.dubois5").await)
        .await;
    assert!(said(&page).contains("Supprimé par l’établissement"));
    does(&mut odile, &way_of(&service, "retablissement").await).await;
    assert_eq!(children(&service, &tokens).await, ["Adam", "Lina"]);
    let trail = trail(&service, "n.dubois5").await;
    for action in ["link.barred", "link.ended", "link.unbarred"] {
        assert!(trail.contains(&action.to_owned()), "{action}");
    }
}

#[tokio::test]
async fn what_the_file_has_ended_meanwhile_is_not_restored_until_it_says_it_again() {
    let service = Service::start().await;
    let mut nadia = service.visitor(Person::NADIA);
    let tokens = nadia.signs_in_at(&service.portal()).await;
    let mut odile = odile(&service).await;
    let page = page_of(&service, "n.dubois5").await;
    let restore = way_of(&service, "retablissement").await;
    does(&mut odile, &way_of(&service, "fin").await).await;
    let form = form_of(&mut odile, &restore).await;
    imports_the_end(&service).await;
    let pressed = odile.browser.submit(&form).await;
    assert_eq!(pressed.status, 404, "{}", pressed.summary());
    assert_eq!(children(&service, &tokens).await, ["Lina"]);
    let known = odile.browser.open(&page).await;
    assert!(!said(&known).contains("Adam DUBOIS"), "it is both's end");

    // The file says it again: the school's end holds, and can be taken back.
    imports_again(&service).await;
    assert_eq!(children(&service, &tokens).await, ["Lina"]);
    does(&mut odile, &restore).await;
    assert_eq!(children(&service, &tokens).await, ["Adam", "Lina"]);
    // And what the file ends is ended.
    imports_the_end(&service).await;
    assert_eq!(children(&service, &tokens).await, ["Lina"]);
    assert_eq!(odile.browser.open(&restore).await.status, 404);
}

/// Nadia says that Adam is not hers.
pub(crate) async fn reports(service: &Service) -> Visitor {
    let mut nadia = service.at_account(Person::NADIA).await;
    let adam = id_of(service, "a.dubois6").await;
    let way = format!("/compte/enfants/{adam}/signalement");
    let page = nadia.browser.open(&way).await;
    let form = page.form("/signalement");
    let page = nadia.browser.submit(&form).await;
    assert!(!said(&page).contains("Adam DUBOIS"), "{}", page.summary());
    nadia
}

pub(super) async fn answers(
    officer: &mut Visitor,
    service: &Service,
    answer: &str,
) -> tests::Answer {
    let form = form_of(officer, &way_of(service, "reponse").await).await;
    officer.browser.submit(&form.with("reponse", answer)).await
}

#[tokio::test]
async fn a_reported_link_that_is_wrong_is_ended_by_the_school() {
    let service = Service::start().await;
    reports(&service).await;
    let mut odile = odile(&service).await;
    let home = odile.browser.open(DESK).await;
    assert!(said(&home).contains("1 lien signalé attend votre réponse"));
    let list = odile.browser.open(&format!("{DESK}/signalements")).await;
    assert!(said(&list).contains("Nadia DUBOIS") && said(&list).contains("Adam DUBOIS"));
    let page = answers(&mut odile, &service, "ended").await;
    assert!(
        said(&page).contains("Aucun lien signalé"),
        "{}",
        page.summary()
    );
    let left = texts(
        service.database.reader(),
        "select cast(pupil_account_id as text) as id from link_report",
        "id",
    );
    assert!(left.await.is_empty(), "nothing is left to be hidden");
    imports_again(&service).await;
    let tokens = service
        .visitor(Person::NADIA)
        .signs_in_at(&service.portal())
        .await;
    assert_eq!(children(&service, &tokens).await, ["Lina"]);
}

#[tokio::test]
async fn a_reported_link_that_is_right_is_asked_about_at_the_next_sign_in() {
    let service = Service::start().await;
    let mut nadia = reports(&service).await;
    service.advance_seconds(2);
    // She upholds her word once; then the school answers.
    nadia.browser.forget("session");
    let page = nadia.browser.open("/compte").await;
    let page = nadia.types_password(&page).await;
    assert!(
        said(&page).contains("Vérifiez vos enfants"),
        "{}",
        page.summary()
    );
    let form = page.form("/enfants").with("reponse", "maintenir");
    nadia.browser.submit(&form).await;
    let mut odile = odile(&service).await;
    answers(&mut odile, &service, "upheld").await;
    service.advance_seconds(2);
    let mut again = service.visitor(Person::NADIA);
    let page = again.browser.open("/compte").await;
    let page = again.types_password(&page).await;
    assert!(
        said(&page).contains("Vérifiez vos enfants"),
        "{}",
        page.summary()
    );
    let list = odile.browser.open(&format!("{DESK}/signalements")).await;
    assert!(said(&list).contains("Aucun lien signalé"));
}

/// Claire, whom the college knows by another account, takes its pupil into hers.
pub(super) async fn claire_groups(service: &Service, password: &str) {
    let mut claire = service.at_account(Person::CLAIRE).await;
    let page = claire.browser.open("/compte/enfants/ajouter").await;
    let form = page
        .form("/compte/enfants/ajouter")
        .with("identifiant", "c.martin2")
        .with("mot-de-passe", password);
    let page = claire.browser.submit(&form).await;
    let forms = tests::form::Form::all(&page.text());
    let form = forms
        .into_iter()
        .find(|form| form.action.starts_with("/compte/enfants/"))
        .unwrap();
    claire.browser.submit(&form).await;
}

#[tokio::test]
async fn a_school_s_part_of_a_grouping_is_undone() {
    let service = Service::start().await;
    claire_groups(&service, Person::OTHER_CLAIRE.password).await;
    let mut odile = odile(&service).await;
    let kept = page_of(&service, "c.martin1").await;
    let page = odile.browser.open(&kept).await;
    assert_eq!(page.status, 200, "her record is here now");
    assert!(said(&page).contains("c.martin2"));
    assert!(
        !said(&page).contains("Léo"),
        "the lycée's child is not shown"
    );
    let way = way_to_undo(&mut odile, &kept).await;
    let unchecked = form_of(&mut odile, &way).await;
    assert_eq!(odile.browser.submit(&unchecked).await.status, 422);
    let done = does_checked(&mut odile, &way).await;
    assert_eq!(done.status, 200, "{}", done.summary());
    let gone = odile.browser.open(&kept).await;
    assert_eq!(gone.status, 404, "she is the lycée's again");
    let mut other = service.visitor(Person::OTHER_CLAIRE);
    let page = other.browser.open("/compte").await;
    let page = other.types_password(&page).await;
    assert!(
        page.url.contains("/activation/"),
        "as it was: {}",
        page.summary()
    );
    let tokens = service
        .visitor(Person::CLAIRE)
        .signs_in_at(&service.portal())
        .await;
    assert_eq!(children(&service, &tokens).await, ["Léo"]);
}

#[tokio::test]
async fn two_accounts_of_the_school_s_people_are_grouped() {
    let service = Service::start().await;
    // The lycée's Claire gets a record at the college too.
    let record = "update directory_record set school_uai = '0750002V' where source_key in \
                  ('R-0001', 'E-0001')";
    assert_eq!(service.sql(record).await, 2);
    let mut odile = odile(&service).await;
    let kept = page_of(&service, "c.martin1").await;
    let way = format!("{kept}/regroupement");
    for (typed, fault) in [
        ("c.martin1", "C’est l’identifiant de ce compte"),
        ("n.dubois5", "Le nom ou le prénom n’est pas le même"),
        ("z.martin4", "Seuls des comptes de responsables"),
        ("x.inconnu9", "Aucune personne de l’établissement"),
    ] {
        let form = form_of(&mut odile, &way).await;
        let form = form
            .with("identifiant", typed)
            .with("verifie-identity_paper", "oui");
        let page = odile.browser.submit(&form).await;
        assert_eq!(page.status, 422, "{typed}");
        assert!(said(&page).contains(fault), "{typed}");
    }
    let form = form_of(&mut odile, &way).await;
    let form = form
        .with("identifiant", "c.martin2")
        .with("verifie-identity_paper", "oui");
    let page = odile.browser.submit(&form).await;
    assert!(page.url.contains("fait=regroupement"), "{}", page.summary());
    assert!(said(&page).contains("Zoé MARTIN"));
    let tokens = service
        .visitor(Person::CLAIRE)
        .signs_in_at(&service.portal())
        .await;
    let mut names = children(&service, &tokens).await;
    names.sort();
    assert_eq!(names, ["Léo", "Zoé"]);
    super::told(&service, "claire.martin@example.org", "regroupés").await;
}

#[tokio::test]
async fn an_account_that_is_of_another_school_too_is_not_ended_here() {
    let service = Service::start().await;
    claire_groups(&service, Person::OTHER_CLAIRE.password).await;
    // A third account of hers at the college; the kept one is the lycée's too.
    let names = "update account set given_name = 'Claire', family_name = 'MARTIN', \
                 given_name_normal = 'claire', family_name_normal = 'martin' \
                 where identifier = 'n.dubois5'";
    assert_eq!(service.sql(names).await, 1);
    let mut odile = odile(&service).await;
    let way = format!("{}/regroupement", page_of(&service, "n.dubois5").await);
    let form = form_of(&mut odile, &way).await;
    let form = form
        .with("identifiant", "c.martin1")
        .with("verifie-identity_paper", "oui");
    let page = odile.browser.submit(&form).await;
    assert_eq!(page.status, 422);
    assert!(said(&page).contains("ne peut pas être regroupé ici"));
}
