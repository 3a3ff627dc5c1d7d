//! Every page of the console, asked for in every role: the table of pages is the router's
//! own, so that none can be forgotten.

use admin::{
    door::{Entry, Needs},
    table,
};
use domain::{
    permission::{Powers, Role},
    school::Uai,
};
use http::Method;
use idp::settings::Seconds;
use tests::{Person, Service, Visitor, service::texts};

use super::{COLLEGE, at_console, does_checked, id_of, odile, page_of};

/// A role that is walked with.
#[derive(Clone, Copy, Debug)]
enum Walk {
    Own,
    Other,
    Administrator,
    Auditor,
    All,
}

impl Walk {
    const ALL: [Self; 5] = [
        Self::Other,
        Self::Auditor,
        Self::Administrator,
        Self::Own,
        Self::All,
    ];

    fn rows(self) -> Vec<(&'static str, Option<&'static str>)> {
        match self {
            Self::Own => vec![("officer", Some(COLLEGE))],
            Self::Other => vec![("officer", Some("0750003W"))],
            Self::Administrator => vec![("administrator", None)],
            Self::Auditor => vec![("auditor", None)],
            Self::All => vec![
                ("officer", Some(COLLEGE)),
                ("administrator", None),
                ("auditor", None),
            ],
        }
    }

    fn powers(self) -> Powers {
        let add = |powers: Powers, (role, school): (&str, Option<&str>)| match school {
            Some(school) => powers.at_school(Uai::parse(school).unwrap()),
            None => powers.with(Role::parse(role).unwrap()),
        };
        self.rows().into_iter().fold(Powers::default(), add)
    }
}

/// What stands for the parts of addresses.
struct Parts {
    guardian: String,
    pupil: String,
    act: String,
    grouping: String,
    agent: String,
}

impl Parts {
    fn path(&self, entry: &Entry) -> String {
        let is_agent = entry.pattern.starts_with("/admin/agents");
        let account = if is_agent {
            &self.agent
        } else {
            &self.guardian
        };
        let path = entry
            .pattern
            .replace("{uai}", COLLEGE)
            .replace("{compte}", account)
            .replace("{eleve}", &self.pupil)
            .replace("{demande}", &self.act)
            .replace("{regroupement}", &self.grouping)
            .replace("{client_id}", "portail");
        assert!(
            !path.contains('{'),
            "{path}: a part that this test does not know"
        );
        let is_class = path.ends_with("/classe");
        if is_class {
            format!("{path}?nom=4e%20A")
        } else {
            path
        }
    }
}

