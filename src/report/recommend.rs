//! `poollint recommend`: the reasoning step by step, the URL query to paste, and a pooler where that is the answer.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Paint;
use crate::catalog::{ClientEntry, DefaultSize, Unit, catalog};
use crate::model::Environment;
use crate::resolve::sizing::{self, Answer, Question};

/// What is recommended for the pools of one server.
#[derive(Debug)]
pub struct Advice {
    /// Deployment, server and environment; `None` when asked by hand.
    pub title: Option<(String, String, Option<Environment>)>,
    /// Share of the limit that is the budget.
    pub share: f64,
    /// Limit, usable and budget, when a limit is known.
    pub room: Option<(u64, u64, u64)>,
    /// What was asked for all pools together.
    pub question: Question,
    /// Connections that others take at full scale: poolers, and what is declared.
    pub others: u64,
    /// The server's address, for a pooler's file.
    pub server: Option<String>,
    /// The pools.
    pub pools: Vec<AdvicePool>,
    /// The poolers, where nobody else connects.
    pub poolers: Vec<AdvicePooler>,
    /// Facts that are missing, and how to supply them.
    pub missing: Vec<String>,
}

/// A pooler through which all connect.
#[derive(Debug)]
pub struct AdvicePooler {
    /// Its name.
    pub name: String,
    /// Instances at full scale.
    pub instances: u64,
    /// Pools of each instance: its pairs of database and user.
    pub pairs: u64,
    /// What one instance should open at most, 0 when not even one fits; `None` when neither CPUs nor limit are known.
    pub at_most: Option<u64>,
}

/// One workload's pool.
#[derive(Debug)]
pub struct AdvicePool {
    /// The workload.
    pub workload: Option<String>,
    /// The variable that holds its URL.
    pub variable: Option<String>,
    /// The client's label.
    pub client: Option<String>,
    /// Instances at full scale.
    pub instances: u64,
    /// Processes per instance.
    pub processes: u64,
    /// Whether it is a function.
    pub serverless: bool,
    /// The recommended range, and what it is for.
    pub range: Option<((u64, u64), String)>,
    /// The recommendation.
    pub answer: Answer,
    /// Seconds to wait for a free connection.
    pub timeout: u64,
}

impl AdvicePool {
    /// A function gets one connection for each instance, which serves one request.
    fn size(&self) -> Option<u64> {
        if self.serverless { Some(1) } else { self.answer.size }
    }

    /// The client; the one whose words most people know when it is not known.
    fn entry(&self) -> Option<&'static ClientEntry> {
        catalog().client(self.client.as_deref().unwrap_or(USUAL))
    }

    /// What stands between the address and the query.
    fn mark(&self) -> char {
        if self.entry().is_some_and(|entry| entry.ado_net) { ';' } else { '?' }
    }

    /// What goes behind the URL's `?` (of a connection string of ADO.NET, behind a `;`); `None` when the client takes neither from its URL.
    fn query(&self) -> Option<String> {
        let size = self.size()?;
        let entry = self.entry()?;
        let name = entry.pool.size.as_ref().and_then(|size| size.params.first());
        let mut parts: Vec<String> = name.map(|name| format!("{name}={size}")).into_iter().collect();
        if let Some(timeout) = &entry.pool.acquire_timeout
            && let Some(name) = timeout.params.first()
        {
            parts.push(format!("{name}={}", written(self.timeout, timeout.unit)));
        }
        (!parts.is_empty()).then(|| parts.join(if entry.ado_net { ";" } else { "&" }))
    }

    /// The environment variables that size it, where no parameter does: what its client would open beyond the size has
    /// no room.
    fn setting(&self) -> Option<String> {
        let pool = &self.entry()?.pool;
        let size = format!("{}={}", pool.size.as_ref()?.variables.first()?, self.size()?);
        match &pool.overflow {
            Some(overflow) => Some(format!("{size} {}=0", overflow.variables.first()?)),
            None => Some(size),
        }
    }

    /// Whether its client opens connections beyond the size.
    fn overflows(&self) -> bool {
        self.entry().is_some_and(|entry| entry.pool.overflow.is_some())
    }

    fn pooler(&self) -> bool {
        self.serverless || self.answer.pooler
    }
}

