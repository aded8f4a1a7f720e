package dev.pgetl.internal.sim;

/** A fault of the engine that is known and that a history has met the condition of. */
enum KnownFault {
  /** The server was set back behind what the store or the destination remembers. */
  F1_SET_BACK,
  /** A slot was checked, moved on, and used from the old position. */
  F2_SLOT_MOVED_BEFORE_USE,
  /** A process worked on slots or tables while another one owned the pipeline's slot. */
  F3_SECOND_PROCESS,
  /** A table left the publication and came back, and the pipeline did not look in between. */
  F9_PUBLICATION_CHANGED_UNSEEN,
  /** A pipeline that had been closed wrote into the store. */
  R2_LATE_ANSWER
}
