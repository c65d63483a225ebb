//! What fits in a body, a member or a parameter: read off the types that are sent and answered, so that nothing can be
//! said of them that is not so.
//!
//! A member that is a text with a form of its own, such as an instant, names one of the types here:
//! `#[schemars(with = "Instant")]`.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

/// The form of a type.
#[derive(Clone, Copy)]
pub struct Shape(fn(&mut SchemaGenerator) -> Schema);

impl Shape {
    /// The form of `T`.
    pub const fn of<T: JsonSchema>() -> Self {
        Self(SchemaGenerator::subschema_for::<T>)
    }

    /// Its schema: a reference, when the type has a name, to what the generator keeps.
    pub(super) fn schema(self, generator: &mut SchemaGenerator) -> Schema {
        (self.0)(generator)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shape")
    }
}

/// For bodies of which a member may be left out, but not be null: `#[schemars(transform = without_null)]` on the struct
/// takes null away from all of its members.
pub fn without_null(schema: &mut Schema) {
    let members = schema.get_mut("properties").and_then(Value::as_object_mut);
    for member in members.into_iter().flat_map(Map::values_mut) {
        if let Some(types) = member.get_mut("type").and_then(Value::as_array_mut) {
            types.retain(|kind| kind != "null");
            if let [only] = types.as_slice() {
                member["type"] = only.clone();
            }
        }
        if let Some(choices) = member.get_mut("anyOf").and_then(Value::as_array_mut) {
            choices.retain(|choice| choice["type"] != "null");
        }
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $about:literal, $schema:tt;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let mut schema = json_schema!($schema);
                schema.insert("type".to_owned(), "string".into());
                schema.insert("description".to_owned(), $about.into());
                schema
            }
        }
    )*};
}

texts! {
    /// See [`PublicId`](crate::domain::secret::PublicId).
    TokenId = "The public id of a token. It names the token and gives nobody the right to anything.",
        { "pattern": "^[0-9A-Za-z]{8}$", "examples": ["EXAMPLE1"] };
    /// See [`new_public_id`](crate::app::App::new_public_id).
    Id = "A public id. It names a thing and gives nobody the right to anything.",
        { "pattern": "^[0-9A-Za-z]{12}$", "examples": ["Qm7Xk2PdA9Lz"] };
    /// See [`iso`](crate::web::times::iso).
    Instant = "An instant in UTC, to the second (RFC 3339).",
        { "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
          "examples": ["2026-11-23T12:00:00Z"] };
    /// An instant as programs may write it.
    AnyInstant = "An instant in any zone (RFC 3339).",
        { "format": "date-time", "examples": ["2026-11-23T12:00:00Z"] };
    /// See [`iso_day`](crate::web::times::iso_day).
    Day = "A day: year, month and day.",
        { "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "examples": ["2027-02-21"] };
    /// See [`write_cursor`](crate::web::api::paging::write_cursor).
    Cursor = "What the page before gave under next. It means nothing to programs.",
        { "pattern": "^([0-9a-fA-F]{2})+$", "maxLength": 600, "examples": ["2d63726561746564"] };
    /// See [`Etag`](crate::web::api::revision::Etag).
    EtagText = "The revision of a thing, with its quotes.",
        { "pattern": "^\"[0-9]+\"$", "examples": ["\"7\""] };
    /// See [`Precondition`](crate::web::api::revision::Precondition).
    IfMatch = "The ETag of what was read, or * for whatever it is.",
        { "minLength": 1, "examples": ["\"7\""] };
    /// See [`key`](crate::web::api::repeat::key).
    IdempotencyKey = "A text that the caller chose and has used for nothing else.",
        { "pattern": "^[!-~]{1,255}$", "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"] };
    /// See [`Scope`](crate::domain::scope::Scope).
    ScopeName = "One thing that a token may do, area:action.",
        { "pattern": "^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$", "maxLength": 64, "examples": ["backups:create"] };
    /// See [`ScopeSet`](crate::domain::scope::ScopeSet).
    GrantedScope = "One thing that a token may do, area:action, or * for everything that the account's plan allows.",
        { "pattern": "^([a-z][a-z0-9-]*:[a-z][a-z0-9-]*|[*])$", "maxLength": 64, "examples": ["backups:create"] };
    /// See [`StaffScope`](crate::domain::staff_scope::StaffScope).
    StaffScopeName = "One thing that a token of a staff member may do, area:action.",
        { "pattern": "^[a-z-]+:[a-z-]+$", "maxLength": 64, "examples": ["accounts:read"] };
    /// See [`SiteName`](crate::domain::site::SiteName).
    SiteName = "A site of the account, as a domain name.",
        { "minLength": 1, "maxLength": 253, "examples": ["blog.example"] };
    /// See [`IpAddr`](std::net::IpAddr).
    IpAddress = "An IPv4 or IPv6 address.",
        { "minLength": 2, "maxLength": 45, "examples": ["203.0.113.24"] };
    /// See [`AddressSet`](crate::domain::address::AddressSet).
    AddressRange = "An IPv4 or IPv6 address, or a range of them (CIDR).",
        { "minLength": 2, "maxLength": 49, "examples": ["203.0.113.0/24"] };
    /// A page of the panel.
    PageUrl = "The full address of a page of the panel.",
        { "format": "uri", "examples": ["https://panel.example/tokens/EXAMPLE1"] };
}

#[cfg(test)]
mod tests {
    use schemars::generate::SchemaSettings;

    use super::*;

    #[derive(JsonSchema)]
    #[schemars(deny_unknown_fields, transform = without_null)]
    #[expect(dead_code, reason = "it is only described")]
    struct Change {
        name: Option<String>,
        id: Option<TokenId>,
    }

    #[test]
    fn a_member_can_be_left_out_without_being_null() {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.meta_schema = None);
        let schema = settings.into_generator().into_root_schema_for::<Change>();
        assert_eq!(schema.get("additionalProperties"), Some(&Value::Bool(false)));
        assert_eq!(schema.get("required"), None);
        let members = schema.get("properties").unwrap();
        assert_eq!(members["name"]["type"], "string");
        assert_eq!(members["id"]["anyOf"].as_array().unwrap().len(), 1);
    }
}
