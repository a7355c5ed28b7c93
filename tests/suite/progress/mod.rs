//! What a learner has done, as the binary keeps it: many runs at once, full and
//! read-only disks, damage, links, and runs that are killed on the way.

mod concurrent;
mod damage;
mod disk;
mod keys;
mod killed;
mod learner;
mod links;
mod place;
mod reading;
mod reset;
