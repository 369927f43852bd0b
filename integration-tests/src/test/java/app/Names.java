package app;

import java.io.IOException;
import java.io.InputStream;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What programs may expect of the name {@code greet}, whose service says {@code serving} on port
 * 80. {@code FAMILIES} are those of its addresses, in order, such as {@code 46}; {@code TARGET} is
 * the port of 127.0.0.1 behind it; {@code PROXY} the port of a proxy that refuses everything.
 * Prints {@code <story> ok} or what went wrong, for each.
 */
public final class Names {
  private static final String HOST = "greet";
  private static final String LONGEST = "greet.default.svc.cluster.local";
  private static final int PORT = 80;
  private static final int WITHOUT_DNS_MILLIS = 2_000;

  private final String families = System.getenv("FAMILIES");
  private final int target = Integer.parseInt(System.getenv("TARGET"));
  private final InetSocketAddress proxy =
      new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PROXY")));

  private interface Story {
    void play() throws Exception;
  }

  private Names() {}

  /** Plays every story. */
  public static void main(String[] args) {
    new Names().playAll();
    System.out.println("done");
  }

  private void playAll() {
    Map<String, Story> stories = new LinkedHashMap<>();
    stories.put("theNameHasItsAddressesInOrder", this::theNameHasItsAddressesInOrder);
    stories.put("everyFormOfTheNameResolves", this::everyFormOfTheNameResolves);
    stories.put("everyAddressLeadsThere", this::everyAddressLeadsThere);
    stories.put("anAddressKnowsItsName", this::anAddressKnowsItsName);
    stories.put("channelsOfEachFamilyLeadThere", this::channelsOfEachFamilyLeadThere);
    stories.put("otherClothesChangeNothing", this::otherClothesChangeNothing);
    stories.put("noProxyMeansDirect", this::noProxyMeansDirect);
    stories.put("aProxyIsAskedByName", this::aProxyIsAskedByName);
    stories.put("otherNamesAreTheSystems", this::otherNamesAreTheSystems);
    stories.forEach(
        (name, story) -> {
          try {
            story.play();
            System.out.println(name + " ok");
          } catch (Exception e) {
            System.out.println(name + " failed: " + e);
            e.printStackTrace();
          }
        });
  }

  private void theNameHasItsAddressesInOrder() throws IOException {
    StringBuilder found = new StringBuilder();
    for (InetAddress address : InetAddress.getAllByName(HOST)) {
      found.append(address instanceof Inet4Address ? '4' : '6');
      expect(address.getHostName().equals(HOST), "name: " + address);
    }
    expect(families.contentEquals(found), "addresses: " + found);
    InetAddress one = InetAddress.getByName(HOST);
    expect(one.equals(InetAddress.getAllByName(HOST)[0]), "not the first: " + one);
  }

  private void everyFormOfTheNameResolves() throws IOException {
    InetAddress address = InetAddress.getByName(HOST);
    for (String form : new String[] {"GREET", "greet.default", LONGEST, LONGEST + "."}) {
      expect(InetAddress.getByName(form).equals(address), form);
      expect(new InetSocketAddress(form, PORT).getAddress().equals(address), form);
    }
  }

  /** As happy eyeballs do: any of them must serve. */
  private void everyAddressLeadsThere() throws IOException {
    for (InetAddress address : InetAddress.getAllByName(HOST)) {
      try (Socket socket = new Socket(address, PORT)) {
        greets(socket);
        expect(socket.getInetAddress().equals(address), "remote: " + socket.getInetAddress());
      }
    }
  }

