package dev.pgetl.data;

import java.util.Arrays;

/**
 * A network address with its prefix: {@code inet} or {@code cidr}, version 4 or 6.
 *
 * <p>{@link java.net.InetAddress} would lose the prefix and turn {@code ::ffff:1.2.3.4} into
 * version 4. Immutable, equal by value.
 */
public final class PgInet {
  private static final int V4_BYTES = 4;
  private static final int V6_BYTES = 16;
  private static final int V6_GROUPS = 8;

  private final byte[] address;
  private final int prefix;

  private PgInet(byte[] address, int prefix) {
    this.address = address;
    this.prefix = prefix;
  }

  /**
   * {@return an address with a prefix}
   *
   * @param address 4 or 16 bytes, the most significant first; copied
   * @param prefix how many leading bits name the network
   */
  public static PgInet of(byte[] address, int prefix) {
    if (address.length != V4_BYTES && address.length != V6_BYTES) {
      throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + address.length);
    }
    if (prefix < 0 || prefix > address.length * 8) {
      throw new IllegalArgumentException("the prefix does not fit the address: " + prefix);
    }
    return new PgInet(address.clone(), prefix);
  }

  /**
   * Reads what Postgres prints for {@code inet} and {@code cidr}.
   *
   * @param text for example {@code 192.0.2.0/24} or {@code 2001:db8::1}
   * @return the address; without a prefix in the text all bits count
   * @throws IllegalArgumentException if the text is no such address
   */
  public static PgInet parse(String text) {
    int slash = text.indexOf('/');
    String host = slash < 0 ? text : text.substring(0, slash);
    byte[] address = host.indexOf(':') < 0 ? v4(host) : v6(host);
    int bits = address.length * 8;
    int prefix = slash < 0 ? bits : number(text.substring(slash + 1), 10, 3);
    if (prefix > bits) {
      throw malformed();
    }
    return new PgInet(address, prefix);
  }

  private static byte[] v4(String host) {
    String[] parts = host.split("\\.", -1);
    byte[] address = new byte[V4_BYTES];
    if (parts.length != V4_BYTES) {
      throw malformed();
    }
    for (int i = 0; i < V4_BYTES; i++) {
      int part = number(parts[i], 10, 3);
      if (part > 255) {
        throw malformed();
      }
      address[i] = (byte) part;
    }
    return address;
  }

  private static byte[] v6(String host) {
    int gap = host.indexOf("::");
    byte[] address = new byte[V6_BYTES];
    if (gap < 0) {
      if (groups(host, address) != V6_BYTES) {
        throw malformed();
      }
      return address;
    }
    String head = host.substring(0, gap);
    int headLength = groups(head, address);
    byte[] tail = new byte[V6_BYTES];
    int length = groups(host.substring(gap + 2), tail);
    if (headLength + length > V6_BYTES - 2 || head.indexOf('.') >= 0) {
      throw malformed();
    }
    System.arraycopy(tail, 0, address, V6_BYTES - length, length);
    return address;
  }

  /** Reads hexadecimal groups, the last one may be an address of version 4. */
  private static int groups(String text, byte[] into) {
    if (text.isEmpty()) {
      return 0;
    }
    String[] groups = text.split(":", V6_GROUPS + 1);
    int length = 0;
    for (int i = 0; i < groups.length; i++) {
      boolean v4 = i == groups.length - 1 && groups[i].indexOf('.') >= 0;
      if (length + (v4 ? V4_BYTES : 2) > V6_BYTES) {
        throw malformed();
      }
      if (v4) {
        System.arraycopy(v4(groups[i]), 0, into, length, V4_BYTES);
        length += V4_BYTES;
      } else {
        int group = number(groups[i], 16, 4);
        into[length++] = (byte) (group >> 8);
        into[length++] = (byte) group;
      }
    }
    return length;
  }

  private static int number(String digits, int radix, int maxDigits) {
    if (digits.isEmpty() || digits.length() > maxDigits) {
      throw malformed();
    }
    int value = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      int digit = c < 128 ? Character.digit(c, radix) : -1;
      if (digit < 0) {
        throw malformed();
      }
      value = value * radix + digit;
    }
    return value;
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException(
        "not a network address: expected one as in 192.0.2.0/24 or 2001:db8::1/64");
  }

  /** {@return the 4 or 16 bytes of the address, a copy} */
  public byte[] address() {
    return address.clone();
  }

  /** {@return how many leading bits name the network; 32 or 128 for a single host} */
  public int prefix() {
    return prefix;
  }

  /** {@return whether it is an address of version 6} */
  public boolean isV6() {
    return address.length == V6_BYTES;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PgInet that
        && prefix == that.prefix
        && Arrays.equals(address, that.address);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(address) + prefix;
  }

  /**
   * {@return what Postgres prints for an {@code inet}: the prefix only where it is not a host's}
   */
  @Override
  public String toString() {
    return prefix == address.length * 8 ? host() : toCidrString();
  }

  /** {@return what Postgres prints for a {@code cidr}: always with the prefix} */
  public String toCidrString() {
    return host() + "/" + prefix;
  }

  private String host() {
    StringBuilder text = new StringBuilder();
    if (isV6()) {
      appendV6(text);
    } else {
      appendV4(text, 0);
    }
    return text.toString();
  }

  private void appendV4(StringBuilder text, int from) {
    for (int i = from; i < from + V4_BYTES; i++) {
      text.append(i == from ? "" : ".").append(address[i] & 0xFF);
    }
  }

  /** Replaces the longest run of zero groups by two colons, as Postgres does. */
  private void appendV6(StringBuilder text) {
    int run = longestZeroRun();
    int runEnd = run + zeroRun(run);
    if (runEnd - run < 2) {
      run = V6_GROUPS;
      runEnd = V6_GROUPS;
    }
    boolean embedsV4 = run == 0 && (runEnd == 6 || (runEnd == 5 && group(5) == 0xFFFF));
    for (int i = 0; i < V6_GROUPS; i++) {
      if (i >= run && i < runEnd) {
        text.append(i == run ? ":" : "");
      } else {
        text.append(i == 0 ? "" : ":");
        if (embedsV4 && i == 6) {
          appendV4(text, 12);
          return;
        }
        text.append(Integer.toHexString(group(i)));
      }
    }
    text.append(runEnd == V6_GROUPS && run < V6_GROUPS ? ":" : "");
  }

  private int longestZeroRun() {
    int best = 0;
    for (int i = 1; i < V6_GROUPS; i++) {
      if (zeroRun(i) > zeroRun(best)) {
        best = i;
      }
    }
    return best;
  }

  private int zeroRun(int from) {
    int to = from;
    while (to < V6_GROUPS && group(to) == 0) {
      to++;
    }
    return to - from;
  }

  private int group(int index) {
    return (address[2 * index] & 0xFF) << 8 | (address[2 * index + 1] & 0xFF);
  }
}
