//! What poolers open, by hand-made settings; and what must hold for any.

use proptest::prelude::*;

use super::sum::{Asked, Side, side};
use super::{Settings, ini, version};
use crate::model::Size;
use crate::span::FileId;
use crate::syntax::ini::{Dialect, parse};

fn settings(text: &str) -> Settings {
    ini::settings(FileId(0), &parse(text, Dialect::PgBouncer))
}

fn asked(pairs: &[(&str, &str)]) -> Vec<Asked> {
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    pairs.iter().map(|(database, user)| Asked { database: known(database), user: known(user) }).collect()
}

fn opened(text: &str, clients: &[(&str, &str)]) -> (u64, u64, bool) {
    let Side { connections, pairs, complete, .. } = all(text, clients);
    (connections, pairs, complete)
}

fn all(text: &str, clients: &[(&str, &str)]) -> Side {
    let settings = settings(text);
    let here: Vec<_> = settings.databases.iter().collect();
    side("pgbouncer", &settings, &here, &asked(clients))
}

#[test]
fn pairs_times_pool_and_reserve_within_the_caps() {
    let wild = "[databases]\n* = host=db\n[pgbouncer]\n";
    let shop = "[databases]\nshop = host=db\n[pgbouncer]\n";
    let app = [("shop", "app")].as_slice();
    let two = [("shop", "app"), ("shop", "app"), ("shop", "jobs")].as_slice();
    type Row<'a> = (&'a str, String, &'a [(&'a str, &'a str)], (u64, u64, bool));
    let table: &[Row<'_>] = &[
        ("the default", wild.to_owned(), app, (20, 1, true)),
        ("a wildcard with no client", wild.to_owned(), &[], (20, 1, false)),
        ("a client of unknown role", wild.to_owned(), &[("shop", "")], (20, 1, false)),
        (
            "an unknown role may be a known one",
            wild.to_owned(),
            &[("shop", "app"), ("shop", "")],
            (20, 1, false),
        ),
        ("a role without a database", wild.to_owned(), &[("", "app")], (20, 1, true)),
        ("each pair once", shop.to_owned(), two, (40, 2, true)),
        ("a forced user makes one pool", shop.replace("host=db", "host=db user=x"), two, (20, 1, true)),
        (
            "with a reserve",
            format!("{shop}default_pool_size = 25\nreserve_pool_size = 5\n"),
            app,
            (30, 1, true),
        ),
        (
            "a reserve that is off",
            format!("{shop}reserve_pool_size = 5\nreserve_pool_timeout = 0\n"),
            app,
            (20, 1, true),
        ),
        (
            "a database's own size",
            shop.replace("host=db", "host=db pool_size=7 reserve_pool=1"),
            app,
            (8, 1, true),
        ),
        ("a user's own size", format!("{shop}[users]\napp = pool_size=3\n"), app, (3, 1, true)),
        ("held by its database", format!("{shop}max_db_connections = 30\n"), two, (30, 2, true)),
        ("held by its user", format!("{shop}max_user_connections = 15\n"), two, (30, 2, true)),
        ("held by max_client_conn", format!("{shop}max_client_conn = 10\n"), two, (10, 2, true)),
        (
            "0 is without limit",
            format!("{shop}default_pool_size = 0\nmax_client_conn = 300\n"),
            app,
            (300, 1, true),
        ),
        ("a size that is not known", format!("{shop}default_pool_size = ${{SIZE}}\n"), app, (0, 1, false)),
        ("a cap that is not known", format!("{shop}max_db_connections = ${{CAP}}\n"), app, (0, 1, false)),
        ("a named database without client or user", shop.to_owned(), &[], (20, 1, false)),
        ("its only user", format!("{shop}[users]\napp = pool_size=20\n"), &[], (20, 1, true)),
    ];
    for (what, text, clients, expected) in table {
        assert_eq!(opened(text, clients), *expected, "{what}");
    }
}

#[test]
fn a_named_database_takes_its_clients_from_the_wildcard() {
    let text = "[databases]\nshop = host=db pool_size=5\n* = host=db pool_size=7\n";
    assert_eq!(opened(text, &[("shop", "app"), ("other", "app")]), (12, 2, true));
    assert_eq!(all(text, &[("shop", "app"), ("other", "app")]).size, None, "no common size");
    assert_eq!(all("[databases]\n* = host=db\n", &[("a", "b"), ("c", "b")]).size, Some(Size::Limit(20)));
}

#[test]
fn versions_of_tags() {
    for (reference, expected) in [
        ("edoburu/pgbouncer:v1.23.1-p2", Some((1, 23))),
        ("bitnami/pgbouncer:1.18.0", Some((1, 18))),
        ("edoburu/pgbouncer:latest", None),
        ("edoburu/pgbouncer", None),
    ] {
        assert_eq!(version(reference), expected, "{reference}");
    }
}

fn ini_of((size, reserve, database, user, clients): (u64, u64, u64, u64, u64)) -> String {
    format!(
        "[databases]\n* = host=db\n[pgbouncer]\ndefault_pool_size = {size}\nreserve_pool_size = {reserve}\n\
         max_db_connections = {database}\nmax_user_connections = {user}\nmax_client_conn = {clients}\n"
    )
}

proptest! {
    /// Caps begin at 1 here: 0 means none, which is more than any.
    #[test]
    fn more_of_anything_never_opens_less(
        size in 1u64..100, reserve in 0u64..20, database in 1u64..300, user in 1u64..300, clients in 1u64..500,
        which in 0usize..5, more in 1u64..50,
        users in prop::collection::vec(("[ab]", "[xyz]"), 1..6),
    ) {
        let mut raised = [size, reserve, database, user, clients];
        raised[which] += more;
        let pairs: Vec<(&str, &str)> = users.iter().map(|(one, two)| (one.as_str(), two.as_str())).collect();
        let before = opened(&ini_of((size, reserve, database, user, clients)), &pairs);
        let [size, reserve, database, user, clients] = raised;
        let after = opened(&ini_of((size, reserve, database, user, clients)), &pairs);
        prop_assert!(after.0 >= before.0, "{before:?} {after:?}");
    }

    #[test]
    fn a_further_client_never_opens_less(
        users in prop::collection::vec(("[ab]", "[xyz]"), 1..6), new in ("[abc]", "[xyz]"),
    ) {
        let text = ini_of((5, 1, 0, 0, 1000));
        let mut pairs: Vec<(&str, &str)> = users.iter().map(|(one, two)| (one.as_str(), two.as_str())).collect();
        let before = opened(&text, &pairs);
        pairs.push((&new.0, &new.1));
        prop_assert!(opened(&text, &pairs).0 >= before.0);
    }
}
