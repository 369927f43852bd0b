/**
 * Where snapshots come from: the config server, or a folder of documents.
 *
 * <p>{@link dev.weft.agent.control.ControlPlane} starts one of the two. {@link
 * dev.weft.agent.control.ControlClient} enrols, watches and survives the server's absence, on
 * {@code ControlApi}, which speaks the protocol; {@code Reporter} says what this workload is and
 * does; {@link dev.weft.agent.control.StandalonePolicy} compiles a folder instead. Either publishes
 * into {@link dev.weft.agent.control.Snapshots}, from which the rest of the agent reads a {@link
 * dev.weft.agent.control.MeshView}.
 */
@NullMarked
package dev.weft.agent.control;

import org.jspecify.annotations.NullMarked;
