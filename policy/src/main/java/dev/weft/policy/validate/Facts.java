package dev.weft.policy.validate;

import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.Service;
import dev.weft.policy.document.Document;
import java.util.List;
import java.util.function.Function;

/**
 * What is known of a mesh when its documents are judged. Immutable.
 *
 * @param documents those in force, in the order in which the compiler lets them compete
 * @param members the workloads that run; or one for each Service, as its document describes it
 * @param live whether the members run, rather than being assumed
 * @param services every service as the clients of its own namespace see it
 * @param seen all services as the clients of a namespace see them; slow
 */
public record Facts(
    List<Document> documents,
    List<Member> members,
    boolean live,
    List<Service> services,
    Function<String, List<Service>> seen,
    MeshSettings settings,
    String trustDomain) {

  /** A workload: what it accepts, and the ports it listens on. */
  public record Member(Inbound inbound, List<Integer> listening) {}
}
