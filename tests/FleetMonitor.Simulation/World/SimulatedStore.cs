using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Influx;

namespace FleetMonitor.Simulation.World;

/// <summary>How a store speaks of points that it will never take.</summary>
internal enum StoreKind
{
    /// <summary>Writes the others, and says how many it dropped.</summary>
    InfluxDb1,

    /// <summary>Writes none of the request, and quotes the first bad line.</summary>
    InfluxDb2,

    /// <summary>Writes the others, and numbers the bad lines.</summary>
    InfluxDb3,

    /// <summary>Writes none of the request, and says nothing of use.</summary>
    Terse,
}

/// <summary>How a store answers for a while.</summary>
internal enum StoreMood
{
    Well,

    /// <summary>Out of reach.</summary>
    Away,

    /// <summary>Writes, and the answer is lost.</summary>
    Unanswered,

    /// <summary>Writes the first half, and dies.</summary>
    HalfWritten,

    /// <summary>Two requests of three fail, one of them after it was written.</summary>
    Flaky,

    /// <summary>Asks to be left alone for half a minute.</summary>
    Busy,

    /// <summary>No longer knows the token.</summary>
    Denying,

    /// <summary>Takes a few points at a time.</summary>
    Small,
}

/// <param name="RefusesEvery">Of so many minutes it never takes the points of one; 0 where it takes all.</param>
/// <param name="OutboxBytes">How much the service may keep for it.</param>
internal sealed record StoreTraits(StoreKind Kind, int RefusesEvery, long OutboxBytes);

/// <summary>A time-series store: a point with the series and time of another adds to its fields, and replaces those that it has too.</summary>
internal sealed class SimulatedStore(StoreTraits traits) : IPointSink
{
    private const int FewPoints = 3;

    private int _requests;

    /// <summary>How the service is told of it.</summary>
    public InfluxSettings Settings { get; } = new(
        new Uri("http://store"), "builtin", InfluxApi.V2, "org", "bucket", "token", null, null, traits.OutboxBytes, TimeSpan.FromSeconds(10));

    public StoreMood Mood { get; set; }

    public StoredPoints Points { get; } = new();

    public long Troubles { get; private set; }

    public bool Refuses(Point point) => traits.RefusesEvery > 0 && point.Seconds / 60 % traits.RefusesEvery == 0;

    public Task<PointAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        string[] sent = Encoding.UTF8.GetString(lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        PointAnswer answer = Answer(sent, ++_requests);
        Troubles += answer.Verdict == PointVerdict.Taken ? 0 : 1;
        return Task.FromResult(answer);
    }

    private PointAnswer Answer(string[] sent, int request)
    {
        StoreMood mood = (Mood, request % 3) switch
        {
            (StoreMood.Flaky, 0) => StoreMood.Away,
            (StoreMood.Flaky, 1) => StoreMood.Unanswered,
            _ => Mood,
        };
        switch (mood)
        {
            case StoreMood.Away:
                return Lost;
            case StoreMood.Unanswered:
                Take(sent);
                return Lost;
            case StoreMood.HalfWritten:
                Take(sent[..(sent.Length / 2)]);
                return Lost;
            case StoreMood.Busy:
                return InfluxAnswers.Of(503, """{"code":"unavailable","message":"busy"}""", TimeSpan.FromSeconds(30), Settings);
            case StoreMood.Denying:
                return InfluxAnswers.Of(401, """{"code":"unauthorized","message":"unauthorized access"}""", null, Settings);
            case StoreMood.Small when sent.Length > FewPoints:
                return InfluxAnswers.Of(413, string.Empty, null, Settings);
            default:
                return Take(sent) is { } refusal ? InfluxAnswers.Of(400, refusal, null, Settings) : new PointAnswer(PointVerdict.Taken);
        }
    }

    private static PointAnswer Lost => new(PointVerdict.Unavailable, "http://store is out of reach: no answer within 10 s");

    /// <returns>What it says of bad lines; null where there are none.</returns>
    private string? Take(string[] sent)
    {
        int[] bad = [.. Enumerable.Range(0, sent.Length).Where(i => Refuses(Point.Parse(sent[i])))];
        if (bad.Length == 0 || traits.Kind is StoreKind.InfluxDb1 or StoreKind.InfluxDb3)
        {
            foreach (string line in sent.Where((_, i) => !bad.Contains(i)))
            {
                Points.Write(Point.Parse(line));
            }
        }

        return bad.Length == 0 ? null : traits.Kind switch
        {
            StoreKind.InfluxDb1 => Json(("error", $"partial write: points beyond retention policy dropped={bad.Length}")),
            StoreKind.InfluxDb2 => Json(("code", "invalid"), ("message", $"unable to parse '{sent[bad[0]]}': bad timestamp")),
            StoreKind.InfluxDb3 => Json(
                ("error", "partial write of line protocol occurred"),
                ("data", bad.Select(i => new { original_line = sent[i], line_number = i + 1, error_message = "bad timestamp" }))),
            _ => Json(("error", "bad request")),
        };
    }

    private static string Json(params (string Name, object Value)[] members) =>
        JsonSerializer.Serialize(members.ToDictionary(member => member.Name, member => member.Value));
}

/// <summary>One line, taken apart.</summary>
/// <param name="Series">Measurement and tags as they were written.</param>
/// <param name="Fields">As they were written; an anomaly's are one, its text may hold anything.</param>
internal sealed record Point(string Series, IReadOnlyDictionary<string, string> Fields, long Seconds)
{
    public string Measurement => Series[..Series.IndexOf(',', StringComparison.Ordinal)];

    public static Point Parse(string line)
    {
        // The first space that is not a tag's own, as one of "feeder rig-0" is.
        int head = 1 + Enumerable.Range(0, line.Length).First(i => line[i + 1] == ' ' && line[i] != '\\');
        int tail = line.LastIndexOf(' ');
        string series = line[..head];
        string fields = line[(head + 1)..tail];
        Dictionary<string, string> taken = series.StartsWith("anomaly,", StringComparison.Ordinal)
            ? new() { ["all"] = fields }
            : fields.Split(',').Select(field => field.Split('=')).ToDictionary(field => field[0], field => field[1]);
        return new Point(series, taken, long.Parse(line[(tail + 1)..], CultureInfo.InvariantCulture));
    }

    /// <returns>Null where it has no such tag.</returns>
    public string? Tag(string name) => Series.Split(',').Skip(1)
        .Select(tag => tag.Split('=')).Where(tag => tag[0] == name).Select(tag => tag[1].Replace("\\ ", " ", StringComparison.Ordinal)).FirstOrDefault();
}

/// <summary>Points by series and time, in the order of their last writing.</summary>
internal sealed class StoredPoints
{
    private readonly Dictionary<(string Series, long Seconds), (long Written, Point Point)> _points = [];
    private long _writes;

    public IEnumerable<Point> InOrder => _points.Values.OrderBy(point => point.Written).Select(point => point.Point);

    public void Write(Point point)
    {
        (string, long) key = (point.Series, point.Seconds);
        if (_points.TryGetValue(key, out (long Written, Point Point) before))
        {
            var fields = before.Point.Fields.ToDictionary();
            foreach ((string name, string value) in point.Fields)
            {
                fields[name] = value;
            }

            point = point with { Fields = fields };
        }

        _points[key] = (++_writes, point);
    }
}
