//! Facts about the world, as data: clients, servers, images, variables. The entries live in `catalog/*.yaml`
//! at the root of the repository, each with its sources and the day they were checked; the build script
//! compiles them into the binary, and they are decoded on first use. Adding an entry needs no code.

mod knowledge;
mod known;
mod lookup;
mod said;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use lookup::wildcard;

use std::sync::OnceLock;

pub use knowledge::{Endpoint, EndpointKind, ErrorEntry, Governing, Knowledge, Plan, Provider, TlsPolicy};
pub use known::{error_of, errors_of, knowledge, plan_names, plans, provider_of_host};
pub use said::{SETTINGS, Said, said};
pub use types::ambient::{Ambient, CredentialOptions};
pub use types::operators::{
    ByMemory, CountAt, Lookup, Operator, OperatorPooler, OperatorSecret, OperatorService, Reach, TextAt,
};
pub use types::programs::{
    EnvLibrary, EnvReaderEntry, KeptStatements, PoolerEntry, PoolerSetting, PoolerValue, ProcessServer,
    Threads,
};
pub use types::servers::{ConfigFormat, Engine, Image, ImageRole};
pub use types::{
    Catalog, ClientEntry, DefaultSize, DefaultTime, Package, ParamEntry, ParamType, PoolDefaults,
    PreparedStatements, SizeSetting, TimeSetting, Unit, UnknownParam, VariableEntry, VariableMeaning, Zero,
};

/// The catalogue that is built into the program.
#[must_use]
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| {
        // The bytes are made from the same types by the same build: they always decode, and a test says so.
        postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/catalog.postcard")))
            .unwrap_or_default()
    })
}
