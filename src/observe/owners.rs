//! Who holds which socket: one index of /proc/*/fd for a look.

use std::collections::{HashMap, HashSet};
use std::{fs, io};

use super::process::{entries, inode_at, socket_inode};
use super::running::name_of;
use crate::model::{Fact, Owner, Source, Why};

/// Who was seen to hold which socket: process and descriptor by inode.
#[derive(Default)]
pub(super) struct Owners {
    seen: HashMap<u64, (u32, i32)>,
}

impl Owners {
    /// Who holds the sockets of these inodes now. Whoever was seen to hold one is asked
    /// whether it still does. For the others the processes in `first` are gone through,
    /// then all there are, once, until everybody is found.
    pub(super) fn of(
        &mut self,
        inodes: impl IntoIterator<Item = u64>,
        first: &[u32],
    ) -> HashMap<u64, Fact<Owner>> {
        let wanted: HashSet<u64> = inodes.into_iter().filter(|&inode| inode != 0).collect();
        let is_held = |inode: u64| match self.seen.get(&inode) {
            Some(&(pid, fd)) => inode_at(pid, fd).is_ok_and(|found| found == inode),
            None => false,
        };
        let missing = wanted.iter().copied().filter(|&inode| !is_held(inode));
        let mut missing: HashSet<u64> = missing.collect();
        let mut unseen = Fact::None;
        if !missing.is_empty() {
            self.seen
                .retain(|inode, _| wanted.contains(inode) && !missing.contains(inode));
            unseen = self.search(&mut missing, first);
        }
        let mut names = HashMap::new();
        let owner = |inode| match self.seen.get(&inode) {
            Some(&(pid, _)) => {
                let name: &String = names.entry(pid).or_insert_with(|| name_of(pid));
                let name = name.clone();
                (inode, Fact::Seen(Owner { pid, name }, Source::Proc))
            }
            None => (inode, unseen.clone()),
        };
        wanted.into_iter().map(owner).collect()
    }

    /// Looks for who holds the `missing`. Gives what is to be said of those that nobody
    /// is seen to hold: processes of other users cannot be looked into without
    /// privilege.
    fn search(&mut self, missing: &mut HashSet<u64>, first: &[u32]) -> Fact<Owner> {
        let all = match fs::read_dir("/proc") {
            Ok(entries) => entries.flatten(),
            Err(error) => return Fact::Unknown(Why::error(Source::Proc, &error)),
        };
        let all = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let mut is_hidden = false;
        for pid in first.iter().copied().chain(all) {
            match entries(pid) {
                Ok(entries) => {
                    for entry in entries {
                        if let Some(inode) = socket_inode(&entry.target)
                            && missing.remove(&inode)
                        {
                            self.seen.insert(inode, (pid, entry.fd));
                        }
                    }
                }
                Err(error) => is_hidden |= error.kind() == io::ErrorKind::PermissionDenied,
            }
            if missing.is_empty() {
                break;
            }
        }
        if is_hidden {
            let note = "held by a process that this user may not look into";
            return Fact::Unknown(Why::note(Source::Proc, note));
        }
        Fact::None
    }
}
