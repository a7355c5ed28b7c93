use super::{Address, Call, Errno, Owner, TcpState, Timer};

/// A call that failed, and what the kernel could say about the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `None` when there was none yet.
    pub call: Option<Call>,
    /// `None` when the call never returned.
    pub errno: Option<Errno>,
    /// What it means for this call, in a sentence.
    pub meaning: String,
    /// What was found out by looking, a sentence each.
    pub found: Vec<String>,
    /// Who holds the address, when that is the cause.
    pub holders: Vec<Holder>,
    /// What to do, a sentence each.
    pub advice: Vec<String>,
}

impl Failure {
    /// What a call's errno means and what to do; nothing was found out yet.
    pub fn new(
        call: Call,
        errno: Errno,
        meaning: impl Into<String>,
        advice: Vec<String>,
    ) -> Failure {
        Failure {
            call: Some(call),
            errno: Some(errno),
            meaning: meaning.into(),
            found: Vec::new(),
            holders: Vec::new(),
            advice,
        }
    }
}

/// A socket that holds the port somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub state: TcpState,
    pub local: Address,
    /// Who, where the kernel lets us see it.
    pub owner: Option<Owner>,
    /// The user id the socket belongs to.
    pub uid: u32,
    pub timer: Option<Timer>,
}
