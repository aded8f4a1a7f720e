package dev.pgetl.internal.connect;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.util.Comparator;
import org.postgresql.util.DriverInfo;

/**
 * A version of the JDBC driver.
 *
 * @param major first number
 * @param minor second number
 * @param patch third number
 */
public record DriverVersion(int major, int minor, int patch) implements Comparable<DriverVersion> {
  private static final Comparator<DriverVersion> ORDER =
      Comparator.comparingInt(DriverVersion::major)
          .thenComparingInt(DriverVersion::minor)
          .thenComparingInt(DriverVersion::patch);

  /**
   * Older ones may confirm positions that were not confirmed, or inject SQL in the simple query
   * mode that replication needs.
   */
  private static final DriverVersion OLDEST = new DriverVersion(42, 7, 6);

  /**
   * Older ones log in without channel binding although it is required: up to 42.7.6 if the server
   * asks for a password in another way, up to 42.7.11 if its certificate is signed in a way that
   * has no binding.
   */
  private static final DriverVersion BINDS_CHANNELS = new DriverVersion(42, 7, 12);

  /**
   * {@return the version on the class path} Reads the fields at run time: the compiler would copy
   * their values.
   */
  public static DriverVersion present() {
    try {
      return new DriverVersion(
          field("MAJOR_VERSION"), field("MINOR_VERSION"), field("PATCH_VERSION"));
    } catch (ReflectiveOperationException e) {
      return new DriverVersion(0, 0, 0);
    }
  }

  private static int field(String name) throws ReflectiveOperationException {
    return DriverInfo.class.getField(name).getInt(null);
  }

  /**
   * Refuses drivers that are too old.
   *
   * @throws EtlException if this one is
   */
  public void check() {
    require(OLDEST, "");
  }

  /**
   * Refuses drivers that do not ensure that the channel is bound where that is required.
   *
   * @throws EtlException if this one does not
   */
  public void checkChannelBinding() {
    require(BINDS_CHANNELS, " to require channel binding");
  }

  private void require(DriverVersion oldest, String purpose) {
    if (compareTo(oldest) < 0) {
      throw new EtlException(
              ErrorKind.CONFIGURATION, "the Postgres JDBC driver " + this + " is too old" + purpose)
          .withFix("Put org.postgresql:postgresql " + oldest + " or later on the class path");
    }
  }

  @Override
  public int compareTo(DriverVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
