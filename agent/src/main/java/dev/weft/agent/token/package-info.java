/**
 * Whose word does a request carry? {@link dev.weft.agent.token.TokenGate} judges its token by the
 * rules of {@code RequestAuthentication}s.
 */
@NullMarked
package dev.weft.agent.token;

import org.jspecify.annotations.NullMarked;
