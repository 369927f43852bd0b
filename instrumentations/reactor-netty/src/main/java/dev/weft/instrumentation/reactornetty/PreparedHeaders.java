package dev.weft.instrumentation.reactornetty;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map.Entry;

/**
 * Headers of a request as the library hands it to the application, so that what the application did
 * to them can be done again to those of an attempt. Immutable.
 */
final class PreparedHeaders {
  static final PreparedHeaders NONE = new PreparedHeaders(List.of());

  /** Names and values by turns: a copy that costs little, for one is made of each request. */
  private final List<CharSequence> fields;

  private PreparedHeaders(List<CharSequence> fields) {
    this.fields = fields;
  }

  static PreparedHeaders of(HttpHeaders headers) {
    CharSequence[] list = new CharSequence[2 * headers.size()];
    int i = 0;
    Iterator<Entry<CharSequence, CharSequence>> fields = headers.iteratorCharSequence();
    while (fields.hasNext()) {
      Entry<CharSequence, CharSequence> field = fields.next();
      list[i++] = field.getKey();
      list[i++] = field.getValue();
    }
    return new PreparedHeaders(Arrays.asList(list));
  }

  /**
   * Does it again.
   *
   * @param written what the application has left
   * @param target as the library prepared it for the attempt
   */
  void restore(HttpHeaders written, HttpHeaders target) {
    if (isSame(written)) {
      return;
    }
    if (isSame(target)) {
      target.set(written);
    } else {
      merge(written, target); // doOnRequest was there
    }
  }

  private void merge(HttpHeaders written, HttpHeaders target) {
    HttpHeaders before = new DefaultHttpHeaders(false);
    for (int i = 0; i < fields.size(); i += 2) {
      before.add(fields.get(i), fields.get(i + 1));
    }
    for (String name : written.names()) {
      List<String> values = written.getAll(name);
      if (!values.equals(before.getAll(name))) {
        target.set(name, values);
      }
    }
    for (String name : before.names()) {
      if (!written.contains(name)) {
        target.remove(name);
      }
    }
  }

  private boolean isSame(HttpHeaders headers) {
    if (2 * headers.size() != fields.size()) {
      return false;
    }
    int i = 0;
    Iterator<Entry<CharSequence, CharSequence>> others = headers.iteratorCharSequence();
    while (others.hasNext()) {
      Entry<CharSequence, CharSequence> other = others.next();
      if (!AsciiString.contentEquals(other.getKey(), fields.get(i))
          || !AsciiString.contentEquals(other.getValue(), fields.get(i + 1))) {
        return false;
      }
      i += 2;
    }
    return true;
  }
}
