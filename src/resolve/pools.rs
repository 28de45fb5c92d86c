//! What a client opens for one URL: sizes and times from the URL, from variables, from the owner's declarations
//! or from the client's documented defaults, in this order of strength: declared, URL, variable, default.

use std::collections::BTreeMap;

use super::applications::sources::DataSource;
use super::clients;
use crate::catalog::{
    ClientEntry, DefaultSize, DefaultTime, Image, SizeSetting, TimeSetting, Unit, VariableMeaning, Zero,
    catalog,
};
use crate::config::{Config, WorkloadConfig};
use crate::model::{Basis, Located, Pool, Setting, Size, Variable};
use crate::span::{Place, Text};
use crate::syntax::connection::{ConnectionString, Database, Form, Param};

/// Everything that can size a pool.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The connection string, when there is one.
    pub url: Option<(&'a Text, &'a ConnectionString)>,
    /// The container's variables.
    pub environment: &'a BTreeMap<String, Variable>,
    /// The client, when known.
    pub client: Option<&'static ClientEntry>,
    /// The image, when it is an application's that is known for its pool.
    pub image: Option<&'static Image>,
    /// Threads of one process, where the program that runs is known for them.
    pub threads: Option<&'a Located<u64>>,
    /// What the owner declares about the workload.
    pub declared: Option<&'a WorkloadConfig>,
    /// The configuration, for `[nodes] cpus`.
    pub config: &'a Config,
    /// Whether generic variables (`DB_POOL_SIZE`) may be taken for this connection's: false for the second and
    /// further databases of a container, where nothing tells which one they mean.
    pub generic_variables: bool,
    /// The data source whose settings are meant.
    pub source: &'a DataSource,
}

/// One pool.
#[must_use]
pub fn pool(inputs: &Inputs<'_>) -> Pool {
    let mut pool = Pool::default();
    size(inputs, &mut pool);
    overflow(inputs, &mut pool);
    let defaults = inputs.client.map(|entry| &entry.pool);
    let (acquire, setting) = time(
        inputs,
        defaults.and_then(|pool| pool.acquire_timeout.as_ref()),
        VariableMeaning::AcquireTimeout,
    );
    pool.acquire_timeout = acquire;
    let setting = beside(inputs, setting, VariableMeaning::AcquireTimeout, &mut pool);
    pool.acquire_setting = setting;
    let (connect, setting) = time(
        inputs,
        defaults.and_then(|pool| pool.connect_timeout.as_ref()),
        VariableMeaning::ConnectTimeout,
    );
    pool.connect_timeout = connect;
    pool.connect_setting = setting;
    pool.idle_timeout =
        time(inputs, defaults.and_then(|pool| pool.idle_timeout.as_ref()), VariableMeaning::IdleTimeout).0;
    pool.max_lifetime =
        time(inputs, defaults.and_then(|pool| pool.max_lifetime.as_ref()), VariableMeaning::MaxLifetime).0;
    pool
}

fn size(inputs: &Inputs<'_>, pool: &mut Pool) {
    let entry = inputs.client.and_then(|client| client.pool.size.as_ref());
    let written = written_size(inputs, entry, VariableMeaning::PoolSize).and_then(|(value, setting)| {
        Some((value, beside(inputs, Some(setting), VariableMeaning::PoolSize, pool)?))
    });
    if let Some(declared) = inputs.declared.and_then(|workload| workload.pool_size.clone()) {
        pool.size = declared;
    } else if let Some(none) = switched_off(inputs) {
        pool.size = none;
    } else if let Some((value, setting)) = of_image(inputs, |image| image.pool_variable.as_deref()) {
        pool.size = value;
        pool.size_setting = Some(setting);
    } else if let Some((value, setting)) = written {
        pool.size = value;
        pool.size_setting = Some(setting);
    } else if let Some(size) = default_of_image(inputs, |image| image.pool) {
        pool.size = size;
    } else if let Some(entry) = entry {
        pool.size = default_size(inputs, entry);
    }
}

