//! An index of host names: every connection asks who has its host, and a deployment may have thousands of both.

use std::collections::HashMap;

use super::Workload;

/// Which workloads have which host names. Until it is made of them it knows nothing, and says so.
#[derive(Debug, Clone, Default)]
pub struct Hosts(Option<HashMap<String, Vec<usize>>>);

impl Hosts {
    /// The names of all endpoints.
    #[must_use]
    pub fn of(workloads: &[Workload]) -> Self {
        let mut names: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, workload) in workloads.iter().enumerate() {
            for endpoint in &workload.endpoints {
                let known = names.entry(endpoint.host.to_ascii_lowercase()).or_default();
                if known.last() != Some(&index) {
                    known.push(index);
                }
            }
        }
        Self(Some(names))
    }

    /// The indices of the workloads that have a host name, in their order. `None` when that is not known yet.
    #[must_use]
    pub fn named(&self, host: &str) -> Option<&[usize]> {
        let names = self.0.as_ref()?;
        let found = if host.bytes().any(|letter| letter.is_ascii_uppercase()) {
            names.get(&host.to_ascii_lowercase())
        } else {
            names.get(host)
        };
        Some(found.map_or(&[], Vec::as_slice))
    }
}
