package dev.pgetl.it.httpwalk;

import java.util.Map;

/**
 * Which call of the destination a request belongs to.
 *
 * @param instance of the pipeline
 * @param call a number of its own for each call
 * @param batch the same for calls with the same content
 */
record Tag(int instance, long call, String batch) {
  static final String INSTANCE = "X-Instance";
  static final String CALL = "X-Call";
  static final String BATCH = "X-Batch";

  Map<String, String> headers() {
    return Map.of(INSTANCE, "" + instance, CALL, "" + call, BATCH, batch);
  }
}
