//! Who may act: sign-in, sessions, tokens, roles, and the border between tenants.

use std::time::Duration;

use super::{Store, on_both};
use roro::access::{self, Credential, Error, NewToken, NewUser, Role, SignIn, Who};
use roro::command;
use roro::kernel::secret::Secret;

fn sign_in(tenant: &str, email: &str, password: &str) -> SignIn {
    SignIn {
        tenant: tenant.to_owned(),
        email: email.to_owned(),
        password: Secret::new(password),
        address: "192.0.2.7".to_owned(),
    }
}

const RIGHT: &str = "correct horse battery";

on_both! {
    async fn a_user_signs_in_acts_and_signs_out(store: &Store) {
        let operator = store.tenant("acme").await;
        let user = store.user(&operator, "Ann@Example.com", Role::Clerk).await;
        let (session, credential) = access::sign_in(&store.ctx, sign_in("acme", " ann@example.COM ", RIGHT)).await.unwrap();
        assert_eq!((session.actor.who(), session.actor.role()), (Who::User(user.id), Role::Clerk));
        let again = access::actor_of_session(&store.ctx, &credential.reveal().parse().unwrap()).await.unwrap();
        assert_eq!(again.actor.tenant(), operator.tenant());
        assert!(again.csrf.is(session.csrf.reveal()));
        access::sign_out(&store.ctx, &again).await.unwrap();
        assert!(matches!(access::actor_of_session(&store.ctx, &credential).await, Err(Error::Unauthenticated)));
        let scope = store.ctx.db.read(&operator).await.unwrap();
        let log = command::of_subject(&scope, &session.id.to_string(), 10).await.unwrap();
        assert_eq!(log.iter().map(|row| row.verb.as_str()).collect::<Vec<_>>(), ["access.sign_out", "access.sign_in"]);
    }

    async fn nobody_learns_whether_the_tenant_the_user_or_the_password_was_wrong(store: &Store) {
        let operator = store.tenant("acme").await;
        store.user(&operator, "ann@example.com", Role::Clerk).await;
        for wrong in [sign_in("acmee", "ann@example.com", RIGHT), sign_in("acme", "bob@example.com", RIGHT), sign_in("acme", "ann@example.com", "wrong horse battery")] {
            assert!(matches!(access::sign_in(&store.ctx, wrong).await, Err(Error::Unauthenticated)));
        }
    }

    async fn guessing_is_slowed_down_and_the_right_password_ends_it(store: &Store) {
        let operator = store.tenant("acme").await;
        store.user(&operator, "ann@example.com", Role::Clerk).await;
        for _ in 0..5 {
            let wrong = access::sign_in(&store.ctx, sign_in("acme", "ann@example.com", "wrong horse battery")).await;
            assert!(matches!(wrong, Err(Error::Unauthenticated)));
        }
        let right = || access::sign_in(&store.ctx, sign_in("acme", "ann@example.com", RIGHT));
        let told = right().await;
        assert!(matches!(told, Err(Error::Throttled { seconds: 1 })), "{told:?}");
        store.clock.advance(Duration::from_secs(1));
        right().await.unwrap();
        right().await.unwrap();
    }

    async fn a_session_ends_by_itself_and_is_swept(store: &Store) {
        let operator = store.tenant("acme").await;
        store.user(&operator, "ann@example.com", Role::Clerk).await;
        let (_, credential) = access::sign_in(&store.ctx, sign_in("acme", "ann@example.com", RIGHT)).await.unwrap();
        store.clock.advance(Duration::from_secs(12 * 3_600));
        assert!(matches!(access::actor_of_session(&store.ctx, &credential).await, Err(Error::Unauthenticated)));
        access::sweep(&store.ctx).await.unwrap();
    }

    async fn a_new_password_ends_the_sessions(store: &Store) {
        let operator = store.tenant("acme").await;
        let user = store.user(&operator, "ann@example.com", Role::Viewer).await;
        let (session, credential) = access::sign_in(&store.ctx, sign_in("acme", "ann@example.com", RIGHT)).await.unwrap();
        let new = Secret::new("another long password");
        access::set_password(&store.ctx, &session.actor, user.id, &new).await.unwrap();
        assert!(access::actor_of_session(&store.ctx, &credential).await.is_err());
        access::sign_in(&store.ctx, sign_in("acme", "ann@example.com", "another long password")).await.unwrap();
    }

    async fn a_token_acts_until_it_is_revoked_or_over(store: &Store) {
        let operator = store.tenant("acme").await;
        let (program, credential) = store.program(&operator, Role::Clerk).await;
        assert_eq!(program.role(), Role::Clerk);
        let Who::Token(id) = program.who() else { panic!("not a token") };
        access::revoke_token(&store.ctx, &operator, id).await.unwrap();
        assert!(matches!(access::actor_of_token(&store.ctx, &credential).await, Err(Error::Unauthenticated)));
        assert!(matches!(access::revoke_token(&store.ctx, &operator, id).await, Err(Error::Unknown("token"))));
        let new = NewToken { name: "short".to_owned(), role: Role::Viewer, expires_at: Some(store.ctx.now().after(Duration::from_secs(60))) };
        let (_, short) = access::create_token(&store.ctx, &operator, new).await.unwrap();
        access::actor_of_token(&store.ctx, &short).await.unwrap();
        store.clock.advance(Duration::from_secs(60));
        assert!(access::actor_of_token(&store.ctx, &short).await.is_err());
        assert_eq!(access::list_tokens(&store.ctx, &operator).await.unwrap().len(), 1);
    }

    async fn a_credential_counts_in_its_own_tenant_only(store: &Store) {
        let (acme, bolt) = (store.tenant("acme").await, store.tenant("bolt").await);
        let (_, credential) = store.program(&acme, Role::Admin).await;
        let forged = credential.reveal().replace(&acme.tenant().id().to_string(), &bolt.tenant().id().to_string());
        let forged: Credential = forged.parse().unwrap();
        assert!(matches!(access::actor_of_token(&store.ctx, &forged).await, Err(Error::Unauthenticated)));
        assert!(matches!(access::actor_of_session(&store.ctx, &credential).await, Err(Error::Unauthenticated)), "a token is no session");
    }

    async fn a_role_may_not_do_what_a_higher_one_may(store: &Store) {
        let operator = store.tenant("acme").await;
        let (clerk, _) = store.program(&operator, Role::Clerk).await;
        let new = NewUser { email: "x@example.com".to_owned(), name: "X".to_owned(), role: Role::Admin, password: Secret::new(RIGHT) };
        let refused = access::create_user(&store.ctx, &clerk, new).await;
        assert!(matches!(refused, Err(Error::Forbidden { needs: Role::Admin })), "{refused:?}");
        assert!(access::list_users(&store.ctx, &clerk).await.is_err());
    }

    async fn an_address_is_one_user_however_it_is_written(store: &Store) {
        let operator = store.tenant("acme").await;
        store.user(&operator, "ann@example.com", Role::Clerk).await;
        let new = |email: &str| NewUser { email: email.to_owned(), name: "A".to_owned(), role: Role::Viewer, password: Secret::new(RIGHT) };
        assert!(matches!(access::create_user(&store.ctx, &operator, new("ANN@example.com")).await, Err(Error::Taken)));
        for bad in ["ann", "ann@", "@example.com", "a b@example.com", "ann@localhost"] {
            assert!(matches!(access::create_user(&store.ctx, &operator, new(bad)).await, Err(Error::Email(_))), "{bad}");
        }
        assert_eq!(access::list_users(&store.ctx, &operator).await.unwrap().len(), 1);
    }

    async fn a_handle_belongs_to_one_tenant(store: &Store) {
        store.tenant("acme").await;
        let new = |handle: &str| roro::tenant::New { handle: handle.to_owned(), name: "N".to_owned(), development: true };
        let taken = roro::tenant::create(&store.ctx, new("acme")).await;
        assert!(matches!(taken, Err(roro::tenant::Error::Taken(_))), "{taken:?}");
        for bad in ["a", "Acme", "1acme", "ac me", "ac/me"] {
            assert!(matches!(roro::tenant::create(&store.ctx, new(bad)).await, Err(roro::tenant::Error::Handle(_))), "{bad}");
        }
        assert_eq!(roro::tenant::list(&store.ctx).await.unwrap().len(), 1);
        assert!(access::operator(&store.ctx, "nobody").await.is_err());
    }
}
