//! Pages that a team keeps in its own repository.

use super::check::check_page;
use super::page::{Page, PageError};

/// Parses a page and makes sure that it can work. `path` is for errors; its file name must be the rule's name.
///
/// # Errors
/// When it is no page, or one of its expressions does not compile or names a fact or a param that there is not.
pub fn own_page(path: &str, text: &str) -> Result<Page, PageError> {
    let page = Page::parse(path, text)?;
    match check_page(&page).into_iter().next() {
        None => Ok(page),
        Some(fault) => {
            let line = line_of(text, &fault.text).unwrap_or(1);
            Err(PageError { path: path.to_owned(), line, message: fault.message })
        }
    }
}

/// The first line, from 1, on which a text of the front matter begins.
fn line_of(page: &str, text: &str) -> Option<usize> {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let lines = page.lines().zip(1..);
    lines
        .take_while(|(line, number)| *number == 1 || *line != "---")
        .find_map(|(line, number)| line.contains(first).then_some(number))
}

#[cfg(test)]
mod tests {
    use super::own_page;

    const PAGE: &str = "---\nname: no-root\non: url\nsummary: the role is root\nseverity: error\nwhen: WHEN\nmessage: \"MESSAGE\"\n---\nText.\n";

    fn parsed(when: &str, message: &str) -> Result<String, String> {
        let text = PAGE.replace("WHEN", when).replace("MESSAGE", message);
        own_page("policies/no-root.md", &text).map(|page| page.name).map_err(|error| error.to_string())
    }

    #[test]
    fn a_page_of_ones_own_needs_no_summary() {
        let text = PAGE.replace("summary: the role is root\n", "").replace("WHEN", "\"true\"");
        assert_eq!(own_page("policies/no-root.md", &text).map(|page| page.summary), Ok("no root".to_owned()));
    }

    #[test]
    fn a_page_that_cannot_work_is_refused_at_its_line() {
        assert_eq!(parsed("url.user == \"root\"", "{{ url.user }}"), Ok("no-root".to_owned()));
        for (when, message, expected) in [
            ("url.usr == \"root\"", "x", "policies/no-root.md:6: there is no fact `url.usr` about a url"),
            ("url.user == params.name", "x", "policies/no-root.md:6: there is no param `name`"),
            ("url.user ==", "x", "policies/no-root.md:6: "),
            ("url.port < \"x\"", "x", "policies/no-root.md:6: `url.port < \"x\"` can never work: "),
            (
                "url.port + 1",
                "x",
                "policies/no-root.md:6: `url.port + 1` is a condition, and neither true nor",
            ),
            ("\"true\"", "{{ url.port + url.user }}", "policies/no-root.md:7: `url.port` can never work"),
            ("\"true\"", "{{ url.usr }}", "policies/no-root.md:7: there is no fact `url.usr`"),
        ] {
            let error = parsed(when, message).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
