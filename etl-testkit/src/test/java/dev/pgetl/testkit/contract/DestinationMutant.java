package dev.pgetl.testkit.contract;

import dev.pgetl.destination.Destination;
import java.util.function.Function;

/**
 * A destination with one mistake.
 *
 * @param mistake what it does
 * @param rule how the name of the test begins that has to see it
 * @param factory opens it on a target
 */
record DestinationMutant(String mistake, String rule, Function<Target, Destination> factory) {
  @Override
  public String toString() {
    return mistake;
  }
}
