//! The dictionary of GIF's LZW as a tree, and the stream of its codes (GIF89a specification, appendix F).

/// Of codes the last that 12 bits hold, and one more.
const MOST: u16 = 4096;
const NONE: u16 = u16::MAX;

/// What a decoder knows after some codes: strings of symbols, each a node below that of all but its last symbol.
#[derive(Clone)]
pub struct Dictionary {
    children: Vec<u16>,
    siblings: Vec<u16>,
    parents: Vec<u16>,
    symbols: Vec<u8>,
    firsts: Vec<u8>,
    /// How many symbols there are.
    symbol_count: u16,
    /// The code of the next node.
    next: u16,
    /// The last code, and whether its provisional child stands.
    last: Option<u16>,
    provisional: bool,
}

impl Dictionary {
    /// Single symbols only; `bits` are those of a symbol, 2 to 8, and `symbol_count` says which of them occur.
    pub fn new(bits: u32, symbol_count: usize) -> Self {
        let mut firsts = vec![0; MOST as usize];
        (0..=255).for_each(|symbol: u8| firsts[symbol as usize] = symbol);
        Self {
            children: vec![NONE; MOST as usize],
            siblings: vec![NONE; MOST as usize],
            parents: vec![NONE; MOST as usize],
            symbols: firsts.clone(),
            firsts,
            symbol_count: symbol_count as u16,
            next: (1 << bits) + 2,
            last: None,
            provisional: false,
        }
    }

    /// Whether there is no room for another node.
    pub fn is_full(&self) -> bool {
        self.next == MOST
    }

    /// The nodes below one, or below the root, and their symbols.
    pub fn below(&self, node: Option<u16>) -> impl Iterator<Item = (u16, u8)> {
        let (mut at, end) = node.map_or((0, self.symbol_count), |node| (self.children[node as usize], NONE));
        std::iter::from_fn(move || {
            (at != end).then(|| {
                let found = at;
                at = if node.is_none() { at + 1 } else { self.siblings[at as usize] };
                (found, self.symbols[found as usize])
            })
        })
    }

    /// The node below `node` for a symbol.
    pub fn child(&self, node: u16, symbol: u8) -> Option<u16> {
        self.below(Some(node)).find(|&(_, other)| other == symbol).map(|(child, _)| child)
    }

    /// The symbols that a code stands for.
    pub fn string(&self, code: u16, symbols: &mut Vec<u8>) {
        symbols.clear();
        let mut node = code;
        while node != NONE {
            symbols.push(self.symbols[node as usize]);
            node = self.parents[node as usize];
        }
        symbols.reverse();
    }

    /// Takes note of a code that is sent: the string before it and its first symbol get a node. As a decoder does, the
    /// string of the code itself may be followed by its own first symbol before the next code is known.
    pub fn send(&mut self, code: u16) {
        if let Some(last) = self.last.filter(|_| !self.is_full()) {
            let (first, node) = (self.firsts[code as usize], self.next);
            let is_it = self.provisional && first == self.firsts[last as usize];
            if !is_it {
                if self.provisional {
                    self.children[last as usize] = self.siblings[node as usize];
                }
                if self.child(last, first).is_none() {
                    self.hang(node, last, first);
                }
            }
            self.firsts[node as usize] = self.firsts[last as usize];
            self.next += 1;
        }
        self.last = Some(code);
        let first = self.firsts[code as usize];
        self.provisional = !self.is_full() && self.child(code, first).is_none();
        if self.provisional {
            self.hang(self.next, code, first);
            self.firsts[self.next as usize] = first;
        }
    }

    fn hang(&mut self, node: u16, parent: u16, symbol: u8) {
        self.symbols[node as usize] = symbol;
        self.parents[node as usize] = parent;
        self.children[node as usize] = NONE;
        self.siblings[node as usize] = self.children[parent as usize];
        self.children[parent as usize] = node;
    }
}

/// Codes, as many bits each as the decoder's dictionary asks for.
pub struct Codes {
    bytes: Vec<u8>,
    buffer: u64,
    held: u32,
    bits: u32,
    sent: u32,
}

impl Codes {
    /// A stream that begins with the code for a fresh dictionary; `bits` are those of a symbol.
    pub fn new(bits: u32) -> Self {
        let mut codes = Self { bytes: vec![], buffer: 0, held: 0, bits, sent: 0 };
        codes.clear();
        codes
    }

    /// Bits of the next code: what the decoder reads next knows one node less than codes were sent.
    pub fn width(&self) -> u32 {
        let next = (1u32 << self.bits) + 2 + self.sent.saturating_sub(1);
        (u32::BITS - next.leading_zeros()).clamp(self.bits + 1, 12)
    }

    /// Sends a code.
    pub fn send(&mut self, code: u16) {
        self.buffer |= u64::from(code) << self.held;
        self.held += self.width();
        self.sent += 1;
        while self.held >= 8 {
            self.bytes.push(self.buffer as u8);
            self.buffer >>= 8;
            self.held -= 8;
        }
    }

    /// Sends the code for a fresh dictionary.
    pub fn clear(&mut self) {
        self.send(1 << self.bits);
        self.sent = 0;
    }

    /// So many bits so far.
    pub fn sent_bits(&self) -> usize {
        8 * self.bytes.len() + self.held as usize
    }

    /// All bytes, the code for the end behind them.
    pub fn finish(mut self) -> Vec<u8> {
        self.send((1 << self.bits) + 1);
        if self.held > 0 {
            self.bytes.push(self.buffer as u8);
        }
        self.bytes
    }
}
