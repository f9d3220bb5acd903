//! Writing what a scrape found, or that it failed.

use std::time::Duration;

use sqlx::{Sqlite, Transaction};
use time::OffsetDateTime;

use super::{Inventory, Outcome, Scope};
use crate::MediatorError;
use crate::scrape::Resource;

/// A scrape's end: when, after how long, with how many calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scrape {
    pub(crate) at: OffsetDateTime,
    pub(crate) took: Duration,
    pub(crate) calls: u64,
}

/// Why a scrape was not complete, and what to do.
#[derive(Debug, Clone)]
pub(crate) struct IncompleteScrape {
    pub(crate) outcome: Outcome,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

type Sql<'c> = Transaction<'c, Sqlite>;

impl Inventory {
    /// Makes a complete listing the knowledge of its scope: adds, updates, and removes what has
    /// vanished, all or nothing.
    pub(crate) async fn replace(
        &self,
        scope: &Scope,
        found: &[Resource],
        scrape: Scrape,
    ) -> Result<(), MediatorError> {
        self.write_all(scope, found, scrape).await.map_err(|source| MediatorError::Inventory {
            attempt: "write what a scrape found",
            source,
        })
    }

    /// Records that a scrape was not complete. The resources stay as they are.
    pub(crate) async fn record_incomplete(
        &self,
        scope: &Scope,
        incomplete: &IncompleteScrape,
        scrape: Scrape,
    ) -> Result<(), MediatorError> {
        let attempt = "write that a scrape failed";
        let write = async {
            let mut sql = self.pool.begin().await?;
            cover(&mut sql, scope, incomplete, scrape).await?;
            sql.commit().await
        };
        write.await.map_err(|source| MediatorError::Inventory { attempt, source })
    }

    async fn write_all(
        &self,
        scope: &Scope,
        found: &[Resource],
        scrape: Scrape,
    ) -> Result<(), sqlx::Error> {
        let mut sql = self.pool.begin().await?;
        let at = millis(scrape.at);
        for resource in found {
            upsert(&mut sql, scope, resource, at).await?;
        }
        // What this listing had carries its time; what is older has vanished.
        sqlx::query(
            "DELETE FROM resources WHERE account = ? AND type = ? AND scope = ? AND last_seen <> ?",
        )
        .bind(scope.account.to_string())
        .bind(&scope.kind)
        .bind(&scope.region)
        .bind(at)
        .execute(&mut *sql)
        .await?;
        let ok = IncompleteScrape {
            outcome: Outcome::Ok,
            message: String::new(),
            remedy: String::new(),
        };
        cover(&mut sql, scope, &ok, scrape).await?;
        sql.commit().await
    }
}

async fn upsert(
    sql: &mut Sql<'_>,
    scope: &Scope,
    resource: &Resource,
    at: i64,
) -> Result<(), sqlx::Error> {
    let json = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
    sqlx::query(
        "INSERT INTO resources (account, type, scope, id, region, arn, name, tags, relations, raw, \
         first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (account, type, scope, id) DO UPDATE SET region = excluded.region, \
         arn = excluded.arn, name = excluded.name, tags = excluded.tags, \
         relations = excluded.relations, raw = excluded.raw, last_seen = excluded.last_seen",
    )
    .bind(scope.account.to_string())
    .bind(&scope.kind)
    .bind(&scope.region)
    .bind(&resource.id)
    .bind(&resource.region)
    .bind(&resource.arn)
    .bind(&resource.name)
    .bind(json(serde_json::to_string(&resource.tags)))
    .bind(json(serde_json::to_string(&resource.relations)))
    .bind(&resource.raw)
    .bind(at)
    .bind(at)
    .execute(&mut **sql)
    .await
    .map(drop)
}

async fn cover(
    sql: &mut Sql<'_>,
    scope: &Scope,
    incomplete: &IncompleteScrape,
    scrape: Scrape,
) -> Result<(), sqlx::Error> {
    let at = millis(scrape.at);
    let last_ok = (incomplete.outcome == Outcome::Ok).then_some(at);
    sqlx::query(
        "INSERT INTO coverage (account, type, region, status, message, remedy, at, last_ok, \
         duration_ms, calls, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
         (SELECT count(*) FROM resources WHERE account = ?1 AND type = ?2 AND scope = ?3)) \
         ON CONFLICT (account, type, region) DO UPDATE SET status = excluded.status, \
         message = excluded.message, remedy = excluded.remedy, at = excluded.at, \
         last_ok = coalesce(excluded.last_ok, last_ok), duration_ms = excluded.duration_ms, \
         calls = excluded.calls, count = excluded.count",
    )
    .bind(scope.account.to_string())
    .bind(&scope.kind)
    .bind(&scope.region)
    .bind(incomplete.outcome.name())
    .bind(&incomplete.message)
    .bind(&incomplete.remedy)
    .bind(at)
    .bind(last_ok)
    .bind(i64::try_from(scrape.took.as_millis()).unwrap_or(i64::MAX))
    .bind(i64::try_from(scrape.calls).unwrap_or(i64::MAX))
    .execute(&mut **sql)
    .await
    .map(drop)
}

/// Milliseconds since the epoch, as the database keeps times.
pub(super) fn millis(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
