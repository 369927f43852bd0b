package app;

import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.OnMessage;
import jakarta.websocket.server.ServerEndpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/**
 * An embedded Tomcat, of whichever version the class path holds, with a WebSocket at {@code /chat}
 * and one at {@code /staff}. Both say what they hear, with their name before it.
 */
public final class TomcatChat {
  private TomcatChat() {}

  /** Prints {@code listening <port>}. */
  public static void main(String[] args) throws Exception {
    Path base = Files.createTempDirectory("tomcat-chat");
    base.toFile().deleteOnExit();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    Connector connector = new Connector();
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", base.toString());
    context.addServletContainerInitializer(new WsSci(), Set.of(Chat.class, Staff.class));
    Tomcat.addServlet(context, "rest", new HttpServlet() {});
    context.addServletMapping("/*", "rest");
    tomcat.start();
    System.out.println("listening " + connector.getLocalPort());
    tomcat.getServer().await();
  }

  /** For everybody. */
  @ServerEndpoint("/chat")
  public static final class Chat {
    /** Says it, too. */
    @OnMessage
    public String heard(String message) {
      return "chat " + message;
    }
  }

  /** Not for everybody. */
  @ServerEndpoint("/staff")
  public static final class Staff {
    /** Says it, too. */
    @OnMessage
    public String heard(String message) {
      return "staff " + message;
    }
  }
}
