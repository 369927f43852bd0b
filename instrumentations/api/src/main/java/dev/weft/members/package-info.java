/**
 * What an adapter needs of its library: recorded by the build, checked by the agent.
 *
 * <p>A {@link dev.weft.members.Recording} is a text in the agent's jar, one {@link
 * dev.weft.members.Need} a line. {@link dev.weft.members.MembersCheck} holds it against {@link
 * dev.weft.members.LibraryClasses}, which reads class files and loads no class.
 */
@NullMarked
package dev.weft.members;

import org.jspecify.annotations.NullMarked;