/// The client in whose words a query is put when nobody knows which one it is.
const USUAL: &str = "prisma@6";

/// A time as the client takes it.
fn written(seconds: u64, unit: Unit) -> String {
    match unit {
        Unit::Milliseconds => seconds.saturating_mul(1000).to_string(),
        Unit::Duration | Unit::DurationOrSeconds => format!("{seconds}s"),
        Unit::Seconds => seconds.to_string(),
    }
}

/// A pooler in front of the server.
struct Front {
    pool: u64,
    clients: u64,
    host: String,
    port: String,
}

impl Advice {
    /// A pooler, when it is the answer: its pool is what keeps the host busy, within the budget.
    fn front(&self) -> Option<Front> {
        if !self.pools.iter().any(AdvicePool::pooler) {
            return None;
        }
        let host = self.pools.iter().find_map(|pool| pool.answer.host);
        let budget = self.room.map(|(_, _, budget)| budget.saturating_sub(self.others).max(1));
        let pool = host.unwrap_or(POOL).max(1).min(budget.unwrap_or(u64::MAX));
        let asked = self.pools.iter().fold(0u64, |sum, pool| {
            let each = pool.instances.saturating_mul(pool.processes);
            sum.saturating_add(each.saturating_mul(pool.size().unwrap_or(1)))
        });
        let server = self.server.as_deref().unwrap_or("db.internal:5432");
        let (host, port) = server.rsplit_once(':').unwrap_or((server, "5432"));
        Some(Front {
            pool,
            clients: asked.saturating_mul(2).max(CLIENTS),
            host: host.to_owned(),
            port: port.to_owned(),
        })
    }

    /// The answers for all pools, or for all poolers.
    fn answers(&self) -> impl Iterator<Item = Answer> + Clone {
        let of_poolers = (!self.poolers.is_empty()).then(|| sizing::answer(&self.question));
        self.pools.iter().map(|pool| pool.answer).chain(of_poolers)
    }

    /// The reasoning that all pools share.
    fn steps(&self) -> Vec<String> {
        let mut steps = Vec::new();
        let Question { cpus, spindles, pools, fits, .. } = self.question;
        let each_one = if self.poolers.is_empty() { "pool" } else { "instance of a pooler" };
        let own = self.answers();
        if let (Some(cpus), Some(host)) = (cpus, own.clone().find_map(|answer| answer.host)) {
            let disks = if spindles == 1 { "spindle" } else { "spindles" };
            steps.push(format!(
                "2 × {cpus} CPUs of the database's host + {spindles} {disks} = {host} connections keep it busy"
            ));
            let functions = self.pools.iter().all(|pool| pool.serverless);
            let functions = functions && self.poolers.is_empty();
            if let Some(formula) = own.clone().find_map(|answer| answer.formula).filter(|_| !functions) {
                let each = if formula == 0 { "less than 1".to_owned() } else { formula.to_string() };
                steps.push(format!("{host} ÷ {} = {each} for each {each_one}", self.division(pools)));
            }
        }
        if let (Some((limit, usable, budget)), Some(fits)) = (self.room, fits) {
            let others = match self.others {
                0 => String::new(),
                others => format!(" − {others} that others take"),
            };
            steps.push(format!(
                "{:.0} % of max_connections {limit}, at most the {usable} usable: budget {budget}{others}, which allows \
                 each {each_one} {fits}",
                self.share * 100.0,
            ));
        }
        steps
    }

    fn division(&self, pools: u64) -> String {
        let many = |count: u64, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        };
        match self.pools.as_slice() {
            [] if !self.poolers.is_empty() => many(pools, "instance", "instances"),
            [one] if one.processes == 1 => many(one.instances, "instance", "instances"),
            [one] => {
                let instances = many(one.instances, "instance", "instances");
                format!("{instances} ÷ {} processes", one.processes)
            }
            _ => format!("{pools} pools (instances × processes)"),
        }
    }
}

/// Server connections of a pooler when the host's CPUs are not known: the size that guides start from, and PgBouncer's
/// own default (<https://www.pgbouncer.org/config.html#default_pool_size>).
const POOL: u64 = 20;

/// Clients that a pooler should accept at least; an idle one costs it some kilobytes.
const CLIENTS: u64 = 1000;

