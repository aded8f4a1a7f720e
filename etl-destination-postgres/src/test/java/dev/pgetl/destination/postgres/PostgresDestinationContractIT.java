package dev.pgetl.destination.postgres;

/** The contract, with defaults. */
class PostgresDestinationContractIT extends TargetAccess {
  @Override
  PostgresDestinationBuilder configured(PostgresDestinationBuilder builder) {
    return builder;
  }
}
