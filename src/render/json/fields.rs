//! What a table of fields describes, as types of the JSON format.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::{
    Field, KernelRow, PATH_FIELDS, PROCESS_FIELDS, PathFact, Process, ROW_FIELDS, Record,
    SOCKET_FIELDS, SocketView,
};

/// A thing that a table of fields describes.
macro_rules! of_fields {
    ($name:ident, $of:ty, $what:literal, $fields:ident, $own:literal) => {
        #[doc = concat!("The fields of ", $what, ".")]
        #[derive(Serialize)]
        pub(super) struct $name<'a>(pub Record<'a, $of>);

        impl JsonSchema for $name<'_> {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schema_of($what, $own, $fields)
            }
        }
    };
}

of_fields!(OfSocket, SocketView, "a socket", SOCKET_FIELDS, "fd");
of_fields!(
    OfRow,
    KernelRow,
    "a row of the kernel's tables",
    ROW_FIELDS,
    "relation"
);
of_fields!(
    OfPath,
    PathFact,
    "a path that a socket was bound to",
    PATH_FIELDS,
    "path"
);
of_fields!(OfProcess, Process, "a process", PROCESS_FIELDS, "");

/// The schema that a table of fields makes; `own` is what the thing is known by.
fn schema_of<T>(what: &str, own: &str, fields: &[Field<T>]) -> Schema {
    let property = |field: &Field<T>| {
        let tells = serde_json::json!({ "description": field.tells });
        (field.name.to_string(), tells)
    };
    let mut properties: Map<String, Value> = fields.iter().map(property).collect();
    if !own.is_empty() {
        properties.insert(own.into(), Value::Bool(true));
    }
    let required: Vec<&String> = properties.keys().collect();
    json_schema!({
        "type": "object",
        "description": what,
        "properties": properties,
        "required": required,
    })
}
