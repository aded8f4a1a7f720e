package dev.pgetl.forecast;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the WAL that a slot holds grows. Immutable.
 *
 * <p>A slot that is read advances in steps, about every 15 seconds: between them it holds more from
 * sample to sample, although it does not fall behind. Its growth is that of what it holds right
 * after a step, and counts only if it exceeds what one step releases.
 *
 * @param bytesPerSecond the faster of the growth in a short and in a long window; not above 0 if it
 *     holds no more than before
 * @param peakBytes how much it is going to hold before the next step
 */
record Growth(double bytesPerSecond, long peakBytes) {
  /** The fewest points that have a slope which is more than their noise. */
  private static final int FEWEST = 3;

  /** How long a slot that is read may take for a step, and how many samples at least. */
  private static final Duration STEP_LIMIT = Duration.ofSeconds(40);

  private static final int STEP_SAMPLES = 3;

  /** The steps that show how much one releases. */
  private static final int LAST_STEPS = 6;

  /**
   * In the near window the weight of a point falls to a third from one sample to the one before it,
   * or over some steps: the first sample after a step comes sooner or later.
   */
  private static final int NEAR_STEPS = 5;

  private static final double FAR_SECONDS = 600;

  /** How much a slot held, and when. */
  private record Point(Instant time, long bytes) {
    private static Point of(SlotSample sample) {
      return new Point(sample.time(), sample.retainedBytes());
    }

    private double secondsSince(Point earlier) {
      return Duration.between(earlier.time, time).toNanos() / 1e9;
    }
  }

  /**
   * {@return the growth, if the samples suffice to see it}
   *
   * @param samples at least one, in the order of their times
   */
  static Optional<Growth> of(List<SlotSample> samples) {
    int last = samples.size() - 1;
    int step = lastStep(samples);
    if (isRecent(samples, step)) {
      return ofSteps(samples);
    }
    List<Point> since = samples.subList(step, last + 1).stream().map(Point::of).toList();
    return Optional.of(new Growth(fasterOf(since, 0), since.get(since.size() - 1).bytes));
  }

  private static boolean isStep(List<SlotSample> samples, int index) {
    return index > 0
        && samples.get(index).restartLsn().isAfter(samples.get(index - 1).restartLsn());
  }

  /** {@return the first sample after the last step; the first of all if none was seen} */
  private static int lastStep(List<SlotSample> samples) {
    int step = samples.size() - 1;
    while (step > 0 && !isStep(samples, step)) {
      step--;
    }
    return step;
  }

  /** {@return whether the next step may still come} */
  private static boolean isRecent(List<SlotSample> samples, int step) {
    int last = samples.size() - 1;
    Duration age = Duration.between(samples.get(step).time(), samples.get(last).time());
    return age.compareTo(STEP_LIMIT) <= 0 || last - step < STEP_SAMPLES;
  }

  private static Optional<Growth> ofSteps(List<SlotSample> samples) {
    List<Point> steps = new ArrayList<>();
    List<Long> released = new ArrayList<>();
    for (int i = 1; i < samples.size(); i++) {
      if (isStep(samples, i)) {
        steps.add(Point.of(samples.get(i)));
        released.add(samples.get(i).restartLsn().bytesSince(samples.get(i - 1).restartLsn()));
      }
    }
    if (steps.size() < FEWEST) {
      return Optional.empty();
    }
    int first = Math.max(0, released.size() - LAST_STEPS);
    long release =
        released.subList(first, released.size()).stream().mapToLong(x -> x).max().orElseThrow();
    long peak = steps.get(steps.size() - 1).bytes + release;
    return Optional.of(new Growth(fasterOf(steps, release), peak));
  }

  /** {@return the faster slope; 0 if the growth is not more than noise, in any window} */
  private static double fasterOf(List<Point> points, long noise) {
    double spacing = span(points) / (points.size() - 1);
    double nearSeconds = noise > 0 ? NEAR_STEPS * spacing : spacing;
    double farSeconds = Math.max(FAR_SECONDS, nearSeconds);
    double near = slope(points, nearSeconds);
    double far = slope(points, farSeconds);
    boolean nearCounts = near * Math.min(span(points), FEWEST * nearSeconds) > noise;
    boolean farCounts = far * Math.min(span(points), FEWEST * farSeconds) > noise;
    return Math.max(nearCounts ? near : 0, farCounts ? far : 0);
  }

  private static double span(List<Point> points) {
    return points.get(points.size() - 1).secondsSince(points.get(0));
  }

  /** {@return the slope of the line through the points, whose weights fall with their age} */
  private static double slope(List<Point> points, double fallSeconds) {
    Point last = points.get(points.size() - 1);
    double weights = 0;
    double times = 0;
    double values = 0;
    double squares = 0;
    double products = 0;
    for (Point point : points) {
      double time = -last.secondsSince(point);
      double value = point.bytes - last.bytes;
      double weight = Math.exp(time / fallSeconds);
      weights += weight;
      times += weight * time;
      values += weight * value;
      squares += weight * time * time;
      products += weight * time * value;
    }
    double spread = weights * squares - times * times;
    return spread > 0 ? (weights * products - times * values) / spread : 0;
  }
}
