//! Going through the chain from its first event to its last.

use super::{ChainKeys, Entry, Fault, FaultKind, Head, Report};

/// Events that do not fit and are kept to find out why; further ones are only counted.
const KEPT: usize = 200;

/// A stored event that does not fit, with the seals around it.
struct Suspect {
    entry: Entry,
    /// Its seal as it is stored.
    stored: Option<Vec<u8>>,
    /// The stored seal of the event before it.
    previous: Option<Vec<u8>>,
    /// Whether the event before it stands where it should.
    follows: bool,
}

impl Suspect {
    /// Whether `entry`, put into this place after `previous`, has the seal `stored`.
    fn fits(&self, keys: &ChainKeys, entry: &Entry, previous: Option<&[u8]>, stored: Option<&[u8]>) -> bool {
        let here = Entry {
            id: self.entry.id,
            ..entry.clone()
        };
        seal(keys, &here, previous).is_some_and(|seal| Some(&seal[..]) == stored)
    }
}

fn seal(keys: &ChainKeys, entry: &Entry, previous: Option<&[u8]>) -> Option<[u8; super::SEAL_LENGTH]> {
    let key = keys.find(entry.key.as_deref()?)?;
    Some(entry.seal(key, previous))
}

/// Takes every event in the order of their numbers, and says what is wrong.
pub struct Verifier<'a> {
    keys: &'a ChainKeys,
    kept: Option<Head>,
    kept_was_seen: bool,
    own: Option<Head>,
    /// The event that stands where the database's own head is, once it was seen.
    at_own: Option<Head>,
    report: Report,
    suspects: Vec<Suspect>,
    chained: bool,
}

impl<'a> Verifier<'a> {
    /// Begins. `own` is the database's own head, read before the first event; `kept` one that was kept elsewhere.
    pub fn new(keys: &'a ChainKeys, own: Option<Head>, kept: Option<Head>) -> Self {
        Self {
            keys,
            kept_was_seen: kept.as_ref().is_none_or(|kept| kept.seq == 0),
            kept,
            own,
            at_own: None,
            report: Report {
                uncovered: 0,
                checked: 0,
                last: Head { seq: 0, mac: None },
                faults: Vec::new(),
                more: 0,
            },
            suspects: Vec::new(),
            chained: false,
        }
    }

    /// The next event and its stored seal.
    pub fn take(&mut self, entry: Entry, stored: Option<Vec<u8>>) {
        let id = entry.id;
        if self.own.as_ref().is_some_and(|own| own.seq == id) {
            self.at_own = Some(Head {
                seq: id,
                mac: stored.clone(),
            });
        }
        self.compare_with_kept(&entry, stored.as_deref());
        if !self.chained && stored.is_none() && entry.key.is_none() {
            self.report.uncovered += 1;
            self.report.last.seq = id;
            return;
        }
        let expected = self.report.last.seq + 1;
        let follows = id == expected;
        if !follows {
            self.fault(FaultKind::Missing(expected, id - 1), None);
        }
        let previous = self.report.last.mac.take();
        self.report.checked += 1;
        self.report.last = Head {
            seq: id,
            mac: stored.clone(),
        };
        self.chained = true;
        let right = seal(self.keys, &entry, previous.as_deref());
        if right.is_some_and(|right| Some(&right[..]) == stored.as_deref()) {
            return;
        }
        if let (None, Some(key)) = (right, &entry.key) {
            let kind = FaultKind::KeyMissing(id, key.clone());
            self.fault(kind, Some(entry));
            return;
        }
        if self.suspects.len() == KEPT {
            self.report.more += 1;
            return;
        }
        self.suspects.push(Suspect {
            entry,
            stored,
            previous,
            follows,
        });
    }

    fn compare_with_kept(&mut self, entry: &Entry, stored: Option<&[u8]>) {
        let Some(kept) = self.kept.as_ref().filter(|kept| kept.seq == entry.id) else {
            return;
        };
        self.kept_was_seen = true;
        if kept.mac.as_deref() != stored {
            let kind = FaultKind::NotTheKeptHead(kept.clone());
            self.fault(kind, Some(entry.clone()));
        }
    }

    fn fault(&mut self, kind: FaultKind, entry: Option<Entry>) {
        if self.report.faults.len() < KEPT {
            let entry = entry.map(Box::new);
            self.report.faults.push(Fault { kind, entry });
        } else {
            self.report.more += 1;
        }
    }