  private void anAddressKnowsItsName() throws IOException {
    for (InetAddress address : InetAddress.getAllByName(HOST)) {
      InetAddress nameless = InetAddress.getByAddress(address.getAddress());
      long start = System.nanoTime();
      expect(nameless.getHostName().equals(LONGEST), "name: " + nameless);
      expect(nameless.getCanonicalHostName().equals(LONGEST), "canonical name");
      InetAddress nobody = InetAddress.getByAddress(new byte[] {(byte) 250, 1, 2, 3});
      expect(nobody.getHostName().equals("250.1.2.3"), "name: " + nobody);
      long millis = (System.nanoTime() - start) / 1_000_000;
      expect(millis < WITHOUT_DNS_MILLIS, "took " + millis + " ms");
    }
  }

  private void channelsOfEachFamilyLeadThere() throws Exception {
    for (InetAddress address : InetAddress.getAllByName(HOST)) {
      InetSocketAddress remote = new InetSocketAddress(address, PORT);
      try (SocketChannel any = SocketChannel.open(remote)) {
        greets(any.socket());
      }
      StandardProtocolFamily family =
          address instanceof Inet4Address
              ? StandardProtocolFamily.INET
              : StandardProtocolFamily.INET6;
      try (SocketChannel channel = SocketChannel.open(family)) {
        channel.connect(remote);
        greets(channel.socket());
      }
      try (AsynchronousSocketChannel channel = AsynchronousSocketChannel.open()) {
        channel.connect(remote).get();
        ByteBuffer first = ByteBuffer.allocate(1);
        expect(channel.read(first).get() == 1 && first.get(0) == 's', "no greeting");
      }
    }
  }

  /** The server is STRICT: if they led past the mesh, it would refuse them. */
  private void otherClothesChangeNothing() throws Exception {
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1};
    try (Socket socket = new Socket("::ffff:127.0.0.1", target)) {
      greets(socket);
    }
    if (families.contains("6")) {
      try (Socket socket = new Socket(Inet6Address.getByAddress(null, mapped, -1), target)) {
        greets(socket);
      }
    }
    // The JDK's other sockets replace it themselves.
    InetAddress unspecified = InetAddress.getByAddress(new byte[4]);
    try (AsynchronousSocketChannel channel = AsynchronousSocketChannel.open()) {
      channel.connect(new InetSocketAddress(unspecified, target)).get();
      ByteBuffer first = ByteBuffer.allocate(1);
      expect(channel.read(first).get() == 1 && first.get(0) == 's', "no greeting");
    }
  }

  private void noProxyMeansDirect() throws IOException {
    try (Socket socket = new Socket(Proxy.NO_PROXY)) {
      socket.connect(new InetSocketAddress(HOST, PORT));
      greets(socket);
    }
  }

  private void aProxyIsAskedByName() throws IOException {
    for (Proxy.Type type : new Proxy.Type[] {Proxy.Type.SOCKS, Proxy.Type.HTTP}) {
      try (Socket socket = new Socket(new Proxy(type, proxy))) {
        socket.connect(new InetSocketAddress(HOST, PORT));
        throw new IllegalStateException(type + " lets us through");
      } catch (IOException refused) {
        // as the proxy does
      }
    }
  }

  private void otherNamesAreTheSystems() throws IOException {
    expect(InetAddress.getByName("localhost").isLoopbackAddress(), "localhost");
    expect(InetAddress.getByName("127.0.0.1").getHostAddress().equals("127.0.0.1"), "literal");
    if (System.getenv("ELSEWHERE") != null) {
      InetAddress elsewhere = InetAddress.getByName("elsewhere.example");
      expect(elsewhere.getHostAddress().equals(System.getenv("ELSEWHERE")), "got " + elsewhere);
    }
  }

  private static void greets(Socket socket) throws IOException {
    socket.setSoTimeout(15_000);
    InputStream in = socket.getInputStream();
    byte[] greeting = in.readNBytes("serving\n".length());
    String text = new String(greeting, StandardCharsets.US_ASCII);
    expect(text.equals("serving\n"), "greeting: " + Arrays.toString(greeting));
  }

  private static void expect(boolean held, String otherwise) throws IOException {
    if (!held) {
      throw new IOException(otherwise);
    }
  }
}
