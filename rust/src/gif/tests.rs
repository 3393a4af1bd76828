//! Laws of the encoder, beside a decoder that knows nothing of it.

use super::*;
use crate::threads::with_threads;
use proptest::prelude::*;

/// The symbols of a stream, as the GIF89a specification reads it, appendix F.
fn decode(stream: &[u8], bits: u32) -> Vec<u8> {
    let (clear, end) = (1usize << bits, (1usize << bits) + 1);
    let fresh: Vec<Vec<u8>> = (0..=end).map(|symbol| vec![symbol as u8]).collect();
    let (mut strings, mut symbols, mut last) = (fresh.clone(), vec![], None::<usize>);
    let mut at = 0;
    loop {
        let width = (usize::BITS - strings.len().leading_zeros()).clamp(bits + 1, 12);
        let code = (0..width as usize).fold(0, |code, bit| {
            let place = at + bit;
            code | usize::from(stream[place / 8] >> (place % 8) & 1) << bit
        });
        at += width as usize;
        if code == end {
            assert_eq!(at.div_ceil(8), stream.len());
            return symbols;
        }
        if code == clear {
            (strings, last) = (fresh.clone(), None);
            continue;
        }
        if let Some(last) = last {
            let first = if code == strings.len() { strings[last][0] } else { strings[code][0] };
            if strings.len() < 4096 {
                strings.push(strings[last].iter().copied().chain([first]).collect());
            }
        }
        symbols.extend(&strings[code]);
        last = Some(code);
    }
}

/// Symbols in runs and in words, long enough to fill dictionaries.
fn symbols() -> impl Strategy<Value = (usize, Vec<u8>)> {
    (1usize..=256).prop_flat_map(|count| {
        let word = prop::collection::vec(0..=(count - 1) as u8, 1..9);
        let words = prop::collection::vec((word, 1usize..9), 1..2500);
        words.prop_map(move |words| (count, words.into_iter().flat_map(|(word, times)| word.repeat(times)).collect()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn decoding_gives_back_every_symbol((count, symbols) in symbols()) {
        let bits = bits(count);
        for plan in PLANS {
            prop_assert_eq!(&decode(&exact::codes(&symbols, bits, count, plan), bits), &symbols, "{:?}", plan);
        }
    }

    #[test]
    fn what_was_chosen_is_what_is_decoded(
        (count, symbols) in symbols(),
        (width, lambda) in (1usize..90, 0f32..9.0),
        (strength, clear) in (0f32..1.0, prop::option::of(0u8..8)),
    ) {
        let symbols = &symbols[..symbols.len().min(4000)];
        let palette: Vec<_> = (0..count).map(|i| [i as f32 / 9.0, (i * 7 % 13) as f32, 0.0, 50.0]).collect();
        let targets: Vec<_> = symbols.iter().map(|&symbol| palette[symbol as usize]).collect();
        let is_clear: Vec<bool> = symbols.iter().map(|&symbol| Some(symbol) == clear).collect();
        let weights = vec![1.0; symbols.len()];
        let (targets, weights, palette, is_clear) = (&targets[..], &weights[..], &palette[..], &is_clear[..]);
        let floors = &vec![0.0; symbols.len()];
        let scene = Scene { targets, weights, floors, width, palette, clear, is_clear, strength, lambda };
        let (stream, chosen) = lossy::codes(&scene, bits(count));
        prop_assert_eq!(&decode(&stream, bits(count)), &chosen);
        for (&index, &symbol) in chosen.iter().zip(symbols) {
            prop_assert_eq!(Some(index) == clear, Some(symbol) == clear);
        }
    }

    #[test]
    fn what_no_symbol_can_mend_changes_no_choice(
        (count, symbols) in symbols(),
        (width, lambda, amiss) in (1usize..90, 0f32..9.0, prop::collection::vec(0u8..40, 50)),
    ) {
        let symbols = &symbols[..symbols.len().min(4000)];
        let palette: Vec<_> = (0..count).map(|i| [i as f32, (i * 7 % 13) as f32, 0.0, 50.0]).collect();
        let nearest: Vec<_> = symbols.iter().map(|&symbol| palette[symbol as usize]).collect();
        let mut targets = nearest.clone();
        let amiss: Vec<f32> = amiss.into_iter().map(f32::from).cycle().take(symbols.len()).collect();
        targets.iter_mut().zip(&amiss).for_each(|(target, amiss)| target[2] = *amiss);
        let squares: Vec<f32> = amiss.iter().map(|amiss| amiss * amiss).collect();
        let codes = |targets: &[_], floors: &[f32]| {
            let (weights, is_clear) = (&vec![1.0; targets.len()][..], &vec![false; targets.len()][..]);
            let (palette, clear, strength) = (&palette[..], None, 0.0);
            lossy::codes(&Scene { targets, weights, floors, width, palette, clear, is_clear, strength, lambda }, bits(count))
        };
        prop_assert_eq!(codes(&targets, &squares), codes(&nearest, &vec![0.0; nearest.len()]));
    }

    #[test]
    fn threads_do_not_reach_the_bytes((count, symbols) in symbols()) {
        let palette: Vec<Rgba> = (0..count).map(|level| [level as u8, 0, 0, 255]).collect();
        let encode = |threads| with_threads(threads, || encode_gif(&symbols, 1, &palette));
        prop_assert_eq!(encode(1), encode(8));
    }
}

#[test]
fn a_run_grows_by_one_with_every_code() {
    // 1 + 2 + ... + 44 symbols of one kind are 44 codes of 3 to 6 bits between the code to begin with and that to end.
    let stream = exact::codes(&[1; 44 * 45 / 2], 2, 4, PLANS[0]);
    assert!(stream.len() <= (46 * 6usize).div_ceil(8), "{} bytes", stream.len());
}
