//! Made-up data for showing the panel: two customers, two staff members, and tokens in every state with their usage and
//! history.
//!
//! Everything is placed relative to now and is the same each time, but for passwords, ids and secrets.

/// What somebody in the demo is there to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A customer with tokens in every state.
    Customer,
    /// A customer without a token.
    NewCustomer,
    /// A staff member who looks after accounts.
    Support,
    /// A staff member who administers the installation.
    Admin,
}

/// Somebody whom visitors of the demo may sign in as.
#[derive(Clone, Debug)]
pub struct DemoPerson {
    /// What they are there for.
    pub part: Part,
    /// What they sign in with.
    pub username: String,
    /// Signs in as well.
    pub email: String,
    /// Made anew at each start; known to everybody who sees the sign-in page.
    pub password: String,
}
