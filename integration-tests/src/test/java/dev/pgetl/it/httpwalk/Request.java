package dev.pgetl.it.httpwalk;

import java.util.List;
import java.util.Map;

/**
 * A request that was read and is valid.
 *
 * @param kind truncate, replace, rows, copied or events
 * @param table its table; 0 for events
 * @param position of the copy; empty for truncate and events
 * @param items the text of each
 * @param changes by table
 * @param text the body
 */
record Request(
    String kind,
    long table,
    String key,
    Tag tag,
    String position,
    List<String> items,
    Map<Long, List<Change>> changes,
    String text) {}
