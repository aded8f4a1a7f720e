/** Where rows and events go: the interface users implement. */
@NullMarked
package dev.pgetl.destination;

import org.jspecify.annotations.NullMarked;
