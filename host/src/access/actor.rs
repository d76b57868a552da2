//! The proofs: whose rows, and who acts.

use std::fmt;

use super::Error;
use crate::command::Doer;
use crate::kernel::db::Authority;
use crate::kernel::id::{TenantId, TokenId, UserId};

/// Proof that somebody may act for a tenant. Only this folder makes one, out of a credential.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tenant(TenantId);

impl Tenant {
    pub(super) const fn of(id: TenantId) -> Self {
        Self(id)
    }

    /// Which tenant.
    #[must_use]
    pub const fn id(&self) -> TenantId {
        self.0
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tenant({})", self.0)
    }
}

impl Authority for Tenant {
    fn tenant_id(&self) -> TenantId {
        self.0
    }
}

crate::words! {
    /// What somebody may do. Each role may do all that the ones before it may.
    pub enum Role {
        /// Reads everything, changes nothing.
        Viewer = "viewer",
        /// Works: orders, parties, documents.
        Clerk = "clerk",
        /// Also users, tokens, companies, packs.
        Admin = "admin",
    }
}

crate::words! {
    /// Through which door somebody came.
    pub enum Door {
        /// `/v1`.
        Http = "http",
        /// A browser.
        Console = "console",
        /// `roro …` on the machine.
        CommandLine = "cli",
        /// Work of this process.
        Worker = "worker",
    }
}

/// Who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// A person who signed in.
    User(UserId),
    /// A program with an API token.
    Token(TokenId),
    /// Whoever holds the machine.
    Operator,
    /// This process itself.
    Worker,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Token(id) => id.fmt(f),
            Self::Operator => f.write_str("operator"),
            Self::Worker => f.write_str("worker"),
        }
    }
}

/// Somebody who acts for a tenant.
#[derive(Debug, Clone)]
pub struct Actor {
    tenant: Tenant,
    who: Who,
    role: Role,
    door: Door,
}

impl Actor {
    pub(super) const fn new(tenant: Tenant, who: Who, role: Role, door: Door) -> Self {
        Self { tenant, who, role, door }
    }

    /// For which tenant.
    #[must_use]
    pub const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Who it is.
    #[must_use]
    pub const fn who(&self) -> Who {
        self.who
    }

    /// What it may do.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Through which door it came.
    #[must_use]
    pub const fn door(&self) -> Door {
        self.door
    }

    /// Refuses who has a lower role. Every verb that changes something calls it first.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn must_be(&self, needs: Role) -> Result<(), Error> {
        if self.role >= needs { Ok(()) } else { Err(Error::Forbidden { needs }) }
    }
}

impl Authority for Actor {
    fn tenant_id(&self) -> TenantId {
        self.tenant.0
    }
}

impl Doer for Actor {
    fn who(&self) -> String {
        self.who.to_string()
    }

    fn door(&self) -> &'static str {
        self.door.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::Id as _;

    #[test]
    fn each_role_may_do_what_the_ones_before_it_may() {
        for role in Role::ALL {
            let actor = Actor::new(Tenant::of(TenantId::from_bits(1)), Who::Operator, *role, Door::Http);
            let may: Vec<_> =
                Role::ALL.iter().filter(|needs| actor.must_be(**needs).is_ok()).map(|needs| needs.as_str()).collect();
            let expected: &[&str] = match role {
                Role::Viewer => &["viewer"],
                Role::Clerk => &["viewer", "clerk"],
                Role::Admin => &["viewer", "clerk", "admin"],
            };
            assert_eq!(may, expected);
        }
    }
}
