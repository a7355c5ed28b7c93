//! What was seen of the machine, as types of the JSON format.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::model::{
    End, Field, KernelRow, PATH_FIELDS, PROCESS_FIELDS, PathFact, Process, ROW_FIELDS, Record,
    SOCKET_FIELDS, Shown, SocketView, Value, Why,
};

/// Why things are not known, by their names.
pub(super) type Unknown<'a> = BTreeMap<&'static str, Shown<&'a Why>>;

impl<T> JsonSchema for Shown<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// A look at a process and its sockets.
#[derive(Serialize, JsonSchema)]
pub(super) struct View<'a> {
    /// before, after, asked, changed or checked
    pub moment: &'static str,
    /// all; or focus: of what was known only what may have changed, and nothing new
    pub scope: &'static str,
    /// What was looked at, where that was not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<FocusLine<'a>>,
    pub process: Option<OfProcess<'a>>,
    pub fds: Option<Vec<Descriptor<'a>>>,
    pub sockets: Vec<OfSocket<'a>>,
    /// Both ends of each TCP connection.
    pub ends: Vec<EndsLine>,
    /// Rows that no fd of the task holds.
    pub others: Option<Vec<OfRow<'a>>>,
    pub paths: Vec<OfPath<'a>>,
    /// Since the view before.
    pub changes: Vec<ChangeLine<'a>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown<'a>,
}

/// What a look looked at.
#[derive(Serialize, JsonSchema)]
pub(super) struct FocusLine<'a> {
    /// Descriptors of the process.
    pub fds: &'a BTreeSet<i32>,
    /// Sockets by cookie, whoever holds them.
    pub cookies: &'a BTreeSet<u64>,
}

/// A running program.
#[derive(Serialize, JsonSchema)]
pub(super) struct ProgramLine<'a> {
    pub command: Vec<String>,
    /// The user that it acts as.
    pub uid: Option<u32>,
    pub threads: Option<Vec<ThreadLine<'a>>>,
    /// The sockets of its user that no process holds that can be seen, where its own
    /// descriptors can not.
    pub hidden: Vec<HolderLine<'a>>,
    pub faults: Vec<FaultLine>,
    #[serde(flatten)]
    pub view: View<'a>,
}

/// A thread of a program.
#[derive(Serialize, JsonSchema)]
pub(super) struct ThreadLine<'a> {
    pub tid: u32,
    pub name: String,
    /// The state letter of proc(5).
    pub state: String,
    /// The kernel function it sleeps in.
    pub wchan: Option<String>,
    /// The call that it sleeps in: its name, or its number where that is not known.
    pub call: Option<String>,
    /// The descriptor that the call works on.
    pub fd: Option<i32>,
    /// Those that it waits for, of a call that waits for several.
    pub watching: Option<Vec<i32>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown<'a>,
}

/// Something that looks wrong.
#[derive(Serialize, JsonSchema)]
pub(super) struct FaultLine {
    /// Its word in explain.toml.
    pub fault: String,
    pub meaning: String,
    /// The sockets that show it.
    pub fds: Vec<i32>,
    pub advice: Vec<String>,
    /// The chapter that tells more.
    pub chapter: Option<String>,
}

/// An entry of the fd table.
#[derive(Serialize, JsonSchema)]
pub(super) struct Descriptor<'a> {
    pub fd: i32,
    pub target: &'a str,
}

/// Both ends of a connection.
#[derive(Serialize, JsonSchema)]
pub(super) struct EndsLine {
    pub local: Shown<SocketAddr>,
    pub peer: Shown<SocketAddr>,
    pub ours: Shown<End>,
    pub theirs: Shown<End>,
    /// That of the task's end.
    pub cookie: u64,
}

/// One difference. A side that is not known is null, with its reason under `unknown`.
#[derive(Serialize, JsonSchema)]
pub(super) struct ChangeLine<'a> {
    /// The descriptor of a socket.
    pub socket: Option<i32>,
    /// The kernel's number of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<&'a str>,
    pub field: &'static str,
    pub from: Option<Shown<&'a Value>>,
    pub to: Option<Shown<&'a Value>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown<'a>,
}

/// A socket that holds the address somebody wants.
#[derive(Serialize, JsonSchema)]
pub(super) struct HolderLine<'a> {
    pub state: String,
    pub local: String,
    pub uid: u32,
    /// pid and name
    pub owner: Option<Json>,
    pub expires_ms: Option<u32>,
    /// What happens then.
    pub timer: Option<String>,
    pub text: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown<'a>,
}

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
    let mut properties: Map<String, Json> = fields.iter().map(property).collect();
    if !own.is_empty() {
        properties.insert(own.into(), Json::Bool(true));
    }
    let required: Vec<&String> = properties.keys().collect();
    json_schema!({
        "type": "object",
        "description": what,
        "properties": properties,
        "required": required,
    })
}
