package dev.pgetl.internal.capture.session;

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
    if (compareTo(OLDEST) < 0) {
      throw new EtlException(
              ErrorKind.CONFIGURATION, "the Postgres JDBC driver " + this + " is too old")
          .withFix("Put org.postgresql:postgresql " + OLDEST + " or later on the class path");
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
