package dev.pgetl.internal.copy.key;

import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What decides how a table is read: its name, columns and file, what is published of it, and the
 * condition on its rows. A copy is continued only if all of it is as it was. Stateless.
 */
public final class CopyShape {
  /** No condition has it. */
  private static final char SEPARATOR = '\0';

  private CopyShape() {}

  /**
   * {@return a digest}
   *
   * @param catalogue the shape the catalogue shows
   * @param schema the version that is published
   * @param rowFilter the publication's condition on rows; empty if there is none
   * @param condition the configuration's condition on rows; empty if there is none
   */
  public static String of(
      String catalogue, TableSchema schema, String rowFilter, String condition) {
    String all =
        String.join(
            "\n",
            catalogue,
            schema.replicaIdentity().name(),
            schema.columns().toString(),
            schema.scope().map(CopyShape::published).orElse(""),
            condition.isEmpty() ? rowFilter : rowFilter + SEPARATOR + condition);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(all.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String published(RowScope scope) {
    return String.join(
        " ",
        Long.toString(scope.publication()),
        scope.membership(),
        scope.operations(),
        scope.columnList() + scope.generated());
  }
}
