//! Indices as LZW codes, none changed.

use super::lzw::{Codes, Dictionary};
use super::patience::Patience;

/// How indices are cut into strings, and when the dictionary is emptied.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Whether a string is left shorter where the next one then reaches farther.
    pub looks_ahead: bool,
    /// A full dictionary is emptied once pixels cost so many times what they did; 0: at once.
    pub patience: f64,
}

/// The stream of all indices, below `symbol_count`.
pub fn codes(indices: &[u8], bits: u32, symbol_count: usize, plan: Plan) -> Vec<u8> {
    let fresh = Dictionary::new(bits, symbol_count);
    let (mut dictionary, mut codes) = (fresh.clone(), Codes::new(bits));
    let mut patience = Patience::new(plan.patience);
    let mut path = vec![];
    let mut at = 0;
    while at < indices.len() {
        if dictionary.is_full() && patience.ends(at, codes.sent_bits() as f64) {
            codes.clear();
            dictionary.clone_from(&fresh);
            patience.restart(at, codes.sent_bits() as f64);
        }
        walk(&dictionary, &indices[at..], &mut path);
        let mut length = path.len();
        if plan.looks_ahead && length > 1 && at + length < indices.len() {
            // Among the last few cuts the one from which the next string reaches farthest; of equals the latest.
            let reach = |cut: usize| cut + depth(&dictionary, &indices[at + cut..]);
            length = (length.saturating_sub(8).max(1)..=length).max_by_key(|&cut| (reach(cut), cut)).expect("some");
        }
        let code = path[length - 1];
        codes.send(code);
        dictionary.send(code);
        at += length;
    }
    codes.finish()
}

/// The nodes along the indices, as far as they go.
fn walk(dictionary: &Dictionary, indices: &[u8], path: &mut Vec<u16>) {
    path.clear();
    path.push(u16::from(indices[0]));
    for &index in &indices[1..] {
        match dictionary.child(path[path.len() - 1], index) {
            Some(node) => path.push(node),
            None => return,
        }
    }
}

fn depth(dictionary: &Dictionary, indices: &[u8]) -> usize {
    let Some((&first, rest)) = indices.split_first() else { return 0 };
    let (mut node, mut depth) = (u16::from(first), 1);
    for &index in rest {
        match dictionary.child(node, index) {
            Some(child) => (node, depth) = (child, depth + 1),
            None => break,
        }
    }
    depth
}
