package dev.pgetl.internal.deliver;

import dev.pgetl.random.RandomRuns;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reader, delivery, destination and store at random: see {@link StreamSimulation}. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeliveryProperties {
  @Test
  void nothingIsLostReorderedOrRememberedTooEarly() throws Exception {
    RandomRuns.repeat(300, random -> new StreamSimulation(random).run());
  }
}
