package dev.pgetl.testkit.postgres;

import dev.pgetl.config.Secret;

/**
 * A superuser.
 *
 * @param username the role
 * @param password its password
 */
record ServerLogin(String username, Secret password) {
  /** The superuser of the servers that the kit creates. */
  static final ServerLogin KIT = new ServerLogin("postgres", Secret.of("postgres"));
}
