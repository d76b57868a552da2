//! Slows down who guesses passwords: after five wrong ones in a row each further one doubles the wait, up to a quarter of an hour,
//! for the account and for the caller's address alike. A restart does not forget.

use std::time::Duration;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sha2::{Digest as _, Sha256};

use super::actor::Tenant;
use super::table::failure::{Column, Entity, Model};
use crate::kernel::time::Instant;
use crate::kernel::{Ctx, db};

const FREE_FAILURES: i64 = 5;
const WAIT_MAX: Duration = Duration::from_secs(900);
/// After this long without a failure the count starts again.
const FORGIVE_AFTER: Duration = Duration::from_secs(86_400);

/// How long a subject must wait from its last failure.
fn wait(failures: i64) -> Duration {
    let Ok(over) = u32::try_from(failures - FREE_FAILURES) else { return Duration::ZERO };
    WAIT_MAX.min(Duration::from_secs(2_u64.saturating_pow(over)))
}

/// What is counted: never an address or a name in clear.
pub(super) fn subject(kind: &str, value: &str) -> String {
    format!("{kind}:{}", hex::encode(Sha256::digest(value.as_bytes())))
}

/// The seconds that one of the subjects still has to wait; none when all may try.
pub(super) async fn still_to_wait(ctx: &Ctx, tenant: &Tenant, subjects: &[String]) -> Result<Option<u64>, db::Error> {
    let known = ctx.db.read(tenant).await?.all(Entity::find().filter(Column::Subject.is_in(subjects))).await?;
    let now = ctx.now();
    let left = |row: &Model| {
        let until = row.last_at.after(wait(row.failures));
        u64::try_from(until.micros() - now.micros()).ok().filter(|left| *left > 0).map(|left| left.div_ceil(1_000_000))
    };
    Ok(known.iter().filter_map(left).max())
}

/// Counts a failure of each subject.
pub(super) async fn count(ctx: &Ctx, tenant: &Tenant, subjects: Vec<String>) -> Result<(), db::Error> {
    let now = ctx.now();
    let old = now.before(FORGIVE_AFTER);
    ctx.db
        .write(tenant, move |tx| {
            let subjects = subjects.clone();
            async move {
                for subject in subjects {
                    let row = Model { tenant: tx.tenant_id(), subject: subject.clone(), failures: 1, last_at: now };
                    if !tx.insert_new::<Entity>(row).await? {
                        let failures = Expr::case(Column::LastAt.lt(old), 1).finally(Expr::col(Column::Failures).add(1));
                        let update = Entity::update_many()
                            .col_expr(Column::Failures, failures.into())
                            .col_expr(Column::LastAt, Expr::value(now))
                            .filter(Column::Subject.eq(subject));
                        tx.update(update).await?;
                    }
                }
                Ok(())
            }
        })
        .await
}

/// Forgets the failures of an account that has signed in.
pub(super) async fn forgive(ctx: &Ctx, tenant: &Tenant, subject: String) -> Result<(), db::Error> {
    ctx.db
        .write(tenant, move |tx| {
            let delete = Entity::delete_many().filter(Column::Subject.eq(subject.clone()));
            async move { tx.expire(delete).await.map(|_| ()) }
        })
        .await
}

/// Removes what is forgiven by time, for all tenants.
pub(super) async fn sweep(ctx: &Ctx, now: Instant) -> Result<(), db::Error> {
    let old = now.before(FORGIVE_AFTER);
    ctx.db
        .system(
            move |system| async move { system.expire(Entity::delete_many().filter(Column::LastAt.lt(old))).await.map(|_| ()) },
        )
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_has_an_end() {
        let seconds: Vec<u64> = [0, 4, 5, 6, 8, 14, 15, 1_000].into_iter().map(|n| wait(n).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 1, 2, 8, 512, 900, 900]);
    }
}