    /// After the last event. `own` is the database's own head, read again now.
    pub fn finish(mut self, own: Option<&Head>) -> Report {
        self.name_suspects();
        let last = self.report.last.seq;
        self.look_at_own_head(own, last);
        let kept = self.kept.take().filter(|_| !self.kept_was_seen);
        if let Some(kept) = kept {
            let already = self
                .report
                .faults
                .iter()
                .position(|fault| matches!(fault.kind, FaultKind::CutOff(..)));
            match already {
                _ if kept.seq <= last => self.fault(FaultKind::NotTheKeptHead(kept), None),
                Some(position) => {
                    if let FaultKind::CutOff(_, end) = &mut self.report.faults[position].kind {
                        *end = kept.seq.max(*end);
                    }
                }
                None => self.fault(FaultKind::CutOff(last + 1, kept.seq), None),
            }
        }
        self.report.faults.sort_by_key(|fault| place(&fault.kind));
        self.report
    }

    fn look_at_own_head(&mut self, now: Option<&Head>, last: i64) {
        let Some(before) = self.own.take() else {
            self.fault(FaultKind::HeadChanged(None), None);
            return;
        };
        if before.seq > last {
            self.fault(FaultKind::CutOff(last + 1, before.seq), None);
        } else if now.is_none_or(|now| now.seq < last) || self.at_own.as_ref().is_some_and(|at| *at != before) {
            // Writers go on meanwhile: the head may stand after the last event that was read, never before it.
            self.fault(FaultKind::HeadChanged(Some(before)), None);
        }
    }

    /// Finds out which of the events that do not fit were changed, which stand in another's place, and which only follow
    /// one of those.
    fn name_suspects(&mut self) {
        let mut suspects = std::mem::take(&mut self.suspects);
        while !suspects.is_empty() {
            let first = suspects.remove(0);
            // The seal that the event after `first` really follows, as far as that can be known.
            let mut real = seal(self.keys, &first.entry, first.previous.as_deref()).map(Vec::from);
            let first_id = first.entry.id;
            if let Some((other, whole)) = self.other_of_swap(&first, &suspects) {
                let other = suspects.remove(other);
                let other_id = other.entry.id;
                let seals = (first.stored.clone(), other.stored.clone());
                let (of_first, of_other) = if whole { (seals.1, seals.0) } else { seals };
                self.acquit(&mut suspects, first_id + 1, of_first.as_deref());
                self.acquit(&mut suspects, other_id + 1, of_other.as_deref());
                self.fault(FaultKind::Swapped(first_id, other_id), Some(first.entry));
                continue;
            }
            let kind = if first.follows {
                FaultKind::Changed(first_id)
            } else {
                real = None;
                FaultKind::Unproven(first_id)
            };
            self.fault(kind, Some(first.entry));
            if real.is_some() {
                self.acquit(&mut suspects, first_id + 1, real.as_deref());
            }
            // Whatever follows directly and fits nothing that is known.
            if let Some(next) = suspects.first_mut().filter(|next| next.entry.id == first_id + 1) {
                next.follows = false;
            }
        }
    }

    /// The one that `first` changed places with, and whether its seal went with it.
    fn other_of_swap(&self, first: &Suspect, others: &[Suspect]) -> Option<(usize, bool)> {
        let previous = first.previous.as_deref();
        others.iter().enumerate().find_map(|(position, other)| {
            [(first.stored.as_deref(), false), (other.stored.as_deref(), true)]
                .into_iter()
                .find(|(stored, _)| first.fits(self.keys, &other.entry, previous, *stored))
                .map(|(_, whole)| (position, whole))
        })
    }

    /// Drops the event at `id` from the suspects if it fits after `previous`.
    fn acquit(&self, suspects: &mut Vec<Suspect>, id: i64, previous: Option<&[u8]>) {
        suspects.retain(|suspect| {
            let fits = |it: &Suspect| it.fits(self.keys, &it.entry, previous, it.stored.as_deref());
            suspect.entry.id != id || !fits(suspect)
        });
    }
}

/// Where in the report a fault stands.
fn place(kind: &FaultKind) -> i64 {
    match kind {
        FaultKind::Changed(id)
        | FaultKind::Swapped(id, _)
        | FaultKind::Missing(id, _)
        | FaultKind::CutOff(id, _)
        | FaultKind::Unproven(id)
        | FaultKind::KeyMissing(id, _) => *id,
        FaultKind::NotTheKeptHead(head) => head.seq,
        FaultKind::HeadChanged(_) => i64::MAX,
    }
}
