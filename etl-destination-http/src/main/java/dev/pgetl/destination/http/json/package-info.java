/** How a cell's Postgres text becomes JSON: directly from the row's bytes to the generator. */
@NullMarked
package dev.pgetl.destination.http.json;

import org.jspecify.annotations.NullMarked;
