use super::*;

fn filled() -> Memory {
    let mut memory = Memory::default();
    memory.apply((0..200_u8).map(|byte| ((&[byte][..]).into(), Some((&[byte][..]).into()))));
    memory
}

fn keys(rows: impl Iterator<Item = Row>) -> Vec<u8> {
    rows.map(|(key, _)| key[0]).collect()
}

#[test]
fn a_prefix_of_the_highest_bytes_has_no_end() {
    assert_eq!(Bounds::prefix(&[1, 0xff, 0xff]).until(), Some(&[2][..]));
    assert_eq!(Bounds::prefix(&[0xff]).until(), None);
    assert!(Bounds::prefix(&[0xff]).contains(&[0xff, 0xff]));
    assert!(!Bounds::prefix(&[0xff]).contains(&[0xfe]));
}

#[test]
fn an_inclusive_bound_takes_the_key_and_nothing_behind_it() {
    let bounds = Bounds::inclusive(None, Some(b"b"));
    assert!(bounds.contains(b"b") && !bounds.contains(b"b\0") && bounds.contains(b"az"));
    assert!(Bounds::inclusive(Some(b"c"), Some(b"b")).is_empty());
    assert!(!Bounds::inclusive(Some(b"b"), Some(b"b")).is_empty());
}

#[test]
fn memory_is_read_in_chunks_in_both_directions() {
    let memory = filled();
    let all: Vec<u8> = (0..200).collect();
    assert_eq!(keys(memory.range(&Bounds::ALL, Direction::Forward)), all);
    assert_eq!(keys(memory.range(&Bounds::ALL, Direction::Reverse)), all.iter().rev().copied().collect::<Vec<_>>());
    let bounds = Bounds::inclusive(Some(&[10]), Some(&[150]));
    assert_eq!(keys(memory.range(&bounds, Direction::Forward)), &all[10..=150]);
    // Exactly one chunk, and a multiple of it.
    for last in [63, 127] {
        let bounds = Bounds::inclusive(None, Some(&[last]));
        assert_eq!(keys(memory.range(&bounds, Direction::Forward)), &all[..=last.into()]);
        assert_eq!(keys(memory.range(&bounds, Direction::Reverse)).len(), usize::from(last) + 1);
    }
}

#[test]
fn a_snapshot_keeps_its_rows() {
    let mut memory = filled();
    let rows = memory.range(&Bounds::ALL, Direction::Forward);
    memory.apply((0..200_u8).map(|byte| ((&[byte][..]).into(), None)));
    assert_eq!(memory.len(), 0);
    assert_eq!(keys(rows).len(), 200);
}
