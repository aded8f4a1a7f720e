package dev.pgetl.store.memory;

/** The parts of a store's state that are loaded one by one. */
enum StoreSection {
  PHASES,
  SCHEMAS,
  MAPPINGS,
  PROGRESS,
  COPIES
}
