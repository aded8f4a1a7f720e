package dev.pgetl.internal.value.order;

import dev.pgetl.internal.value.ValueCodec;
import java.util.UUID;

/** A key of 16 bytes without a sign; {@link UUID#compareTo} takes each half for a signed number. */
record UuidKey(long high, long low) implements KeyOrder.Key {
  static KeyOrder.Key of(Object value) {
    if (value instanceof UUID uuid) {
      return new UuidKey(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }
    throw ValueCodec.unfit(value, UUID.class);
  }

  @Override
  public int compareTo(KeyOrder.Key other) {
    UuidKey that = (UuidKey) other;
    int order = Long.compareUnsigned(high, that.high);
    return order != 0 ? order : Long.compareUnsigned(low, that.low);
  }

  @Override
  public String toString() {
    return KeyOrder.REDACTED;
  }
}
