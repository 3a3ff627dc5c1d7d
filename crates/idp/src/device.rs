//! With what a person came, as far as a person tells devices apart: no more of
//! `User-Agent` is kept.

use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};

/// A browser on a system; each empty where it is none of the usual ones.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Device {
    /// Such as `Firefox`.
    pub browser: String,
    /// Such as `Android`.
    pub system: String,
}

/// What stands in `User-Agent`, in the order in which it is looked for: many browsers
/// name others that they are like.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// Of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        let agent = headers.get(header::USER_AGENT);
        let agent = agent
            .and_then(|agent| agent.to_str().ok())
            .unwrap_or_default();
        Self {
            browser: first(&BROWSERS, agent),
            system: first(&SYSTEMS, agent),
        }
    }
}

fn first(names: &[(&str, &str)], agent: &str) -> String {
    let found = names.iter().find(|(sign, _)| agent.contains(sign));
    found
        .map(|(_, name)| (*name).to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn device(agent: &'static str) -> (String, String) {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        let Device { browser, system } = Device::of(&headers);
        (browser, system)
    }

    #[test]
    fn a_device_is_told_as_people_know_it() {
        for (agent, browser, system) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox",
                "Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome",
                "Android",
            ),
            ("curl/8.0", "", ""),
        ] {
            assert_eq!(device(agent), (browser.into(), system.into()), "{agent}");
        }
        assert_eq!(Device::of(&HeaderMap::new()), Device::default());
    }
}
