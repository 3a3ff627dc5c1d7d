//! The desk of a school: what its officers see and do, and what they never do.

mod acts;
pub(crate) mod groupings;
mod letters;
pub(crate) mod links;
mod reports;
mod resets;
mod routes;
mod suspensions;
mod walls;

use domain::{ids::AccountId, school::Uai};
use notify::transport::ReceivedMessage;
use tests::{
    Answer, Person, Service, Visitor,
    form::Form,
    service::{eventually, texts},
};

const COLLEGE: &str = "0750002V";
pub(crate) const DESK: &str = "/admin/ecoles/0750002V";

/// What a page says, as a person reads it: a no-break space looks like any other.
fn said(page: &Answer) -> String {
    tests::form::unescape(&page.text()).replace('\u{a0}', " ")
}

/// Somebody at the console, signed in just now with a second factor.
async fn at_console(service: &Service, person: Person) -> Visitor {
    let mut visitor = service.visitor(person);
    let page = visitor.browser.open("/admin").await;
    let page = visitor.goes_on(page).await;
    assert!(page.url.ends_with("/admin"), "{}", page.summary());
    visitor
}

/// The officer of the college, at their desk.
pub(crate) async fn odile(service: &Service) -> Visitor {
    at_console(service, Person::ODILE).await
}

/// The administrator, who is officer of the college too: a second one.
async fn second_officer(service: &Service) -> Visitor {
    appoint(service, Person::ALIX, Some(COLLEGE)).await;
    at_console(service, Person::ALIX).await
}

/// Appoints somebody to a school, or to nothing more.
async fn appoint(service: &Service, person: Person, school: Option<&str>) {
    use store::appointments::{Appointment, insert};
    let Some(school) = school else { return };
    let account = id_of(service, person.identifier).await;
    let to = Appointment::Officer(Uai::parse(school).unwrap());
    let transaction = service.database.begin().await.unwrap();
    let actor = domain::audit::Actor::Operator;
    insert(&transaction, &service.ambient, actor, account, &to)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

/// Whose account an identifier is.
pub(crate) async fn id_of(service: &Service, identifier: &str) -> AccountId {
    use domain::identifier::AccountIdentifier;
    let identifier = AccountIdentifier::parse(identifier).unwrap();
    let found = store::accounts::find_by_identifier(service.database.reader(), &identifier).await;
    found.unwrap().unwrap().account.id
}

/// The address of somebody's page at the college.
pub(crate) async fn page_of(service: &Service, identifier: &str) -> String {
    format!("{DESK}/personnes/{}", id_of(service, identifier).await)
}

/// Opens an act's page below somebody's, and gives its form.
async fn form_of(officer: &mut Visitor, way: &str) -> Form {
    let page = officer.browser.open(way).await;
    assert_eq!(page.status, 200, "{}", page.summary());
    // As a browser sends it: boxes that nobody ticked are left out.
    let form = page.form(way);
    let boxes = [
        "identity_paper",
        "family_book",
        "known_in_person",
        "called_back",
    ];
    let unticked = |form: Form, name: &&str| form.without(&format!("verifie-{name}"));
    boxes.iter().fold(form, unticked)
}

/// Does an act that asks for nothing.
async fn does(officer: &mut Visitor, way: &str) -> Answer {
    let form = form_of(officer, way).await;
    officer.browser.submit(&form).await
}

/// Does an act that asks what was checked.
async fn does_checked(officer: &mut Visitor, way: &str) -> Answer {
    let form = form_of(officer, way).await;
    let form = form.with("verifie-identity_paper", "oui");
    officer.browser.submit(&form).await
}

/// The first provisional password on a page of letters.
fn password_on(page: &Answer) -> String {
    passwords_on(page).remove(0)
}

fn passwords_on(page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.summary());
    let text = said(page);
    let after = text.split("Mot de passe provisoire</dt><dd>").skip(1);
    let passwords = after.filter_map(|rest| rest.split("</dd>").next());
    passwords.map(str::to_owned).collect()
}

/// What was written to a contact, of one template.
async fn told(service: &Service, to: &str, about: &str) -> ReceivedMessage {
    let matching = || {
        let all = service.inbox.messages().into_iter();
        let ours = all.filter(|message| message.to == to && message.text.contains(about));
        ours.collect::<Vec<_>>()
    };
    eventually(&format!("« {about} » arrives at {to}"), async || {
        !matching().is_empty()
    })
    .await;
    matching().pop().unwrap()
}

/// Names of messages that were written.
async fn written(service: &Service) -> Vec<String> {
    let sql = "select template from outbox order by template";
    texts(service.database.reader(), sql, "template").await
}

/// Actions of the trail on an account, oldest first.
async fn trail(service: &Service, identifier: &str) -> Vec<String> {
    let id = id_of(service, identifier).await;
    let sql = format!("select action from audit_event where target_id = '{id}' order by at, id");
    texts(service.database.reader(), &sql, "action").await
}

/// Gives somebody a confirmed address.
async fn confirm_email(service: &Service, identifier: &str) {
    let rows = service
        .sql(&format!(
            "update contact set state = 'confirmed', confirmed_at = 1 where account_id = \
             (select id from account where identifier = '{identifier}') and slot = 'current'"
        ))
        .await;
    assert_eq!(rows, 1);
}

/// The way that undoes the one grouping on somebody's page.
pub(crate) async fn way_to_undo(officer: &mut Visitor, page: &str) -> String {
    let page = officer.browser.open(page).await;
    assert_eq!(page.status, 200, "{}", page.summary());
    let text = page.text();
    let mut ways = text
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next());
    let way = ways.find(|way| way.contains("/regroupements/"));
    way.expect("a grouping").to_owned()
}

/// Everything that an officer looks at, and a little of what they do: for whoever asks how
/// the store is read.
pub(crate) async fn walk(service: &Service) {
    let mut odile = odile(service).await;
    let nadia = page_of(service, "n.dubois5").await;
    let adam = page_of(service, "a.dubois6").await;
    does_checked(&mut odile, &format!("{nadia}/remise-a-zero")).await;
    links::reports(service).await;
    links::answers(&mut odile, service, "upheld").await;
    service.advance_seconds(2);
    let mut guardian = service.visitor(Person::NADIA);
    let page = guardian.browser.open("/compte").await;
    guardian.types_password(&page).await;
    for way in [
        DESK.to_owned(),
        format!("{DESK}/personnes?nom=dub&classe=4e+A&enfant=adam&qui=eleves"),
        format!("{DESK}/personnes?enfant=adam"),
        format!("{DESK}/classe?nom=4e%20A"),
        format!("{DESK}/signalements"),
        format!("{DESK}/demandes"),
        nadia.clone(),
        format!("{nadia}/historique"),
        adam.clone(),
    ] {
        let page = odile.browser.open(&way).await;
        assert_eq!(page.status, 200, "{}", page.summary());
    }
    does(&mut odile, &format!("{adam}/mot-de-passe")).await;
    let form = form_of(&mut odile, &format!("{adam}/suspension")).await;
    odile
        .browser
        .submit(&form.with("motif", "compromised"))
        .await;
    does(&mut odile, &format!("{adam}/retablissement")).await;
    let link = format!("{nadia}/liens/{}", id_of(service, "a.dubois6").await);
    does(&mut odile, &format!("{link}/fin")).await;
    does(&mut odile, &format!("{link}/retablissement")).await;
}
