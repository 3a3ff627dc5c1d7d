//! Where answers may go, and nowhere else.

use tests::{Person, Service, request::returned};

use crate::authorize::page;

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_proven() {
    let service = Service::start().await;
    let complet = service.client("complet");
    let evil = [
        "",
        "https://complet.example/cb/",
        "https://complet.example/cb?",
        "https://complet.example/cb?x=1",
        "https://complet.example/cb#",
        "https://complet.example/cb#f",
        "https://complet.example/cb/../cb",
        "https://complet.example/./cb",
        "https://complet.example/%63b",
        "https://complet.example/cb%00",
        "https://complet.example/cb;x",
        "https://complet.example/cb%2f..",
        "https://complet.example//cb",
        "https://complet.example\\cb",
        "https://complet.example/cb\\",
        "HTTPS://complet.example/cb",
        "https://COMPLET.example/cb",
        "https://complet.example:443/cb",
        "https://complet.example.:443/cb",
        "https://complet.example@evil.example/cb",
        "https://user@complet.example/cb",
        "https://evil.example/https://complet.example/cb",
        "https://complet.example.evil.example/cb",
        "https://xcomplet.example/cb",
        "http://complet.example/cb",
        "//complet.example/cb",
        "/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://complet.example/cb ",
        " https://complet.example/cb",
        "https://complet.example/cb\t",
        "https://complet.example/cb\r\nLocation: https://evil.example",
        "https://complet.example/cb?a=b",
        "https://complet.example/cb?c&a=b",
        "https://complet.example/cb?a=b&c&",
        "https://complet.example/cb?a=b&c#",
        "https://complet.example/ｃb",
        "https://cоmplet.example/cb",
        "https://127.0.0.1/cb",
        "http://localhost/cb",
        "https://complet.example/CB",
    ];
    for uri in evil {
        let request = complet.request().with("redirect_uri", uri);
        let answer = page(&service, &request).await;
        assert_eq!(answer.status, 400, "{uri}");
        assert!(answer.headers.get("location").is_none(), "{uri}");
        assert!(returned(&answer, uri).is_none(), "{uri}");
    }
    let request = complet
        .request()
        .with("redirect_uri", "https://complet.example/cb?a=b&c");
    let callback = service.visitor(Person::CLAIRE).follows(&request).await;
    assert!(complet.redeem(&callback).await.status == 200);
}

#[tokio::test]
async fn a_request_that_proves_nothing_gets_a_page() {
    let service = Service::start().await;
    let sound = || service.portal().request();
    let table = [
        (sound().without("client_id"), 400),
        (sound().without("redirect_uri"), 400),
        (sound().with("client_id", "personne"), 400),
        (sound().with("client_id", "../portail"), 400),
        (sound().with("client_id", "portail\0"), 400),
        (sound().and("client_id", "portail"), 400),
        (
            sound().and("redirect_uri", "http://localhost:8081/callback"),
            400,
        ),
        (service.client("ferme").request(), 400),
        (sound().with("client_id", "service"), 400),
    ];
    for (request, status) in table {
        let answer = page(&service, &request).await;
        assert_eq!(
            (answer.status, answer.location()),
            (status, None),
            "{}",
            request.url()
        );
        assert!(answer.header("content-type").starts_with("text/html"));
    }
}

#[tokio::test]
async fn a_native_client_comes_back_to_any_port_of_its_own_machine() {
    let service = Service::start().await;
    let bureau = service.client("bureau");
    for uri in [
        "http://127.0.0.1:49152/cb",
        "http://[::1]:8/cb",
        "org.example.bureau:/cb",
    ] {
        let request = bureau.request().with("redirect_uri", uri);
        let callback = service.visitor(Person::CLAIRE).follows(&request).await;
        assert_eq!(bureau.redeem(&callback).await.status, 200, "{uri}");
    }
    for uri in [
        "http://127.0.0.1:49152/other",
        "http://localhost:1/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.2:80/cb",
        "https://127.0.0.1/cb",
    ] {
        let answer = page(&service, &bureau.request().with("redirect_uri", uri)).await;
        assert_eq!((answer.status, answer.location()), (400, None), "{uri}");
    }
    let web = service.client("vie-scolaire").request();
    let answer = page(
        &service,
        &web.with("redirect_uri", "http://127.0.0.1:1/callback"),
    )
    .await;
    assert_eq!(answer.status, 400);
}
