package dev.pgetl.internal.capture.diagnose;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How slots of pipelines are named.
 *
 * @param id the pipeline
 */
record SlotNames(String id) {
  private static final Pattern OF_PIPELINE =
      Pattern.compile("pgetl_(?:apply_(.+)|sync_(.+)_[a-z]?[0-9]+)");

  private static final Pattern OF_TABLE = Pattern.compile("pgetl_sync_.+_([0-9]+)");

  /** {@return the pipeline whose slot it is, by its name; empty if it is none's} */
  static String pipeline(String slot) {
    Matcher name = OF_PIPELINE.matcher(slot);
    if (!name.matches()) {
      return "";
    }
    return name.group(1) == null ? name.group(2) : name.group(1);
  }

  /** {@return the OID of the table whose slot it is, by its name; 0 if it is none's} */
  static long table(String slot) {
    Matcher name = OF_TABLE.matcher(slot);
    return name.matches() && name.group(1).length() <= 10 ? Long.parseLong(name.group(1)) : 0;
  }

  boolean own(String slot) {
    return pipeline(slot).equals(id);
  }
}
