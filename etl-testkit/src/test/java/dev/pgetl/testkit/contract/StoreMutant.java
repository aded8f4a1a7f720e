package dev.pgetl.testkit.contract;

import dev.pgetl.store.PipelineStore;
import java.util.function.Function;

/**
 * A store with one mistake.
 *
 * @param mistake what it does
 * @param rule how the name of the test begins that has to see it
 * @param factory opens it on a persistent layer
 */
record StoreMutant(String mistake, String rule, Function<StoreLayer, PipelineStore> factory) {
  @Override
  public String toString() {
    return mistake;
  }
}
