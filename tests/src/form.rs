//! Forms of pages, found by careful search: the pages are ours, and their HTML is plain.

/// A form as a browser would send it.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Where it is posted to.
    pub action: String,
    /// Its fields with the values that the page gave them.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// All forms of a page, in order.
    pub fn all(page: &str) -> Vec<Self> {
        let bodies = page.split("<form").skip(1);
        bodies
            .map(|rest| Self::read(rest.split("</form>").next().unwrap_or(rest)))
            .collect()
    }

    /// With a field's value, in the place of the page's or added.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(own, _)| own != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a field.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(own, _)| own != name);
        self
    }

    /// A field's value.
    pub fn value(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(own, _)| own == name);
        field.map(|(_, value)| value.as_str())
    }

    fn read(text: &str) -> Self {
        let opening = text.split('>').next().unwrap_or_default();
        let inputs = text
            .split("<input")
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap_or(rest));
        let field = |input: &str| {
            Some((
                attribute(input, "name")?,
                attribute(input, "value").unwrap_or_default(),
            ))
        };
        Self {
            action: attribute(opening, "action").unwrap_or_default(),
            fields: inputs.filter_map(field).collect(),
        }
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let after = tag.split(&format!(" {name}=\"")).nth(1)?;
    Some(unescape(after.split('"').next()?))
}

/// Undoes what templates write for signs that HTML gives a meaning.
pub fn unescape(text: &str) -> String {
    let signs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    signs.iter().fold(text.to_owned(), |text, (written, sign)| {
        text.replace(written, sign)
    })
}
