//! The vocabulary between [`crate::resolve`], which fills it, and [`crate::rules`] and
//! [`crate::report`], which read it. Plain data; nothing here reads a file or judges.

mod budget;
mod connection;
mod defect;
mod deployment;
mod environment;
mod hosts;
mod located;
mod operated;
mod severity;
mod workload;

pub use budget::{
    Consumer, ConsumerKind, Demand, Factor, Home, Names, Numbers, Pooler, PoolerMode, Remedy, Server, Stray,
    Verdict,
};
pub use connection::{Address, Client, Connection, Evidence, Pool, Setting, Size, Source};
pub use defect::{Defect, DefectFact, Edit, Fix, Label, PART};
pub use deployment::{
    Deployment, DeploymentKind, EnvReader, EnvUse, Model, REQUIRED_VARIABLE, Scope, SharedServer,
};
pub use environment::Environment;
pub use hosts::Hosts;
pub use located::{Basis, Located};
pub use operated::{Operated, OperatedPooler, OperatedServer};
pub use severity::{Safety, Severity};
pub use workload::{
    Base, Container, Endpoint, Instances, Mount, MountSource, Network, Port, Reason, Role, Serving, Value,
    Variable, Workload, WorkloadClass,
};