fn overflow(inputs: &Inputs<'_>, pool: &mut Pool) {
    let entry = inputs.client.and_then(|client| client.pool.overflow.as_ref());
    // A declared size is the whole pool: the owner has counted.
    if inputs.declared.is_some_and(|workload| workload.pool_size.is_some()) {
        return;
    }
    let elsewhere = |image: &Image| {
        let name = image.overflow_unless.as_deref()?;
        Some(inputs.environment.get(name)?.known()? == "true")
    };
    if inputs.image.and_then(elsewhere) == Some(true) {
        return;
    }
    if let Some((value, _)) = of_image(inputs, |image| image.overflow_variable.as_deref()) {
        pool.overflow = value;
    } else if let Some((value, _)) = written_size(inputs, entry, VariableMeaning::PoolOverflow) {
        pool.overflow = value;
    } else if let Some(overflow) = default_of_image(inputs, |image| image.overflow) {
        pool.overflow = overflow;
    } else if let Some(entry) = entry {
        pool.overflow = default_size(inputs, entry);
    }
}

/// The parameter that does without a pool: how many connections there are at once is told by nothing then.
fn switched_off(inputs: &Inputs<'_>) -> Option<Located<Size>> {
    let (text, parsed) = inputs.url?;
    inputs.client?.pool.off.iter().find_map(|(name, values)| {
        let value = param(parsed, name)?.value.as_ref()?;
        let known = value.known()?.trim();
        values.iter().any(|off| off.eq_ignore_ascii_case(known)).then(|| {
            Located::unknown().at(text.place_of(value.span.range())).noted(format!("{name}={known}: no pool"))
        })
    })
}

