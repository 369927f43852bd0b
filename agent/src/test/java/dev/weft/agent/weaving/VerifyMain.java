package dev.weft.agent.weaving;

/** Links the classes that it is told, in a JVM that verifies the JDK's own classes too. */
final class VerifyMain {
  private VerifyMain() {}

  /** Prints how many passed; a class that does not ends the JVM with its {@code VerifyError}. */
  public static void main(String[] types) throws ClassNotFoundException {
    for (String type : types) {
      Class.forName(type, true, null);
    }
    System.out.println("verified " + types.length);
  }
}
