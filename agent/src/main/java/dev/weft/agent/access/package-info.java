/** May this peer make this request? {@link dev.weft.agent.access.AccessGate} asks the policy. */
@NullMarked
package dev.weft.agent.access;

import org.jspecify.annotations.NullMarked;
