//! Reading resources page by page, and the coverage.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};
use time::OffsetDateTime;

use super::{Coverage, Inventory, Outcome, Scope};
use crate::MediatorError;

/// Which resources, and from where on.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this type.
    pub kind: Option<String>,
    /// Only in this account.
    pub account: Option<String>,
    /// Only in this region.
    pub region: Option<String>,
    /// At most so many.
    pub limit: usize,
    /// From a listing before.
    pub cursor: Option<String>,
    /// With the item as AWS gave it.
    pub raw: bool,
}

/// One page of resources, ordered by account, type, region and id.
#[derive(Debug, Serialize)]
pub struct Listing {
    /// The resources.
    pub resources: Vec<Listed>,
    /// All that the filter lets through, on whatever page.
    pub total: usize,
    /// For the next page; none on the last one.
    pub next_cursor: Option<String>,
}

/// One resource.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// The account that `GetCallerIdentity` named.
    pub account: String,
    /// Where it is; `global` where AWS does not say.
    pub region: String,
    /// The resource type.
    #[serde(rename = "type")]
    pub kind: String,
    /// AWS's id.
    pub id: String,
    /// The ARN.
    pub arn: String,
    /// The name, or empty.
    pub name: String,
    /// The tags, where the listing has them.
    pub tags: Value,
    /// What it is related to: `[{kind, type, target}]`, the target an id or an ARN.
    pub relations: Value,
    /// When a scrape first found it.
    #[serde(with = "time::serde::rfc3339")]
    pub first_seen: OffsetDateTime,
    /// When a scrape last found it.
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen: OffsetDateTime,
    /// The item as AWS gave it, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<Value>,
    #[serde(skip)]
    scope: String,
}

/// How many resources of a type there are.
#[derive(Debug, Clone)]
pub(crate) struct ResourceCount {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) kind: String,
    pub(crate) count: usize,
}

impl Inventory {
    /// One page of resources.
    pub(crate) async fn resources(&self, filter: &Filter) -> Result<Listing, MediatorError> {
        let after = filter.cursor.as_deref().map(decoded).transpose()?;
        let read = async {
            let mut count = QueryBuilder::new("SELECT count(*) FROM resources WHERE TRUE");
            narrow(&mut count, filter);
            let total: i64 = count.build_query_scalar().fetch_one(&self.pool).await?;
            let mut query = QueryBuilder::new("SELECT * FROM resources WHERE TRUE");
            narrow(&mut query, filter);
            if let Some([account, kind, scope, id]) = &after {
                query.push(" AND (account, type, scope, id) > (");
                let mut values = query.separated(", ");
                for value in [account, kind, scope, id] {
                    values.push_bind(value);
                }
                query.push(")");
            }
            query.push(" ORDER BY account, type, scope, id LIMIT ");
            // One more than requested shows whether there is another page.
            query.push_bind(i64::try_from(filter.limit).unwrap_or(i64::MAX - 1) + 1);
            let rows = query.build().fetch_all(&self.pool).await?;
            let listed = rows.iter().map(|row| listed(row, filter.raw)).collect();
            Ok::<(i64, Result<Vec<Listed>, sqlx::Error>), sqlx::Error>((total, listed))
        };
        let (total, resources) = read.await.map_err(reading)?;
        let mut resources = resources.map_err(reading)?;
        let more = resources.len() > filter.limit;
        resources.truncate(filter.limit);
        let last = resources.last().filter(|_| more);
        let next_cursor =
            last.map(|last| encoded([&last.account, &last.kind, &last.scope, &last.id]));
        Ok(Listing { resources, total: size(total), next_cursor })
    }

    /// The coverage, ordered by account, type and region.
    pub(crate) async fn coverage(&self) -> Result<Vec<Coverage>, MediatorError> {
        let query = sqlx::query("SELECT * FROM coverage ORDER BY account, type, region");
        let rows = query.fetch_all(&self.pool).await.map_err(reading)?;
        rows.iter().map(covered).collect::<Result<_, _>>().map_err(reading)
    }

