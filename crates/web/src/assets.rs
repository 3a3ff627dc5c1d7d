//! Stylesheet, scripts and images, served from our origin under names that carry
//! their hash, so that they can be cached for ever.

use std::{collections::HashMap, fmt::Write as _};

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use include_dir::Dir;
use sha2::{Digest, Sha256};

use crate::{error::PageError, view::View};

/// Where assets are served.
pub const ASSETS_PATTERN: &str = "/assets/{file}";

/// The look's values and the rules that use them are two files for those who change
/// the look, and one for browsers.
const STYLE: [&str; 2] = ["theme.css", "style.css"];

/// An operator's own files: in the place of ours, by our names (`theme.css`, `logo.svg`), and
/// others beside them.
#[derive(Debug, Clone, Default)]
pub struct Replacements(HashMap<String, Vec<u8>>);

impl Replacements {
    /// Replaces the file of that name, or adds it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, content: Vec<u8>) -> Self {
        self.0.insert(name.into(), content);
        self
    }
}

impl Replacements {
    /// The file of that name.
    pub(crate) fn content(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

/// All assets, in memory.
pub(crate) struct Assets {
    paths: HashMap<String, String>,
    files: HashMap<String, Asset>,
}

#[derive(Clone)]
struct Asset {
    content: Bytes,
    content_type: &'static str,
}

impl Assets {
    pub(crate) fn embedded(templates: &'static Dir<'static>, replaced: &Replacements) -> Self {
        let mut assets = Self {
            paths: HashMap::new(),
            files: HashMap::new(),
        };
        let folder = templates.get_dir("assets").expect("assets are embedded");
        let content_of = |name: &str| -> Vec<u8> {
            let own = folder.get_file(format!("assets/{name}"));
            let own = || own.map(|file| file.contents().to_vec());
            replaced
                .0
                .get(name)
                .cloned()
                .or_else(own)
                .unwrap_or_default()
        };
        assets.add("style.css", STYLE.map(content_of).concat());
        for file in folder.files() {
            let name = file.path().file_name().and_then(|name| name.to_str());
            let name = name.expect("assets have plain names");
            if !STYLE.contains(&name) {
                assets.add(name, content_of(name));
            }
        }
        let is_own = |name: &str| folder.get_file(format!("assets/{name}")).is_some();
        for (name, content) in &replaced.0 {
            // What stands in a folder is no asset: the questions of « Aide ».
            if !is_own(name) && !name.contains('/') {
                assets.add(name, content.clone());
            }
        }
        assets
    }

    /// The path of an asset by its plain name.
    pub(crate) fn path(&self, name: &str) -> Option<&str> {
        self.paths.get(name).map(String::as_str)
    }

    /// Every file by its hashed name.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(name, asset)| (name.as_str(), &*asset.content))
    }

    fn add(&mut self, name: &str, content: Vec<u8>) {
        let hashed = hashed_name(name, &content);
        self.paths
            .insert(name.to_owned(), format!("/assets/{hashed}"));
        let asset = Asset {
            content: Bytes::from(content),
            content_type: content_type(name),
        };
        self.files.insert(hashed, asset);
    }
}

/// Answers an asset; the name changes with the content, so the answer never does.
pub(crate) async fn get(view: View, Path(file): Path<String>) -> Result<Response, PageError> {
    let assets = &view.site().pages.assets;
    let asset = assets.files.get(&file).ok_or_else(PageError::not_found)?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(asset.content_type),
        ),
        (header::CACHE_CONTROL, FOR_EVER),
    ];
    Ok((StatusCode::OK, headers, asset.content.clone()).into_response())
}

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `style.css` becomes `style.0f1e2d3c4b5a6978.css`.
fn hashed_name(name: &str, content: &[u8]) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    let mut hash = String::with_capacity(16);
    for byte in &Sha256::digest(content)[..8] {
        write!(hash, "{byte:02x}").expect("a string takes all");
    }
    format!("{stem}.{hash}.{extension}")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}
