/**
 * How a cell's Postgres text becomes JSON: straight from the row's bytes to the generator, without
 * a value in between.
 */
@NullMarked
package dev.pgetl.destination.http.json;

import org.jspecify.annotations.NullMarked;