    /// The ids of what is known in a scope.
    pub(crate) async fn ids(&self, scope: &Scope) -> Result<HashSet<String>, MediatorError> {
        let query = "SELECT id FROM resources WHERE account = ? AND type = ? AND scope = ?";
        let query = sqlx::query_scalar(query)
            .bind(scope.account.to_string())
            .bind(&scope.kind)
            .bind(&scope.region);
        let ids: Vec<String> = query.fetch_all(&self.pool).await.map_err(reading)?;
        Ok(ids.into_iter().collect())
    }

    /// How many resources there are, by account, region and type.
    pub(crate) async fn counts(&self) -> Result<Vec<ResourceCount>, MediatorError> {
        let query = sqlx::query(
            "SELECT account, region, type, count(*) AS count FROM resources \
             GROUP BY account, region, type ORDER BY account, type, region",
        );
        let rows = query.fetch_all(&self.pool).await.map_err(reading)?;
        let counted = |row: &SqliteRow| {
            Ok(ResourceCount {
                account: row.try_get("account")?,
                region: row.try_get("region")?,
                kind: row.try_get("type")?,
                count: size(row.try_get("count")?),
            })
        };
        rows.iter().map(counted).collect::<Result<_, _>>().map_err(reading)
    }
}

fn narrow(query: &mut QueryBuilder<Sqlite>, filter: &Filter) {
    for (column, value) in [
        (" AND type = ", &filter.kind),
        (" AND account = ", &filter.account),
        (" AND region = ", &filter.region),
    ] {
        if let Some(value) = value {
            query.push(column).push_bind(value.clone());
        }
    }
}

fn listed(row: &SqliteRow, raw: bool) -> Result<Listed, sqlx::Error> {
    let json = |column: &str| {
        let text: String = row.try_get(column)?;
        Ok::<Value, sqlx::Error>(serde_json::from_str(&text).unwrap_or_default())
    };
    Ok(Listed {
        account: row.try_get("account")?,
        region: row.try_get("region")?,
        kind: row.try_get("type")?,
        id: row.try_get("id")?,
        arn: row.try_get("arn")?,
        name: row.try_get("name")?,
        tags: json("tags")?,
        relations: json("relations")?,
        first_seen: time(row.try_get("first_seen")?),
        last_seen: time(row.try_get("last_seen")?),
        raw: if raw { Some(json("raw")?) } else { None },
        scope: row.try_get("scope")?,
    })
}

fn covered(row: &SqliteRow) -> Result<Coverage, sqlx::Error> {
    let status: String = row.try_get("status")?;
    let last_ok: Option<i64> = row.try_get("last_ok")?;
    Ok(Coverage {
        account: row.try_get("account")?,
        region: row.try_get("region")?,
        kind: row.try_get("type")?,
        status: Outcome::named(&status),
        count: size(row.try_get("count")?),
        at: time(row.try_get("at")?),
        last_ok: last_ok.map(time),
        duration_ms: u64::try_from(row.try_get::<i64, _>("duration_ms")?).unwrap_or_default(),
        calls: u64::try_from(row.try_get::<i64, _>("calls")?).unwrap_or_default(),
        message: row.try_get("message")?,
        remedy: row.try_get("remedy")?,
    })
}

fn time(millis: i64) -> OffsetDateTime {
    let nanos = i128::from(millis) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn size(count: i64) -> usize {
    usize::try_from(count).unwrap_or_default()
}

fn reading(source: sqlx::Error) -> MediatorError {
    MediatorError::Inventory { attempt: "be read", source }
}

/// The place after which the next page begins.
fn encoded(place: [&str; 4]) -> String {
    URL_SAFE_NO_PAD.encode(Value::from(place.map(Value::from).to_vec()).to_string())
}

fn decoded(cursor: &str) -> Result<[String; 4], MediatorError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let place = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    place.ok_or_else(|| MediatorError::Cursor { cursor: cursor.chars().take(200).collect() })
}
