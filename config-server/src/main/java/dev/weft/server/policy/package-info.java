/**
 * The folder of policy documents: {@link dev.weft.server.policy.PolicyFolder} reads and watches it,
 * {@link dev.weft.server.policy.LastGood} remembers what was good over a restart.
 */
@NullMarked
package dev.weft.server.policy;

import org.jspecify.annotations.NullMarked;
