# What the scripts of grounds share; they set name, benchmarks and root, and source this.
classpath=$benchmarks/target/ground.classpath
jar=$benchmarks/target/benchmarks.jar
agent=$root/agent/target/weft-agent.jar
opentelemetry=$benchmarks/target/opentelemetry-javaagent.jar

if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then
  java=$JAVA_HOME/bin/java
elif ! java=$(command -v java); then
  echo "$name: no java found; install a JDK (17 to 25) or set JAVA_HOME" >&2
  exit 127
fi

# Whether the file is there and no source in the given modules is newer.
fresh() {
  built=$1
  shift
  [ -f "$built" ] && [ -f "$classpath" ] || return 1
  for module in "$@"; do
    [ -z "$(find "$root/$module" -path '*/src/main/*' -newer "$built" | head -n 1)" ] || return 1
  done
}

# Builds modules and what they need; more options may follow.
build() {
  modules=$1
  shift
  echo "$name: building" >&2
  (cd "$root" && unset JAVA_TOOL_OPTIONS &&
    mvn -q -B -ntp -DskipTests -Dspotless.check.skip "$@" -pl "$modules" -am package) >&2
}

# The program of a ground, with options of its JVM before it.
run() {
  exec "$java" -cp "$benchmarks/target/classes:$(cat "$classpath")" "$@"
}
