//! Addresses that a request may name and that may be visited: only those that a definition allows.

/// A pattern of `https` addresses: `https://sns.*.amazonaws.com/*.pem`.
///
/// `*` is one label of the host, and any run of characters of the path. It never is a label that begins
/// with `s3`: below those of Amazon's, anybody may own the name before it. A query is allowed only
/// where the pattern has one; user, port and fragment never are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlPattern {
    labels: Vec<String>,
    path: String,
}

/// Longer than any address of a certificate or a confirmation.
const LONGEST: usize = 2048;

impl UrlPattern {
    /// Reads a pattern; `None` unless it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, path) = parts(text)?;
        let label = |label: &str| label == "*" || is_label(label);
        let labels: Vec<String> = host.split('.').map(str::to_owned).collect();
        // A pattern for everybody's hosts allows nothing in particular.
        let named = labels.iter().rev().take(2).all(|one| one != "*") && labels.len() >= 2;
        (named && labels.iter().all(|one| label(one)))
            .then(|| Self { labels, path: path.to_owned() })
    }

    /// Whether an address is one of those.
    pub fn matches(&self, url: &str) -> bool {
        let Some((host, path)) = parts(url) else { return false };
        let labels: Vec<&str> = host.split('.').collect();
        let same = |(wanted, found): (&String, &&str)| {
            let any = wanted == "*" && !found.starts_with("s3");
            is_label(found) && (any || wanted == found)
        };
        labels.len() == self.labels.len()
            && self.labels.iter().zip(&labels).all(same)
            && (self.path.contains('?') || !path.contains('?'))
            && glob(&self.path, path)
    }
}

/// Host and path with query, of an address without anything that two parsers could read differently.
fn parts(url: &str) -> Option<(&str, &str)> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\\@#\"<>^`{|}".contains(&byte);
    let rest = url.strip_prefix("https://").filter(|_| url.len() <= LONGEST)?;
    let at = rest.find('/').filter(|_| rest.bytes().all(plain))?;
    let (host, path) = rest.split_at_checked(at)?;
    let climbs = path.split(['/', '?']).any(|step| step == ".." || step == ".");
    (!host.contains(':') && !climbs).then_some((host, path))
}

fn is_label(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(allowed)
}

fn glob(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(before) else { return false };
    // The few patterns there are have one or two stars.
    (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|tail| glob(after, tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_pattern_says() {
        let sns = UrlPattern::parse("https://sns.*.amazonaws.com/*.pem").expect("a pattern");
        assert!(
            sns.matches("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-f7.pem")
        );
        for other in [
            "http://sns.eu-west-1.amazonaws.com/a.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
            "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
            "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
            "https://bucket.s3.amazonaws.com/a.pem",
            "https://sns.s3.amazonaws.com/a.pem",
            "https://sns.s3-us-west-2.amazonaws.com/a.pem",
            "https://sns..amazonaws.com/a.pem",
            "https://sns.amazonaws.com/a.pem",
            "https://sns.a.b.amazonaws.com/a.pem",
            "https://sns.eu.amazonaws.com:8443/a.pem",
            "https://sns.eu.amazonaws.com/a.pem?x=.pem",
            "https://sns.eu.amazonaws.com/a#.pem",
            "https://sns.eu.amazonaws.com/a.crt",
            "https://sns.eu.amazonaws.com\\.evil.example/a.pem",
            "https://SNS.eu.amazonaws.com/a.pem",
            "https://sns.eu.amazonaws.com/../a.pem",
            "https://sns.eu.amazonaws.com/a b.pem",
            "https://sns.eu.amazonaws.com",
            "",
        ] {
            assert!(!sns.matches(other), "{other}");
        }
        let visit = UrlPattern::parse("https://sns.*.amazonaws.com/?*").expect("a pattern");
        assert!(visit.matches("https://sns.eu.amazonaws.com/?Action=ConfirmSubscription&Token=1"));
        assert!(!visit.matches("https://sns.eu.amazonaws.com/Action"));
    }

    #[test]
    fn a_pattern_names_its_hosts() {
        for wrong in
            ["https://*/a", "https://*.com/", "https://a.*/", "http://a.b/", "a.b", "https://a.b"]
        {
            assert_eq!(UrlPattern::parse(wrong), None, "{wrong}");
        }
    }
}
