namespace FleetMonitor.Anomalies.Series;

/// <param name="Score">0 to 1, how unusual; <see cref="SeriesDetector.FlagFrom"/> and more only where something unusual begins.</param>
/// <param name="Flag">True at the beginning of something unusual; not again until the refractory period is over or it gets much worse.</param>
public readonly record struct SeriesScore(double Score, bool Flag);

/// <summary>
/// Streaming anomaly detector for any numeric series, with one fixed set of parameters and constant memory (about 25 KB). Four views of
/// the series (as it is, less what it did a period ago, less its hours of the day, less its hours of the week) are kept side by side; the one that leaves the smallest
/// residual speaks. Its surprise is that of the most unusual of: the step from the last rows, the distance from the long level, the shift
/// of two shorter levels, and the change of restlessness (bursts and flat lines), each against its own past.
/// </summary>
public sealed class SeriesDetector
{
    public const double FlagFrom = 0.5;

    // One row in a thousand, for each of five statistics that mostly move together.
    private const double FlagSurprise = 3.0;
    private const int Probation = 200;
    private const int Refractory = 80;
    private const double Worse = 2.0;
    private const double MutedFrom = 0.4;
    private const double MutedShare = 0.15;
    private const double FewRows = 0.05;
    private const double ValueLimit = 1e150;
    private const double RelativeFloor = 1e-6;
    private const double LeastFloor = 1e-150;
    private const double SecondsPerHour = 3600;
    private const double SecondsPerDay = 86_400;
    private const double SeasonNeedsRowsPerHour = 0.4;
    private const double DailyFromDays = 3;
    private const double WeeklyFromDays = 15;
    private const double EchoFromRows = 900;
    private const double EchoPays = 0.5;
    private const double DailyPays = 0.8;
    private const double WeeklyPays = 0.9;

    private readonly Channel _plain = new(null);
    private readonly Channel _daily = new(new Season(24));
    private readonly Channel _weekly = new(new Season(168));
    private readonly Channel _echoed = new(null);
    private readonly Echo _echo = new();
    private double _first = double.NaN;
    private double _last = double.NaN;
    private double _interval;
    private double _size;
    private long _rows;
    private int _quiet;
    private double _peak;

    /// <summary>Takes the next row. A value that is not finite is missing: it scores 0 and teaches nothing.</summary>
    /// <param name="seconds">Time, in seconds since 1970 or any other midnight.</param>
    public SeriesScore Observe(double seconds, double value)
    {
        if (!double.IsFinite(value) || !double.IsFinite(seconds))
        {
            return default;
        }

        value = Math.Clamp(value, -ValueLimit, ValueLimit);
        LearnInterval(seconds);
        _rows++;
        _size += (Math.Abs(value) - _size) / Math.Min(_rows, 1000);
        double surprise = Surprise(seconds, value, Math.Max(RelativeFloor * _size, LeastFloor));

        // A few rows cannot show that something is rare.
        return Decide(Math.Max(0, -Math.Log10(Math.Pow(10, -surprise) + (FewRows / _rows))));
    }

    private double Surprise(double seconds, double value, double floor)
    {
        (double surprise, double error) = BySeason(seconds, value, floor);
        double echoed = _echo.Next is { } next ? _echoed.Observe(value - next, floor) : 0;
        _echo.Learn(value);
        return _rows > EchoFromRows && _echoed.Error < EchoPays * error ? echoed : surprise;
    }

    private (double Surprise, double Error) BySeason(double seconds, double value, double floor)
    {
        double rowsPerHour = _interval > 0 ? SecondsPerHour / _interval : 0;
        double surprise = _plain.Observe(seconds, value, rowsPerHour, floor);
        double error = _plain.Error;
        if (rowsPerHour < SeasonNeedsRowsPerHour)
        {
            return (surprise, error);
        }

        double days = (seconds - _first) / SecondsPerDay;
        double daily = _daily.Observe(seconds, value, rowsPerHour, floor);
        double weekly = _weekly.Observe(seconds, value, rowsPerHour, floor);
        if (days > DailyFromDays && _daily.Error < DailyPays * error)
        {
            (surprise, error) = (daily, _daily.Error);
        }

        return days > WeeklyFromDays && _weekly.Error < WeeklyPays * error ? (weekly, _weekly.Error) : (surprise, error);
    }

    private void LearnInterval(double seconds)
    {
        if (double.IsNaN(_first))
        {
            _first = seconds;
        }

        double elapsed = seconds - _last;
        if (elapsed > 0)
        {
            _interval = _interval == 0 ? elapsed : _interval + (0.05 * (Math.Clamp(elapsed, _interval / 4, _interval * 4) - _interval));
        }

        _last = seconds;
    }

    private SeriesScore Decide(double surprise)
    {
        double score = 1 - Math.Pow(2, -surprise / FlagSurprise);
        if (_rows < Probation)
        {
            return new SeriesScore(Muted(score) * _rows / Probation, false);
        }

        _quiet = Math.Max(0, _quiet - 1);
        if (score >= FlagFrom && (_quiet == 0 || surprise > Worse * _peak))
        {
            _quiet = Refractory;
            _peak = surprise;
            return new SeriesScore(score, true);
        }

        return new SeriesScore(Muted(score), false);
    }

    /// <summary>Below what is flagged, and still in order: the rest of an anomaly scores above what is normal.</summary>
    private static double Muted(double score) =>
        score < MutedFrom ? score : MutedFrom + (MutedShare * (score - MutedFrom));
}
