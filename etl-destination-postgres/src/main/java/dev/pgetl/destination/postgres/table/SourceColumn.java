package dev.pgetl.destination.postgres.table;

/**
 * A column of the source as it was when the destination's table was made to fit.
 *
 * @param name its name
 * @param number its number in the catalogue, which stays when it is renamed; 0 if it is not known
 * @param type the type that it has in the destination
 */
public record SourceColumn(String name, int number, String type) {}
