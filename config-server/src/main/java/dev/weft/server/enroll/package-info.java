/**
 * How a workload gets its first certificate and every one after it: {@link
 * dev.weft.server.enroll.Enrollment}, on {@link dev.weft.server.enroll.JoinTokens}.
 */
@NullMarked
package dev.weft.server.enroll;

import org.jspecify.annotations.NullMarked;
