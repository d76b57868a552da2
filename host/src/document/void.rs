//! Making a document void: it no longer counts, and its number stays used for ever.
//!
//! The file stays as it was issued, byte for byte, because it has left the house and its hash is what others hold; whoever downloads it
//! gets a name and a header that say void. The next click on the order makes a new document in its place, with a number of its own, which
//! names the one that it replaces.

use super::issue::{Card, IssueError};
use super::table;
use crate::access::{Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::id::DocumentId;
use crate::order;
use crate::outbox::{self, Event};
use crate::register::printable;

/// The longest reason.
pub(crate) const REASON_CHARS_MAX: usize = 500;

/// Makes the revision of a document that counts void. Clerks may. The answer is the document as lists show it. Who has looked at a revision
/// names it as `seen`: another one is not voided in its place.
///
/// # Errors
/// [`IssueError::Reason`], [`IssueError::Unknown`], [`IssueError::Void`], [`IssueError::Moved`] when another revision counts than was seen,
/// [`IssueError::Access`], [`IssueError::Command`], the database.
pub async fn void(
    ctx: &Ctx,
    actor: &Actor,
    request: Request,
    id: DocumentId,
    seen: Option<i64>,
    reason: &str,
) -> Result<Answer, IssueError> {
    actor.must_be(Role::Clerk)?;
    if !printable(reason, REASON_CHARS_MAX) {
        return Err(IssueError::Reason);
    }
    let (reason, now, mint) = (reason.trim().to_owned(), ctx.now(), ctx.mint.clone());
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let (reason, mint) = (reason.clone(), mint.clone());
        async move {
            let order = table::by_id(&tx, id).await?.ok_or(IssueError::Unknown)?.order_id;
            // As a click does: a document is never voided and revised at once.
            order::table::hold(&tx, order).await?;
            let newest = table::by_id(&tx, id).await?.ok_or(IssueError::Unknown)?.revision;
            if seen.is_some_and(|seen| seen != newest) {
                return Err(IssueError::Moved);
            }
            if !table::void(&tx, id, &reason, now).await? {
                return Err(IssueError::Void);
            }
            let row = table::by_id(&tx, id).await?.ok_or(IssueError::Unknown)?;
            let payload = serde_json::json!({ "order": order, "document": id, "number": row.number });
            outbox::write(&tx, &mint, now, Event { line: order.to_string(), kind: "document.voided", payload }).await?;
            // The reason stays out of the log, which cannot be erased: it may name people.
            let (before, after) = ("issued", row.state);
            Ok(Done {
                verb: "document.void",
                subject: Some(id.to_string()),
                before: Some(serde_json::json!({ "state": before, "number": row.number, "revision": row.revision })),
                after: Some(serde_json::json!({ "state": after, "order": order })),
                answer: Answer::json(200, &Card::from(row))?,
            })
        }
    }))
    .await
}
