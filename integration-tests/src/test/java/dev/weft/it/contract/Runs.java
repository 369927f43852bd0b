package dev.weft.it.contract;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** The runs of the libraries that a class of stories is for. */
final class Runs implements ArgumentsProvider {
  @Override
  public Stream<? extends Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    List<Library> wanted = libraries(context.getRequiredTestClass());
    return Libraries.runs().filter(run -> wanted.contains(run.library())).map(Arguments::of);
  }

  /** The libraries of a class of stories. */
  static List<Library> libraries(Class<?> stories) {
    List<String> names = Arrays.asList(stories.getAnnotation(Clients.class).value());
    List<Library> found =
        Libraries.all().stream().filter(library -> names.contains(library.name())).toList();
    if (found.size() != names.size()) {
      throw new IllegalStateException("unknown library among " + names);
    }
    return found;
  }
}
