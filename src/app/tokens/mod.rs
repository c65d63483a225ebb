//! What can be done with API tokens, one file a thing. Each rule of the product holds here, whichever way a request
//! came in.

mod bounds;
pub mod bulk;
pub mod content;
pub mod create;
pub mod edit;
pub mod identify;
pub mod leaked;
pub mod list;
pub mod one;
pub mod pause;
pub mod presented;
pub mod renew;
pub mod revoke;
pub mod rotate;
pub mod shorten;
pub mod show;
pub mod unused;
pub mod why;
