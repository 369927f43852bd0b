/** A local, read-only page about the agent: {@link dev.weft.agent.admin.AdminPage}. */
@NullMarked
package dev.weft.agent.admin;

import org.jspecify.annotations.NullMarked;