/// What a variable says that the application of the image reads. What it makes of 0 is not known.
fn of_image(
    inputs: &Inputs<'_>,
    name: impl Fn(&'static Image) -> Option<&'static str>,
) -> Option<(Located<Size>, Setting)> {
    let name = name(inputs.image.filter(|_| inputs.generic_variables)?)?;
    let (setting, hops) = variable_setting(inputs, name, "")?;
    let value = match setting.raw.and_then(whole).filter(|size| *size > 0) {
        Some(size) => Located::of(Size::Limit(size), Basis::Written),
        None => Located::unknown(),
    };
    Some((Located { hops, ..value.at(setting.place).noted(setting.name.clone()) }, setting))
}

/// What the application of the image opens unless it is told.
fn default_of_image(
    inputs: &Inputs<'_>,
    size: impl Fn(&'static Image) -> Option<u64>,
) -> Option<Located<Size>> {
    let image = inputs.image.filter(|_| inputs.generic_variables)?;
    Some(Located::of(Size::Limit(size(image)?), Basis::ImageDefault).noted(image.image.clone()))
}

/// A size that a URL parameter or a variable sets.
fn written_size(
    inputs: &Inputs<'_>,
    entry: Option<&SizeSetting>,
    meaning: VariableMeaning,
) -> Option<(Located<Size>, Setting)> {
    let params: Vec<&str> = match (entry, inputs.client) {
        (Some(entry), _) => entry.params.iter().map(String::as_str).collect(),
        (None, Some(_)) => Vec::new(),
        (None, None) if meaning == VariableMeaning::PoolSize => known_size_params(inputs).collect(),
        (None, None) => Vec::new(),
    };
    let signs = entry.map_or(Signs::default(), |entry| Signs {
        zero: entry.zero,
        negative_unlimited: entry.negative_unlimited,
    });
    let ignored = |name: &str| {
        let beside = entry.and_then(|entry| entry.ignored_beside.get(name));
        beside.is_some_and(|variable| inputs.environment.contains_key(variable))
    };
    for name in params.into_iter().filter(|name| !ignored(name)) {
        if let Some((setting, hops)) = url_setting(inputs, name, "") {
            // To one client no connection, to another no limit.
            if entry.is_none() && setting.raw == Some(0.0) {
                let value = Located::unknown().at(setting.place).noted(setting.name.clone());
                return Some((Located { hops, ..value }, setting));
            }
            return sized(setting, hops, signs);
        }
    }
    let own = entry.map(|entry| entry.variables.as_slice()).unwrap_or_default();
    for name in own {
        if let Some((setting, hops)) = variable_setting(inputs, name, "") {
            return sized(setting, hops, signs);
        }
    }
    let (setting, hops, signs) = generic(inputs, meaning)?;
    sized(setting, hops, signs)
}

/// What a client makes of numbers that are no sizes.
#[derive(Debug, Clone, Copy, Default)]
struct Signs {
    zero: Zero,
    negative_unlimited: bool,
}

/// A setting's number as a size, by what the client makes of 0 and of negative numbers.
fn sized(setting: Setting, hops: Vec<Place>, signs: Signs) -> Option<(Located<Size>, Setting)> {
    let value = match setting.raw {
        Some(raw) if raw < 0.0 && signs.negative_unlimited => Located::of(Size::Unlimited, Basis::Written),
        Some(raw) if raw == 0.0 && signs.zero == Zero::Unlimited => {
            Located::of(Size::Unlimited, Basis::Written)
        }
        Some(raw) if raw <= 0.0 && matches!(signs.zero, Zero::Default | Zero::Rejected) => return None,
        raw => match raw.and_then(whole) {
            Some(size) => Located::of(Size::Limit(size), Basis::Written),
            None => Located::unknown(),
        },
    };
    let value = Located { hops, ..value.at(setting.place).noted(setting.name.clone()) };
    Some((value, setting))
}

/// A non-negative whole number of connections that fits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn whole(raw: f64) -> Option<u64> {
    ((0.0..=1e15).contains(&raw) && raw.fract() == 0.0).then_some(raw as u64)
}

fn default_size(inputs: &Inputs<'_>, entry: &SizeSetting) -> Located<Size> {
    let value = match entry.default {
        DefaultSize::Fixed(size) => Located::of(Size::Limit(size), Basis::ClientDefault),
        DefaultSize::Unlimited => Located::of(Size::Unlimited, Basis::ClientDefault),
        DefaultSize::PerCpu { times, plus, at_least } => {
            let formula = entry.default.to_string();
            match inputs.config.nodes.cpus.as_ref().and_then(|cpus| cpus.value) {
                Some(cpus) => {
                    let size = times.saturating_mul(cpus).saturating_add(plus).max(at_least);
                    Located::of(Size::Limit(size), Basis::ClientDefault).noted(formula)
                }
                None => Located { basis: Basis::ClientDefault, ..Located::unknown() }.noted(formula),
            }
        }
        DefaultSize::PerThread => match inputs.threads {
            Some(threads) => Located { basis: Basis::ClientDefault, ..threads.clone().map(Size::Limit) },
            // As with processes: without evidence of more there is one.
            None => Located::of(Size::Limit(1), Basis::ClientDefault),
        },
        DefaultSize::PerProcess if inputs.threads.is_some() => {
            Located::of(Size::Limit(1), Basis::ClientDefault)
        }
        DefaultSize::PerProcess => {
            Located { basis: Basis::ClientDefault, ..Located::unknown() }.noted(entry.default.to_string())
        }
        DefaultSize::Unknown => Located::unknown(),
    };
    Located { overridable: entry.overridable, ..value }
}

/// A time in seconds and the setting it comes from.
fn time(
    inputs: &Inputs<'_>,
    entry: Option<&TimeSetting>,
    meaning: VariableMeaning,
) -> (Located<f64>, Option<Setting>) {
    if let Some((setting, hops, unit, zero)) = written_time(inputs, entry, meaning) {
        let seconds = seconds(&setting, unit, zero);
        let value = match seconds {
            Some(seconds) => Located::of(seconds, Basis::Written),
            None => Located { basis: Basis::Unknown, ..Located::unknown() },
        };
        let value = Located { hops, ..value.at(setting.place).noted(setting.name.clone()) };
        return (value, Some(setting));
    }
    let Some(entry) = entry else { return (Located::unknown(), None) };
    let value = match entry.default {
        DefaultTime::Seconds(seconds) => Located::of(seconds, Basis::ClientDefault),
        DefaultTime::Never => Located::of(0.0, Basis::ClientDefault),
        DefaultTime::Unknown => Located::unknown(),
    };
    (Located { overridable: entry.overridable, ..value }, None)
}

type WrittenTime = (Setting, Vec<Place>, Unit, Zero);

fn written_time(
    inputs: &Inputs<'_>,
    entry: Option<&TimeSetting>,
    meaning: VariableMeaning,
) -> Option<WrittenTime> {
    if let Some(entry) = entry {
        for name in &entry.params {
            if let Some((setting, hops)) = url_setting(inputs, name, unit_name(entry.unit)) {
                return Some((setting, hops, entry.unit, entry.zero));
            }
        }
        for name in &entry.variables {
            if let Some((setting, hops)) = variable_setting(inputs, name, unit_name(entry.unit)) {
                return Some((setting, hops, entry.unit, entry.zero));
            }
        }
    }
    if inputs.client.is_none() && meaning == VariableMeaning::AcquireTimeout {
        // Only one client reads it; without evidence for that client its value is still what somebody intended.
        if let Some((setting, hops)) = url_setting(inputs, "pool_timeout", "s") {
            return Some((setting, hops, Unit::Seconds, Zero::Unlimited));
        }
    }
    if !inputs.generic_variables {
        return None;
    }
    catalog().variables.iter().filter(|entry| entry.meaning == meaning).find_map(|entry| {
        let unit = entry.unit?;
        let (setting, hops) = variable_setting(inputs, &entry.name, unit_name(unit))?;
        Some((setting, hops, unit, entry.zero))
    })
}

/// Seconds; 0 stands for "without limit".
fn seconds(setting: &Setting, unit: Unit, zero: Zero) -> Option<f64> {
    let raw = setting.raw?;
    match unit {
        _ if raw == 0.0 && zero == Zero::Default => None,
        // No time at all, but a word of the program's own (SQLAlchemy's -1 for "never").
        _ if raw < 0.0 => None,
        Unit::Milliseconds => Some(raw / 1000.0),
        // `number` has already converted a duration with a unit to seconds.
        Unit::Seconds | Unit::Duration | Unit::DurationOrSeconds => Some(raw),
    }
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "s",
        Unit::Milliseconds => "ms",
        Unit::Duration => DURATION,
        Unit::DurationOrSeconds => DURATION_OR_SECONDS,
    }
}