/// Writes it for people.
///
/// # Errors
/// When the output cannot be written.
pub fn recommend_human(advice: &[Advice], paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if advice.is_empty() {
        writeln!(out, "No database server with consumers is known here.")?;
        return writeln!(
            out,
            "Ask by hand: poollint recommend --db-cpus 4 --instances 3 --environment production"
        );
    }
    for (index, one) in advice.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        human(one, paint, out)?;
    }
    Ok(())
}

fn human(advice: &Advice, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if let Some((deployment, server, environment)) = &advice.title {
        let environment = environment.map(|environment| format!(", {environment}")).unwrap_or_default();
        writeln!(out, "{} in {deployment}{environment}\n", paint.bold(server))?;
    }
    let steps = advice.steps();
    for (at, step) in steps.iter().enumerate() {
        writeln!(out, "  {}. {step}", at.saturating_add(1))?;
    }
    if !steps.is_empty() {
        writeln!(out)?;
    }
    for pool in &advice.pools {
        self::pool(pool, advice.question.fits, paint, out)?;
    }
    for pooler in &advice.poolers {
        self::pooler(pooler, paint, out)?;
    }
    if let Some(front) = advice.front() {
        let why = if advice.pools.iter().any(|pool| pool.serverless) {
            "each function instance opens a pool of its own"
        } else {
            "there is less than one connection for each pool"
        };
        writeln!(out, "\n  {}: {why}\n", paint.bold("Put PgBouncer in front"))?;
        for line in front.ini().lines() {
            writeln!(out, "    {line}")?;
        }
        writeln!(out, "\n  and let the URLs lead to it: …@pgbouncer:6432/…")?;
    }
    if !advice.missing.is_empty() {
        writeln!(out, "\n  not known:")?;
        for missing in &advice.missing {
            writeln!(out, "  - {missing}")?;
        }
    }
    Ok(())
}

fn pool(pool: &AdvicePool, fits: Option<u64>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let name = pool.workload.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
    let Some(size) = pool.size() else {
        return writeln!(out, "  {name}no size can be recommended: neither CPUs nor limit are known");
    };
    let size_text = paint.bold(&format!("{size} per process"));
    let why = match (&pool.range, pool.answer.in_range) {
        _ if pool.serverless => " (a function's instance serves one request at a time)".to_owned(),
        (Some(((low, high), what)), Some(in_range)) if fits.is_some_and(|fits| fits < in_range) => {
            format!(" ({what}: {low} to {high}; no more fits)")
        }
        (Some(((low, high), what)), _) => format!(" ({what}: {low} to {high})"),
        (None, Some(in_range)) if fits.is_some_and(|fits| fits < in_range) => " (no more fits)".to_owned(),
        (None, _) => String::new(),
    };
    writeln!(out, "  {name}{size_text}{why}")?;
    let variable = pool.variable.as_deref().unwrap_or("DATABASE_URL");
    match (pool.query(), pool.setting()) {
        (Some(query), _) => {
            let whose =
                if pool.client.is_none() { "   (in Prisma's words: the client is not known)" } else { "" };
            writeln!(out, "    {variable}=…{}{query}{whose}", pool.mark())
        }
        (None, Some(setting)) => writeln!(out, "    {setting}"),
        (None, None) => {
            let client = pool.client.as_deref().unwrap_or("the client");
            let entry = pool.entry().and_then(|entry| entry.pool.size.as_ref());
            match entry.filter(|entry| matches!(entry.default, DefaultSize::PerThread)) {
                Some(entry) => {
                    let in_code = entry.in_code.as_deref().unwrap_or("code");
                    let most = if size == 1 { "1 thread".to_owned() } else { format!("{size} threads") };
                    writeln!(
                        out,
                        "    {client} opens one for each thread: at most {most} in a process, or a pool of \
                         {size} in {in_code}"
                    )
                }
                None => {
                    let overflow = if pool.overflows() { ", and its overflow to 0" } else { "" };
                    writeln!(
                        out,
                        "    {client} takes its pool's size from code: set it to {size} there{overflow}"
                    )
                }
            }
        }
    }
}

