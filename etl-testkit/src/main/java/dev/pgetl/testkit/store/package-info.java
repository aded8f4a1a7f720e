/**
 * A store that lets a test wait for a phase and makes chosen writes fail, in front of any other
 * store.
 */
@NullMarked
package dev.pgetl.testkit.store;

import org.jspecify.annotations.NullMarked;
