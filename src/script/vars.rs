use std::net::SocketAddr;

use crate::model::Address;

/// What the placeholders of a line and of the prose stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vars {
    /// The address of the walk: as asked for, and as bound once it is.
    pub addr: SocketAddr,
    /// The server's process, where there is one.
    pub pid: Option<u32>,
}

impl Vars {
    /// The placeholders there are.
    pub const NAMES: [&'static str; 5] = ["addr", "host", "port", "domain", "pid"];

    /// Replaces every `{name}` that is a placeholder: `{addr}` the address,
    /// `{host}` and `{port}` where a client reaches it, `{domain}` its family,
    /// `{pid}` the server's process.
    pub fn fill(&self, text: &str) -> String {
        let reachable = Address::reachable(self.addr);
        let domain = if self.addr.is_ipv4() { "inet" } else { "inet6" };
        let pid = self.pid.map_or("PID".to_string(), |pid| pid.to_string());
        text.replace("{addr}", &self.addr.to_string())
            .replace("{host}", &reachable.ip().to_string())
            .replace("{port}", &reachable.port().to_string())
            .replace("{domain}", domain)
            .replace("{pid}", &pid)
    }
}
