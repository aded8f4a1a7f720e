package dev.pgetl.destination.postgres;

/** How columns of enums, domains, composites and types of extensions are created. */
public enum UserTypes {
  /**
   * As the type of the same schema and name, where the destination has it; otherwise as {@link
   * #TEXT} says.
   */
  IF_PRESENT,
  /** As {@code text}; a domain as the type it restricts. */
  TEXT
}
