/**
 * What a pipeline remembers: schemas, phases, mappings and progress; the interfaces users
 * implement.
 */
@NullMarked
package dev.pgetl.store;

import org.jspecify.annotations.NullMarked;
