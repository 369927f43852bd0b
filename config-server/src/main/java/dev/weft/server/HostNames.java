package dev.weft.server;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The names and addresses under which this machine can be reached. */
final class HostNames {
  private HostNames() {}

  static List<String> of(ServerOptions options) {
    Set<String> names = new LinkedHashSet<>();
    names.add("localhost");
    names.add("127.0.0.1");
    names.add("::1");
    names.addAll(options.advertised());
    try {
      InetAddress self = InetAddress.getLocalHost();
      names.add(self.getHostName());
      names.add(self.getCanonicalHostName());
      for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        for (InetAddress address : Collections.list(each.getInetAddresses())) {
          names.add(withoutZone(address.getHostAddress()));
        }
      }
    } catch (UnknownHostException | SocketException e) {
      // What is known must do; agents trust the SPIFFE ID, not the name.
    }
    InetAddress listen = options.listen().resolve().getAddress();
    if (listen != null && !listen.isAnyLocalAddress()) {
      names.add(withoutZone(listen.getHostAddress()));
    }
    return new ArrayList<>(names);
  }

  private static String withoutZone(String literal) {
    int zone = literal.indexOf('%');
    return zone < 0 ? literal : literal.substring(0, zone);
  }
}
