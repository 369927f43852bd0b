/**
 * Whole systems, started as their own scripts start them, and programs that use them as their users
 * do: a database by {@link systems.Jdbc}, {@link systems.ZooKeeperEnsemble} by {@link
 * systems.ZooKeeperClient}, {@link systems.KafkaBroker} by {@link systems.KafkaClient}. A client
 * plays {@link systems.Stories} and then keeps its connections, idle, until its input ends. None
 * knows of a mesh.
 */
@NullMarked
package systems;

import org.jspecify.annotations.NullMarked;
