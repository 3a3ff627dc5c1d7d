//! Two nodes as processes of their own, one of which is killed between any two requests.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use domain::{ambient::Ambient, secret::Secret};
use store::{
    Database, Vault,
    audit::{
        AuditKeys,
        verification::{Verified, verify},
    },
};
use tests::{
    Browser, Door, Person, RelyingParty, Tokens, Visitor,
    clients::party,
    request::random,
    seed::{self, MASTER_KEY},
    service::eventually,
};
use tokio::task::JoinSet;

const ISSUER: &str = "https://compte.example";

/// A node in a process, killed when dropped.
struct Process {
    child: Child,
    door: Door,
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL: as a machine that is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `PREAU_BIN`, or the binary that was built beside this test.
fn binary() -> PathBuf {
    if let Some(binary) = std::env::var_os("PREAU_BIN") {
        return binary.into();
    }
    let own = std::env::current_exe().expect("a test has a file");
    let beside = own.ancestors().nth(2).expect("target/debug").join("preau");
    assert!(
        beside.exists(),
        "set PREAU_BIN, or build {}",
        beside.display()
    );
    beside
}

async fn start(config: &Path) -> Process {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address: SocketAddr = free.local_addr().expect("it has an address");
    drop(free);
    let child = Command::new(binary())
        .args(["serve", "--config"])
        .arg(config)
        .env("PREAU__SERVER__LISTEN", address.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let process = Process {
        child,
        door: Door::new(ISSUER, address),
    };
    eventually("the node listens", async || {
        tokio::net::TcpStream::connect(address).await.is_ok()
    })
    .await;
    process
}

fn write_config(folder: &Path, database: &str) -> PathBuf {
    let redis = std::env::var("PREAU_TEST_REDIS")
        .ok()
        .filter(|_| seed::on_servers());
    let redis = redis.map_or_else(String::new, |url| {
        format!(
            "[redis]\nurl = \"{url}\"\nprefix = \"{}\"\n",
            &random()[..20]
        )
    });
    let text = format!(
        "[server]\nissuer = \"{ISSUER}\"\ntrusted_proxies = [\"127.0.0.1\"]\n\
         [database]\nurl = \"{database}\"\n\
         [secrets]\nmaster_key = \"{MASTER_KEY}\"\n{redis}"
    );
    let file = folder.join("preau.toml");
    std::fs::write(&file, text).expect("the configuration can be written");
    file
}

/// The relying party whose secret no demo has: `serve` refuses those.
fn client(door: &Door) -> RelyingParty {
    party("complet", door)
}

#[tokio::test]
async fn a_node_may_be_killed_between_any_two_requests() {
    let own = seed::copy_for_production().await;
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), own.url.expose());
    let mut one = start(&config).await;
    let two = start(&config).await;
    let mut claire = Visitor::new(Person::CLAIRE, Browser::new(one.door.clone()));
    let request = client(&one.door).request();
    let page = claire.browser.open(&request.url()).await;
    assert!(page.is_sign_in(), "{}", page.summary());
    drop(one);
    claire.browser.moves_to(&two.door);
    let answer = claire.types_password(&page).await;
    let callback = request.callback(&answer);
    one = start(&config).await;
    let first = client(&one.door).tokens(&callback).await;
    drop(one);
    let at_two = client(&two.door);
    assert_eq!(
        at_two.redeem(&callback).await.error(),
        (400, "invalid_grant".to_owned())
    );
    assert_eq!(
        at_two.userinfo(&first.access).await.status,
        401,
        "used twice, so it is dead"
    );
    let tokens = at_two
        .tokens(&claire.follows(&at_two.request()).await)
        .await;
    let second = Tokens::read(at_two.refresh(&tokens.refresh).await);
    drop(two);
    one = start(&config).await;
    let at_one = client(&one.door);
    let again = Tokens::read(at_one.refresh(&tokens.refresh).await);
    assert_eq!(again.refresh, second.refresh, "the lost answer");
    assert_eq!(at_one.userinfo(&second.access).await.status, 200);
    claire.browser.moves_to(&one.door);
    let silent = at_one.asks_for("openid").with("prompt", "none");
    let answer = claire.browser.open(&silent.url()).await;
    assert_eq!(
        silent.callback(&answer).error(),
        "",
        "the session is not lost"
    );
}

async fn verified(database: &Database) -> Verified {
    let vault = Vault::new(&Secret::new(MASTER_KEY), &[]).unwrap();
    let keys = AuditKeys::find(database.reader(), &vault).await.unwrap();
    verify(database, &keys, &[]).await.unwrap()
}

/// People who sign in, one browser after another, until nobody answers.
fn people_sign_in(door: &Door) -> JoinSet<()> {
    let people = [Person::CLAIRE, Person::LEO, Person::NADIA, Person::ADAM];
    let mut tasks = JoinSet::new();
    for person in people {
        let door = door.clone();
        tasks.spawn(async move {
            loop {
                let mut visitor = Visitor::new(person, Browser::new(door.clone()));
                let page = visitor.browser.open("/compte").await;
                visitor.types_password(&page).await;
            }
        });
    }
    tasks
}

#[tokio::test]
async fn kill_9_during_writes_leaves_a_whole_chain_that_another_node_goes_on_with() {
    let own = seed::copy_for_production().await;
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), own.url.expose());
    let database = Database::connect(&own.url, 2).await.unwrap();
    let mut other = start(&config).await;
    for round in 0..3 {
        let one = std::mem::replace(&mut other, start(&config).await);
        let before = verified(&database).await;
        let mut people = people_sign_in(&one.door);
        eventually("people sign in", async || {
            let now = verified(&database).await;
            assert_eq!(now.broken, None, "while nodes write, in round {round}");
            now.sealed + now.pending >= before.sealed + before.pending + 4
        })
        .await;
        let random = Ambient::system().random::<1>()[0];
        tokio::time::sleep(Duration::from_millis(random.into())).await;
        drop(one);
        people.abort_all();
        while people.join_next().await.is_some() {}
        assert_eq!(
            verified(&database).await.broken,
            None,
            "after round {round}"
        );
        // Whoever held the lease: the node that is left goes on.
        let mut claire = Visitor::new(Person::CLAIRE, Browser::new(other.door.clone()));
        let page = claire.browser.open("/compte").await;
        claire.types_password(&page).await;
        eventually("the other node seals", async || {
            verified(&database).await.pending == 0
        })
        .await;
    }
    let last = verified(&database).await;
    assert_eq!(last.broken, None);
    assert!(last.sealed > 12, "{last:?}");
}
