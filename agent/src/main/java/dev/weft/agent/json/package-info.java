/** JSON text, as the protocol with the config server, logs and the local page speak it. */
@org.jspecify.annotations.NullMarked
package dev.weft.agent.json;