async fn appointed_to(service: &Service, walk: Walk) {
    let account = id_of(service, "admin").await;
    service
        .sql("delete from appointment where account_id = (select id from account where identifier = 'admin')")
        .await;
    let transaction = service.database.begin().await.unwrap();
    for (role, school) in walk.rows() {
        use store::appointments::{Appointment, insert};
        let to = match (role, school) {
            ("officer", Some(school)) => Appointment::Officer(Uai::parse(school).unwrap()),
            ("administrator", _) => Appointment::Administrator,
            _ => Appointment::Auditor,
        };
        let actor = domain::audit::Actor::Operator;
        insert(&transaction, &service.ambient, actor, account, &to)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
}

/// Acts, reports and groupings that pages are about.
async fn parts(service: &Service) -> Parts {
    let mut odile = odile(service).await;
    let nadia = page_of(service, "n.dubois5").await;
    does_checked(&mut odile, &format!("{nadia}/remise-a-zero")).await;
    let (school, now) = (Uai::parse(COLLEGE).unwrap(), service.ambient.now());
    let acts = store::pending_acts::find_of_school(service.database.reader(), &school, now).await;
    Parts {
        guardian: id_of(service, "n.dubois5").await.to_string(),
        pupil: id_of(service, "a.dubois6").await.to_string(),
        act: acts.unwrap().remove(0).id.to_string(),
        grouping: "0198f0a0-0000-7000-8000-000000000004".into(),
        agent: id_of(service, "ecole.college").await.to_string(),
    }
}

async fn csrf(visitor: &mut Visitor) -> String {
    let page = visitor.browser.open("/deconnexion").await;
    let forms = tests::form::Form::all(&page.text());
    let found = forms.iter().find_map(|form| form.value("csrf"));
    found.expect("a form with a token").to_owned()
}

async fn asked(visitor: &mut Visitor, entry: &Entry, path: &str, csrf: &str) -> u16 {
    let answer = if entry.method == Method::GET {
        visitor.browser.get(path).await
    } else {
        visitor.browser.post(path, &[("csrf", csrf)]).await
    };
    answer.status
}

#[tokio::test]
async fn every_page_of_the_console_in_every_role_at_every_school() {
    let service = Service::start().await;
    let parts = parts(&service).await;
    let mut alix = at_console(&service, Person::ALIX).await;
    let token = csrf(&mut alix).await;
    let college = Uai::parse(COLLEGE).unwrap();
    let mut walked = 0;
    for walk in Walk::ALL {
        appointed_to(&service, walk).await;
        let powers = walk.powers();
        for entry in table::all() {
            let path = parts.path(&entry);
            // What a page does is another test's subject: here nothing is posted that does it.
            let status = asked(&mut alix, &entry, &path, &token).await;
            let may = entry.needs.are_met(&powers, Some(&college));
            let expected: &[u16] = match (may, entry.needs) {
                (true, _) => &[200, 303, 404, 409, 422],
                (false, Needs::School(_)) => &[404],
                (false, Needs::Service(_) | Needs::Console) => &[403],
            };
            assert!(
                expected.contains(&status),
                "{walk:?}: {entry:?} at {path} answers {status}"
            );
            walked += 1;
        }
    }
    assert!(walked > 100, "{walked}");
}

/// What is dangerous asks for the password again after five minutes; what is not does not.
#[tokio::test]
async fn pages_that_ask_for_a_recent_sign_in_are_those_that_the_table_says() {
    let service = Service::start().await;
    let parts = parts(&service).await;
    let mut alix = at_console(&service, Person::ALIX).await;
    let token = csrf(&mut alix).await;
    appointed_to(&service, Walk::All).await;
    service.advance_seconds(6 * 60);
    let (mut recent, mut other) = (0, 0);
    for entry in table::all() {
        let path = parts.path(&entry);
        if entry.is_recent {
            let answer = if entry.method == Method::GET {
                alix.browser.get(&path).await
            } else {
                alix.browser.post(&path, &[("csrf", &token)]).await
            };
            assert_eq!(answer.status, 303, "{entry:?}");
            let to = answer.header("location").to_owned();
            assert!(to.contains("/connexion"), "{entry:?} leads to {to}");
            recent += 1;
        } else if entry.method == Method::GET {
            let answer = alix.browser.get(&path).await;
            let to = answer.header("location").to_owned();
            assert!(!to.contains("/connexion"), "{entry:?} leads to {to}");
            other += 1;
        }
    }
    assert!(recent > 30 && other > 10, "{recent} and {other}");
}

/// Whatever sessions last elsewhere, the console asks for a sign-in of the same day.
#[tokio::test]
async fn the_console_closes_twelve_hours_after_the_sign_in() {
    let service = Service::with(|config| {
        config.session.idle = Seconds(7 * 24 * 3600);
        config.session.whole = Seconds(7 * 24 * 3600);
    })
    .await;
    let mut alix = at_console(&service, Person::ALIX).await;
    service.advance_seconds(12 * 3600 - 60);
    assert_eq!(alix.browser.open("/admin").await.status, 200);
    service.advance_seconds(120);
    assert_eq!(alix.browser.open("/compte").await.status, 200, "it stands");
    let page = alix.browser.open("/admin").await;
    assert!(page.is_sign_in(), "{}", page.summary());
}

#[tokio::test]
async fn what_a_role_may_see_is_there() {
    let service = Service::start().await;
    let parts = parts(&service).await;
    let mut alix = at_console(&service, Person::ALIX).await;
    let college = Uai::parse(COLLEGE).unwrap();
    // Pages about what there is none of here.
    let absent = [
        "{regroupement}",
        "/reponse",
        "/recuperation",
        "/retablissement",
        "/mot-de-passe",
        "/seconde-verification",
    ];
    for walk in [Walk::Own, Walk::All] {
        appointed_to(&service, walk).await;
        for entry in table::all() {
            let is_absent = absent.iter().any(|part| entry.pattern.contains(part));
            let may = entry.needs.are_met(&walk.powers(), Some(&college));
            if entry.method != Method::GET || is_absent || !may {
                continue;
            }
            let path = parts.path(&entry);
            let status = alix.browser.open(&path).await.status;
            assert_eq!(status, 200, "{walk:?}: {entry:?}");
        }
    }
}

#[tokio::test]
async fn families_and_strangers_see_no_page_of_the_console() {
    let service = Service::start().await;
    let parts = parts(&service).await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let mut leo = service.at_account(Person::LEO).await;
    let tokens = (csrf(&mut claire).await, csrf(&mut leo).await);
    let mut nobody = service.visitor(Person::NOBODY);
    for entry in table::all() {
        let path = parts.path(&entry);
        assert_eq!(
            asked(&mut claire, &entry, &path, &tokens.0).await,
            403,
            "{entry:?}"
        );
        assert_eq!(
            asked(&mut leo, &entry, &path, &tokens.1).await,
            403,
            "{entry:?}"
        );
        let status = asked(&mut nobody, &entry, &path, "").await;
        assert_eq!(status, 303, "{entry:?}");
    }
    let seen = "select action from audit_event where action = 'people.searched'";
    assert!(
        texts(service.database.reader(), seen, "action")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_password_alone_opens_no_page_of_the_console() {
    let service = Service::start().await;
    let mut odile = service.visitor(Person::ODILE);
    let page = odile.browser.open("/compte").await;
    odile.types_password(&page).await;
    for entry in table::all()
        .iter()
        .filter(|entry| entry.method == Method::GET)
    {
        let path = entry.pattern.replace("{uai}", COLLEGE);
        let answer = odile.browser.get(&path).await;
        assert_eq!(answer.status, 303, "{entry:?}");
    }
}
