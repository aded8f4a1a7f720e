package dev.pgetl.destination.postgres;

/** The contract, where the destination follows every change of a table. */
class AppliedChangesContractIT extends TargetAccess {
  @Override
  PostgresDestinationBuilder configured(PostgresDestinationBuilder builder) {
    return builder.schemaChanges(SchemaChanges.APPLY);
  }
}
