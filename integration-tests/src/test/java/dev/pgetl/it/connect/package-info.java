/** How pipelines reach their server: hosts, addresses, credentials, encryption. */
@NullMarked
package dev.pgetl.it.connect;

import org.jspecify.annotations.NullMarked;
