package dev.weft.server.registry;

import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Place;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who owns which address and port: the identity that registered first. A later one of another
 * identity is no endpoint there, or it could take the traffic of the first. Immutable.
 *
 * @param workloads all of them, without the ports that belong to others
 * @param conflicts one warning for each port that was taken away
 */
public record AddressClaims(List<Workload> workloads, List<Diagnostic> conflicts) {

  private record Claim(InetAddress address, int port) {}

  /**
   * Settles the claims.
   *
   * @param registrations in order of arrival
   */
  public static AddressClaims settle(List<Registration> registrations) {
    Map<Claim, Workload> owners = new HashMap<>();
    // Who listens comes before who only has a name for the port.
    for (Registration registration : registrations) {
      Workload workload = registration.workload();
      for (int port : workload.listening()) {
        owners.putIfAbsent(claim(workload, port), workload);
      }
    }
    for (Registration registration : registrations) {
      Workload workload = registration.workload();
      for (int port : workload.ports().values()) {
        owners.putIfAbsent(claim(workload, port), workload);
      }
    }
    List<Workload> settled = new ArrayList<>(registrations.size());
    List<Diagnostic> conflicts = new ArrayList<>();
    for (Registration registration : registrations) {
      settled.add(without(registration.workload(), owners, conflicts));
    }
    return new AddressClaims(List.copyOf(settled), List.copyOf(conflicts));
  }

  private static Claim claim(Workload workload, int port) {
    // Registration let only IP literals in; as bytes, two ways to write one are the same.
    return new Claim(NetUtil.createInetAddressFromIpAddressString(workload.address()), port);
  }

  private static Workload without(
      Workload workload, Map<Claim, Workload> owners, List<Diagnostic> conflicts) {
    Map<Integer, Workload> lost = new LinkedHashMap<>();
    List<Integer> claimed = new ArrayList<>(workload.listening());
    claimed.addAll(workload.ports().values());
    for (int port : claimed) {
      Workload owner = owners.get(claim(workload, port));
      if (owner != null && !owner.spiffeId().equals(workload.spiffeId())) {
        lost.put(port, owner);
      }
    }
    if (lost.isEmpty()) {
      return workload;
    }
    lost.forEach(
        (port, owner) ->
            conflicts.add(
                Code.ADDRESS_TAKEN.at(
                    new Place("workload " + workload.id(), 1, 1),
                    workload.spiffeId()
                        + " claims "
                        + workload.address()
                        + " port "
                        + port
                        + ", which belongs to "
                        + owner.spiffeId()
                        + " ("
                        + owner.id()
                        + "); it is no endpoint there")));
    Map<String, Integer> names = new LinkedHashMap<>(workload.ports());
    names.values().removeIf(lost::containsKey);
    return workload.on(
        workload.listening().stream().filter(port -> !lost.containsKey(port)).toList(),
        Map.copyOf(names));
  }
}