fn pooler(pooler: &AdvicePooler, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let AdvicePooler { name, pairs, at_most, .. } = pooler;
    let Some(at_most) = at_most else {
        return writeln!(out, "  {name}: nothing can be recommended: neither CPUs nor limit are known");
    };
    if *at_most == 0 {
        return writeln!(out, "  {name}: not one connection per instance fits: run fewer of them");
    }
    let size = paint.bold(&format!("at most {at_most} connections per instance"));
    match pairs {
        0 | 1 => writeln!(out, "  {name}: {size}\n    max_db_connections = {at_most}"),
        pairs => writeln!(out, "  {name}: {size}, over its {pairs} pools of one user and database each"),
    }
}

impl Front {
    fn ini(&self) -> String {
        let Self { pool, clients, host, port } = self;
        format!(
            "[databases]\n* = host={host} port={port}\n\n[pgbouncer]\npool_mode = transaction\nmax_client_conn = \
             {clients}\ndefault_pool_size = {pool}\nmax_db_connections = {pool}\n"
        )
    }
}

/// Writes `poollint/recommend/1`.
///
/// # Errors
/// When the output cannot be written.
pub fn recommend_json(advice: &[Advice], out: &mut dyn Write) -> io::Result<()> {
    let output = json!({
        "schema": "poollint/recommend/1",
        "version": env!("CARGO_PKG_VERSION"),
        "recommendations": advice.iter().map(one).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &output)?;
    writeln!(out)
}

fn one(advice: &Advice) -> Value {
    let mut output =
        json!({ "spindles": advice.question.spindles, "pools_at_full_scale": advice.question.pools });
    if let Some((deployment, server, environment)) = &advice.title {
        set(&mut output, "deployment", Some(deployment.as_str().into()));
        set(&mut output, "server", Some(server.as_str().into()));
        set(&mut output, "environment", environment.map(|environment| environment.name().into()));
    }
    set(&mut output, "db_cpus", advice.question.cpus.map(Into::into));
    let own = || advice.answers();
    set(&mut output, "host_connections", own().find_map(|answer| answer.host).map(Into::into));
    set(&mut output, "per_pool", own().find_map(|answer| answer.formula).map(Into::into));
    set(&mut output, "fits", advice.question.fits.map(Into::into));
    if let Some((limit, usable, budget)) = advice.room {
        set(&mut output, "max_connections", Some(limit.into()));
        set(&mut output, "usable", Some(usable.into()));
        set(&mut output, "budget", Some(budget.into()));
    }
    set(&mut output, "pools", Some(advice.pools.iter().map(pool_json).collect()));
    if !advice.poolers.is_empty() {
        set(&mut output, "poolers", Some(advice.poolers.iter().map(pooler_json).collect()));
    }
    if let Some(front) = advice.front() {
        let pooler = json!({
            "pool_mode": "transaction", "default_pool_size": front.pool, "max_db_connections": front.pool,
            "max_client_conn": front.clients, "ini": front.ini(),
        });
        set(&mut output, "pooler", Some(pooler));
    }
    set(&mut output, "steps", Some(advice.steps().into()));
    set(&mut output, "missing", Some(advice.missing.clone().into()));
    output
}

fn pooler_json(pooler: &AdvicePooler) -> Value {
    let mut output = json!({ "pooler": pooler.name, "instances": pooler.instances, "pairs": pooler.pairs });
    set(&mut output, "at_most", pooler.at_most.map(Into::into));
    output
}

fn pool_json(pool: &AdvicePool) -> Value {
    let mut output = json!({
        "instances": pool.instances, "processes": pool.processes, "serverless": pool.serverless,
        "timeout_seconds": pool.timeout,
    });
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    set(&mut output, "workload", text(&pool.workload));
    set(&mut output, "variable", text(&pool.variable));
    set(&mut output, "client", text(&pool.client));
    set(&mut output, "size", pool.size().map(Into::into));
    set(&mut output, "range", pool.range.as_ref().map(|((min, max), _)| json!({ "min": min, "max": max })));
    set(&mut output, "query", pool.query().map(Into::into));
    set(&mut output, "setting", pool.setting().map(Into::into));
    output
}

/// Sets a key, unless its value is absent.
fn set(output: &mut Value, key: &str, value: Option<Value>) {
    if let (Some(object), Some(value)) = (output.as_object_mut(), value) {
        object.insert(key.to_owned(), value);
    }
}
