//! `preau migrate`.

use serde_json::json;

use super::{failure::Failure, place::Place, report::Report};

pub(super) async fn run(place: &Place) -> Result<Report, Failure> {
    let opened = place.open_any().await?;
    let steps = store::migration::migrate(&opened.database).await?;
    opened.database.close().await;
    let text = match steps {
        0 => "the schema is up to date".to_owned(),
        1 => "took 1 step: the schema is up to date".to_owned(),
        steps => format!("took {steps} steps: the schema is up to date"),
    };
    Ok(Report::new(text, json!({"steps": steps})))
}