/// A variable such as `DB_POOL_SIZE` that many programs read by convention.
fn generic(inputs: &Inputs<'_>, meaning: VariableMeaning) -> Option<(Setting, Vec<Place>, Signs)> {
    if !inputs.generic_variables {
        return None;
    }
    catalog().variables.iter().filter(|entry| entry.meaning == meaning).find_map(|entry| {
        let (setting, hops) = variable_setting(inputs, &entry.name, entry.unit.map_or("", unit_name))?;
        let signs = Signs { zero: entry.zero, negative_unlimited: entry.negative_unlimited };
        Some((setting, hops, signs))
    })
}

/// Holds generic variables against the URL parameter beside them: whether they say something else, or the same.
fn beside(
    inputs: &Inputs<'_>,
    setting: Option<Setting>,
    meaning: VariableMeaning,
    pool: &mut Pool,
) -> Option<Setting> {
    let mut winner = setting?;
    if !winner.in_url {
        return Some(winner);
    }
    let others = catalog().variables.iter().filter(|entry| entry.meaning == meaning).filter_map(|entry| {
        Some((entry, variable_setting(inputs, &entry.name, entry.unit.map_or("", unit_name))?.0))
    });
    for (entry, other) in others {
        let same_unit = entry.unit.is_none_or(|unit| unit_name(unit) == winner.unit);
        if let (true, Some(one), Some(two)) = (same_unit, winner.raw, other.raw) {
            if (one - two).abs() > f64::EPSILON {
                pool.conflicts.push((winner.clone(), other));
            } else {
                winner.also.push(other.editable);
            }
        }
    }
    Some(winner)
}

