package dev.weft.agent.weaving;

/** What a JDK's {@code java.base} consists of: the running one, or one that a test plays. */
interface JdkClasses {
  /** Whether it has the class. */
  boolean present(String type);

  /** Whether the class has a method of its own, not an inherited one. */
  boolean declares(String type, String method, Class<?>... parameters);

  /** The JDK that runs us. */
  JdkClasses RUNNING =
      new JdkClasses() {
        @Override
        public boolean present(String type) {
          try {
            Class.forName(type, false, null);
            return true;
          } catch (ClassNotFoundException e) {
            return false;
          }
        }

        @Override
        public boolean declares(String type, String method, Class<?>... parameters) {
          try {
            return Class.forName(type, false, null).getDeclaredMethod(method, parameters) != null;
          } catch (ClassNotFoundException | NoSuchMethodException e) {
            return false;
          }
        }
      };
}
