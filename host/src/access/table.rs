//! The tables of access: users, sessions, API tokens, failed sign-ins.

#![expect(unreachable_pub, reason = "the derive of an entity makes its items public; the folder decides who sees them")]

pub(super) mod user {
    use crate::access::Role;
    use crate::kernel::id::{TenantId, UserId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A person. Personal: `email`, `email_folded`, `name`.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: UserId,
        pub email: String,
        pub email_folded: String,
        pub name: String,
        pub role: Role,
        pub password_hash: String,
        pub created_at: Instant,
        pub archived_at: Option<Instant>,
    }

    // Logs mask personal fields and never show a hash.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "User({})", self.id)
        }
    }

    crate::tenant_table!();
}

pub(super) mod session {
    use crate::kernel::id::{SessionId, TenantId, UserId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// A signed-in browser.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub secret_hash: String,
        pub id: SessionId,
        pub user_id: UserId,
        pub csrf: String,
        pub created_at: Instant,
        pub expires_at: Instant,
    }

    crate::tenant_table!();

    impl crate::kernel::db::Shared for Entity {}
}

pub(super) mod token {
    use crate::access::Role;
    use crate::kernel::id::{TenantId, TokenId};
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// An API token.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_tokens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub secret_hash: String,
        pub id: TokenId,
        pub name: String,
        pub role: Role,
        pub created_by: String,
        pub created_at: Instant,
        pub expires_at: Option<Instant>,
        pub revoked_at: Option<Instant>,
    }

    crate::tenant_table!();
}

pub(super) mod failure {
    use crate::kernel::id::TenantId;
    use crate::kernel::time::Instant;
    use sea_orm::entity::prelude::*;

    /// Failed sign-ins of one account or one address, both hashed.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_failures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        pub failures: i64,
        pub last_at: Instant,
    }

    crate::tenant_table!();

    impl crate::kernel::db::Shared for Entity {}
}