/// A parameter by its name. The keywords of ADO.NET know no case.
fn param<'a>(parsed: &'a ConnectionString, name: &str) -> Option<&'a Param> {
    match parsed.form {
        Form::AdoNet => parsed.params.iter().find(|param| param.name.value.eq_ignore_ascii_case(name)),
        _ => parsed.param(name),
    }
}

/// The setting that a URL parameter makes.
fn url_setting(inputs: &Inputs<'_>, name: &str, unit: &'static str) -> Option<(Setting, Vec<Place>)> {
    let (text, parsed) = inputs.url?;
    let value = param(parsed, name)?.value.as_ref()?;
    let raw = value.known().and_then(|value| number(value, unit));
    let range = value.span.range();
    let setting = Setting {
        name: name.to_owned(),
        raw,
        unit,
        in_url: true,
        place: text.place_of(range.clone()),
        editable: text.editable(range.clone()),
        also: Vec::new(),
    };
    Some((setting, text.hops_of(range)))
}

/// The setting that a variable makes.
fn variable_setting(inputs: &Inputs<'_>, name: &str, unit: &'static str) -> Option<(Setting, Vec<Place>)> {
    let name = inputs.source.setting(name)?;
    let variable = inputs.environment.get(&name)?;
    let text = variable.text();
    let raw = text.known().and_then(|value| number(value, unit));
    let unit = unit_of(text.known(), unit);
    let range = 0..text.as_str().len();
    let setting = Setting {
        name,
        raw,
        unit,
        in_url: false,
        place: text.place_of(range.clone()).or(variable.name_place),
        editable: text.editable(range.clone()),
        also: Vec::new(),
    };
    Some((setting, text.hops_of(range)))
}

/// URL parameters that size a pool for some client of the database.
fn known_size_params(inputs: &Inputs<'_>) -> impl Iterator<Item = &'static str> {
    let engine = inputs.url.map_or(Database::Unknown, |(_, parsed)| parsed.database_kind);
    catalog()
        .clients
        .iter()
        .filter(move |client| clients::speaks(client, engine))
        .filter_map(|client| client.pool.size.as_ref())
        .flat_map(|size| size.params.iter().map(String::as_str))
}

/// Units whose bare numbers may carry a suffix: a setting that takes durations.
const DURATION: &str = "duration";

/// The same, where bare numbers are seconds.
const DURATION_OR_SECONDS: &str = "duration or seconds";

/// The unit of what is written: a number without one where that stands for seconds is in seconds.
fn unit_of(text: Option<&str>, unit: &'static str) -> &'static str {
    let bare = text.is_some_and(|text| text.trim().parse::<f64>().is_ok());
    if unit == DURATION_OR_SECONDS && bare { "s" } else { unit }
}

/// A number; where the setting takes durations, also one with a unit, as seconds (`30s`, `500ms`, `5m`, `1h`).
fn number(text: &str, unit: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return number.is_finite().then_some(number);
    }
    if unit != DURATION && unit != DURATION_OR_SECONDS {
        return None;
    }
    for (suffix, factor) in [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)] {
        if let Some(number) = text.strip_suffix(suffix).and_then(|rest| rest.trim().parse::<f64>().ok()) {
            return number.is_finite().then_some(number * factor);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_durations() {
        assert_eq!(number("10", ""), Some(10.0));
        assert_eq!(number(" 30s ", DURATION), Some(30.0));
        assert_eq!(number("500ms", DURATION), Some(0.5));
        assert_eq!(number("500ms", DURATION_OR_SECONDS), Some(0.5));
        for (text, unit) in [("20000", "s"), ("20S", DURATION_OR_SECONDS), ("2m", DURATION_OR_SECONDS)] {
            assert_eq!(unit_of(Some(text), DURATION_OR_SECONDS), unit, "{text}");
        }
        assert_eq!(unit_of(Some("20000"), DURATION), DURATION);
        assert_eq!(number("10s", "s"), None);
        assert_eq!(number("ten", ""), None);
        assert_eq!(number("inf", ""), None);
    }
}
