//! A process that outlives this one by a moment, to clean up after `kill -9`.

use std::cell::RefCell;
use std::fs;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::termios::{OptionalActions, Termios, tcsetattr};

use super::helper::{Helper, cut_off};

/// Sees to it that this process leaves nothing behind, however it ends. SIGKILL
/// runs no handler, so a second process waits for that: it restores the terminal
/// and removes the files that were put into its care. It exists only while there
/// is something to care for. Dropping the keeper removes the files and ends it.
#[derive(Default)]
pub(crate) struct Keeper {
    duties: RefCell<Duties>,
    process: RefCell<Option<KeeperProcess>>,
}

/// What is to be done when this process has been killed.
#[derive(Default)]
struct Duties {
    /// The modes that the terminal at stdin is to have.
    terminal: Option<Termios>,
    /// By path and inode: one that was made later at the same path is another.
    files: Vec<(PathBuf, u64)>,
}

impl Keeper {
    /// From now on the terminal at stdin gets `modes` back if this process is killed.
    ///
    /// Like all that changes what a keeper cares for, it must be called while this
    /// process has one thread.
    pub(crate) fn keep_terminal(&self, modes: Termios) -> io::Result<()> {
        self.duties.borrow_mut().terminal = Some(modes);
        self.renew()
    }

    /// From now on the terminal is left alone.
    pub(crate) fn release_terminal(&self) -> io::Result<()> {
        self.duties.borrow_mut().terminal = None;
        self.renew()
    }

    /// From now on the file that is at `path` is removed when this process ends. On
    /// an error it stays if the end is `kill -9`.
    pub(crate) fn keep_file(&self, path: &Path) -> io::Result<()> {
        let file = (path.to_path_buf(), fs::symlink_metadata(path)?.ino());
        self.duties.borrow_mut().files.push(file);
        self.renew()
    }

    /// Removes the files now, and gives the paths of those that were still there.
    pub(crate) fn remove_files(&self) -> Vec<PathBuf> {
        let mut files = std::mem::take(&mut self.duties.borrow_mut().files);
        if files.is_empty() {
            return Vec::new();
        }
        files.retain(remove);
        // If no new process can be had, the old one finds nothing to remove.
        let _ = self.renew();
        files.into_iter().map(|(path, _)| path).collect()
    }

    /// Replaces the process by one with the duties of now. The new one is there
    /// before the old one goes.
    fn renew(&self) -> io::Result<()> {
        let duties = self.duties.borrow();
        let is_needed = duties.terminal.is_some() || !duties.files.is_empty();
        let process = is_needed.then(|| start(&duties));
        self.process.replace(process.transpose()?);
        Ok(())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.remove_files();
    }
}

impl Duties {
    /// An error means that there is nothing left to put in order.
    fn perform(&self) {
        if let Some(modes) = &self.terminal {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
        }
        for file in &self.files {
            remove(file);
        }
    }
}

/// Removes a file if it is still that one, and says whether it did.
fn remove((path, inode): &(PathBuf, u64)) -> bool {
    let is_same = fs::symlink_metadata(path).is_ok_and(|now| now.ino() == *inode);
    is_same && fs::remove_file(path).is_ok()
}

/// The second process, and the pipe by which it learns of our end: the kernel closes
/// it then.
type KeeperProcess = (Helper, Option<PipeWriter>);

fn start(duties: &Duties) -> io::Result<KeeperProcess> {
    let (reader, pipe) = io::pipe()?;
    let mut pipe = Some(pipe);
    let process = Helper::start(|| {
        drop(pipe.take());
        wait_for_end(reader);
        duties.perform();
        0
    })?;
    Ok((process, pipe))
}

/// Cuts the new process off from its parent, and waits until that has ended.
fn wait_for_end(mut pipe: PipeReader) {
    cut_off(&[pipe.as_fd()]);
    // Nobody writes: this returns at the end.
    let _ = pipe.read_to_end(&mut Vec::new());
}
