namespace FleetMonitor.Anomalies.Series;

/// <summary>
/// One view of a series, with or without a season taken off: where it should be next, where it has been lately and for long, and how rare
/// each of its deviations is against its own past. Memories are in rows.
/// </summary>
internal sealed class Channel(Season? season)
{
    private const double NextMemory = 1.5;
    private const double LateMemory = 8;
    private const double MiddleMemory = 40;
    private const double LongMemory = 400;
    private const double ScaleMemory = 600;
    private const double ClipDeviations = 6;
    private const int LearnsFrom = 15;
    private const int ClipsFrom = 20;
    private const int FreezesFrom = 50;

    private readonly Tail _jumps = new();
    private readonly Tail _extremes = new();
    private readonly Tail _lateShifts = new();
    private readonly Tail _middleShifts = new();
    private readonly Tail _spreads = new();

    private double _rows;
    private double _next;
    private double _late;
    private double _middle;
    private double _long;
    private double _jumpScale;
    private double _longScale;
    private double _restless;

    /// <summary>Mean deviation of the series from season and long level: the smaller, the better this view.</summary>
    public double Error => _longScale;

    /// <summary>Surprise of a value: −log10 of how rare its most surprising aspect is. 0 while nothing is known.</summary>
    /// <param name="floor">The least deviation that counts, so that a constant series has a scale.</param>
    public double Observe(double seconds, double value, double rowsPerHour, double floor)
    {
        if (season is null)
        {
            return Observe(value, floor);
        }

        double? usual = season.At(seconds);
        season.Learn(seconds, value, rowsPerHour, _rows > 0 ? _longScale : 0);
        return usual is null ? 0 : Observe(value - usual.Value, floor);
    }

    /// <summary>The same of a value that its season is taken off already.</summary>
    public double Observe(double y, double floor)
    {
        if (_rows++ == 0)
        {
            _long = _middle = _late = _next = y;
        }

        double jumpScale = Math.Max(_jumpScale, floor);
        double longScale = Math.Max(_longScale, floor);
        double jump = Math.Abs(y - _next);
        double extreme = Math.Abs(y - _long);
        _next += Rate(NextMemory) * (y - _next);
        _late += Rate(LateMemory) * (y - _late);
        _middle += Rate(MiddleMemory) * (y - _middle);
        _restless += Rate(2 * LateMemory) * (Math.Min(jump, 2 * ClipDeviations * jumpScale) - _restless);

        double surprise = Surprise(_jumps, Math.Log(1 + (jump / jumpScale)));
        surprise = Math.Max(surprise, Surprise(_extremes, Math.Log(1 + (extreme / longScale))));
        surprise = Math.Max(surprise, Surprise(_lateShifts, Math.Log(1 + (Math.Abs(_late - _long) / longScale))));
        surprise = Math.Max(surprise, Surprise(_middleShifts, Math.Log(1 + (Math.Abs(_middle - _long) / longScale))));
        surprise = Math.Max(surprise, Surprise(_spreads, Math.Abs(Math.Log(Math.Max(_restless, floor) / jumpScale))));

        double clip = _rows < FreezesFrom ? double.MaxValue : ClipDeviations * longScale;
        _long += Rate(LongMemory) * Math.Clamp(y - _long, -clip, clip);
        _longScale += Rate(ScaleMemory) * (Clipped(extreme, longScale) - _longScale);
        _jumpScale += Rate(ScaleMemory) * (Clipped(jump, jumpScale) - _jumpScale);
        return surprise;
    }

    private double Clipped(double deviation, double scale) =>
        _rows < ClipsFrom ? deviation : Math.Min(deviation, ClipDeviations * scale);

    private double Rate(double memory) => 1 / Math.Min(_rows, memory);

    private double Surprise(Tail tail, double statistic)
    {
        double probability = tail.Probability(statistic);
        if (_rows > LearnsFrom)
        {
            tail.Learn(statistic);
        }

        return -Math.Log10(Math.Max(probability, 1e-30));
    }
}
