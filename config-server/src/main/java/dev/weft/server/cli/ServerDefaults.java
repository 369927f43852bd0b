package dev.weft.server.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What an option of {@code server} is when the command line does not say: the environment's {@code
 * WEFT_SERVER_<OPTION>}, else the key of that name in the YAML file of {@code --config}.
 */
final class ServerDefaults implements IDefaultValueProvider {
  private static final String PREFIX = "WEFT_SERVER_";
  private static final String CONFIG = "--config";

  private final Map<String, String> environment;
  private final @Nullable String file;
  private @Nullable Map<String, String> fromFile;

  ServerDefaults(Map<String, String> environment, String... arguments) {
    this.environment = environment;
    this.file = configFile(environment, arguments);
  }

  /** The file must be known before picocli reads the options that it gives defaults to. */
  private static @Nullable String configFile(Map<String, String> environment, String... arguments) {
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].startsWith(CONFIG + "=")) {
        return arguments[i].substring(CONFIG.length() + 1);
      }
      if (arguments[i].equals(CONFIG) && i + 1 < arguments.length) {
        return arguments[i + 1];
      }
    }
    return environment.get(PREFIX + "CONFIG");
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
      return null;
    }
    String name = option.longestName().substring("--".length());
    String variable = PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
    String value = environment.get(variable);
    if (value != null || option.longestName().equals(CONFIG)) {
      return value;
    }
    return file(argument.command().commandLine()).get(name);
  }

  private Map<String, String> file(CommandLine command) {
    Map<String, String> known = fromFile;
    if (known != null) {
      return known;
    }
    Map<String, String> read = new LinkedHashMap<>();
    if (file != null) {
      Set<String> names = new TreeSet<>();
      command
          .getCommandSpec()
          .options()
          .forEach(option -> names.add(option.longestName().substring("--".length())));
      for (Map.Entry<?, ?> entry : yaml(command, file).entrySet()) {
        String key = String.valueOf(entry.getKey());
        if (!names.contains(key)) {
          throw new CommandLine.ParameterException(
              command, file + ": unknown key \"" + key + "\"; expected one of " + names);
        }
        if (entry.getValue() != null) {
          read.put(key, String.valueOf(entry.getValue()));
        }
      }
    }
    fromFile = read;
    return read;
  }

  private static Map<?, ?> yaml(CommandLine command, String file) {
    try {
      LoaderOptions strict = new LoaderOptions();
      strict.setAllowDuplicateKeys(false);
      Object tree = new Yaml(new SafeConstructor(strict)).load(Files.readString(Path.of(file)));
      if (tree instanceof Map<?, ?> map) {
        return map;
      }
      throw new CommandLine.ParameterException(
          command, file + ": expected keys and values such as listen: 0.0.0.0:15010");
    } catch (IOException | YAMLException e) {
      throw new CommandLine.ParameterException(command, file + ": " + e.getMessage(), e);
    }
  }
}
