using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Simulation.Model;
using FleetMonitor.Simulation.World;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.Engine;

/// <summary>
/// Holds the time series against the naive model, once nothing waits any more: each window's point says what the books say, none is missing and
/// none is made up. What the store will never take stands among the refused points instead, and nothing else does.
/// </summary>
internal sealed class PointCheck(SimulatedStore store, TimeSpan window, Action<string> onViolation)
{
    /// <summary>Windows of a device whose energy is held against the model: that starts from the first reading each time.</summary>
    private const int Sampled = 6;

    private static readonly BigInteger[] PowersOfTen = [.. Enumerable.Range(0, 7).Select(power => BigInteger.Pow(10, power))];

    /// <param name="booksBefore">The books of a device, of its readings before an instant.</param>
    /// <param name="dropped">Points that were let go for want of room: as many may be missing or out of date.</param>
    /// <param name="sitesBill">False where facts have changed: a site's power and energy are those of the facts of their time.</param>
    /// <param name="letGoBefore">A site's window from before that cannot be summed again: what was to be corrected in it may not be.</param>
    public void Check(
        IDiskView view,
        IReadOnlyDictionary<DeviceKey, List<Reading>> readings,
        Func<DeviceKey, Instant, ModelEnergy> booksBefore,
        long dropped,
        bool sitesBill,
        Instant letGoBefore,
        FleetSnapshot fleet)
    {
        List<Point> refused = Refused(view);
        ILookup<(string? Site, string? Device, long Seconds), Point> devices = Newest(store.Points.InOrder.Where(point => point.Measurement == "device"))
            .Concat(refused.Where(point => point.Measurement == "device")).ToLookup(DeviceWindow);
        var off = new List<string>();
        int known = 0;
        foreach ((DeviceKey key, List<Reading> its) in readings)
        {
            SortedDictionary<long, ModelWindow> windows = NaiveWindows.Of(its, window);
            int every = Math.Max(1, windows.Count / Sampled);
            int next = 0;
            foreach ((long start, ModelWindow expected) in windows)
            {
                IEnumerable<Point> points = devices[(key.Site, key.Device, start)];
                known += points.Any() ? 1 : 0;
                bool sampled = next++ % every == 0;
                string right = Describe(expected) + (sampled ? Describe(booksBefore(key, At(start).Plus(window)), booksBefore(key, At(start))) : string.Empty);
                // Of refused points older versions are kept too.
                string[] actual = [.. points.Select(point => Describe(point) + (sampled ? DescribeEnergy(point) : string.Empty))];
                if (!actual.Contains(right))
                {
                    off.Add($"{key} at {At(start)}: {string.Join(" or ", actual)}\nby the model: {right}");
                }
            }

            if (dropped == 0 && windows.Keys.SelectMany(start => devices[(key.Site, key.Device, start)]).ToList() is var all && !all.Any(store.Refuses))
            {
                ModelEnergy books = booksBefore(key, At(windows.Keys.Last()).Plus(window));
                if (Sum(all, "energy_wh", 6) != books.Total && books.Total != 0)
                {
                    off.Add($"{key} sums to {Sum(all, "energy_wh", 6)} µWh, the books to {books.Total}");
                }
            }
        }

        if (off.Count > dropped)
        {
            onViolation($"Points: {off.Count} are off, {dropped} were dropped\n{off[0]}");
        }

        if (devices.Count > known)
        {
            onViolation("Points: a window without readings has a point");
        }

        if (dropped == 0)
        {
            Sites(devices.Where(point => point.Key.Seconds >= letGoBefore.UnixMilliseconds / 1_000).Select(point => point.First()), sitesBill, fleet);
            Anomalies(view, refused);
        }
    }

    /// <summary>A device that changes its role begins another series: of a window in both, the newer counts.</summary>
    private static IEnumerable<Point> Newest(IEnumerable<Point> devices) => devices.GroupBy(DeviceWindow).Select(window => window.Last());

    private static (string? Site, string? Device, long Seconds) DeviceWindow(Point point) => (point.Tag("site"), point.Tag("device"), point.Seconds);

    private static Instant At(long seconds) => new(seconds * 1_000);

    /// <summary>A site's point is the sum of its devices' points.</summary>
    private void Sites(IEnumerable<Point> devices, bool billed, FleetSnapshot fleet)
    {
        var sites = store.Points.InOrder.Where(point => point.Measurement == "site").ToDictionary(point => (point.Tag("site"), point.Seconds));
        foreach (var window in devices.Where(point => !store.Refuses(point)).GroupBy(point => (Site: point.Tag("site"), point.Seconds)))
        {
            if (!sites.TryGetValue(window.Key, out Point? point))
            {
                onViolation($"Points: {window.Key} of {window.Count()} devices has no site point");
                return;
            }

            Site? facts = fleet.Site(window.Key.Site!);
            List<Point> counted =
                [.. window.Where(device => facts is null || NaiveBooks.IsBilled(facts, facts.Devices.GetValueOrDefault(device.Tag("device")!)))];
            string expected = Describe([.. window], counted, billed);
            string actual = Describe([point], [point], billed);
            if (actual != expected)
            {
                onViolation($"Points: the site's {window.Key} says {actual}, its devices sum to {expected}");
                return;
            }
        }
    }

    private static string Describe(List<Point> all, List<Point> counted, bool billed) =>
        $"readings {Sum(all, "readings", 0)} hash rate {Sum(all, "hashrate_mean_ths", 6)}"
        + (billed ? $" power {Sum(counted, "power_mean_w", 3)} energy {Sum(counted, "energy_wh", 6)} estimated {Sum(counted, "estimated_wh", 6)}" : string.Empty);

    /// <summary>Each alert's raising and clearing that was for those outside is told, and nothing else is.</summary>
    private void Anomalies(IDiskView view, List<Point> refused)
    {
        HashSet<string> told = [];
        foreach (AlertEvent happened in view.AlertEvents().Where(happened => happened.Told && happened.Event is "raised" or "cleared"))
        {
            using JsonDocument json = JsonDocument.Parse(happened.Json);
            string? Text(string name) => json.RootElement.GetProperty(name).GetString();
            long at = DateTimeOffset.Parse(Text(happened.Event)!, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
            string? about = json.RootElement.TryGetProperty("group", out JsonElement group) ? group.GetString() : Text("device");
            told.Add($"{Text("site")} {about} {Text("kind")} {at}");
        }

        HashSet<string> points =
        [
            .. store.Points.InOrder.Concat(refused).Where(point => point.Measurement == "anomaly")
                .Select(point => $"{point.Tag("site")} {point.Tag("device")} {point.Tag("kind")} {point.Seconds}"),
        ];
        if (!told.SetEquals(points))
        {
            onViolation($"Points: anomalies {string.Join(", ", told.Except(points))} have none; {string.Join(", ", points.Except(told))} should have none");
        }
    }

    private List<Point> Refused(IDiskView view)
    {
        var refused = new List<Point>();
        foreach (PointReject reject in view.PointRejects())
        {
            string[] lines = Encoding.UTF8.GetString(reject.Lines).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length != reject.Points)
            {
                onViolation($"Points: {reject.Points} refused points are {lines.Length} lines");
            }

            foreach (Point point in lines.Select(Point.Parse))
            {
                if (!store.Refuses(point))
                {
                    onViolation($"Points: {point.Series} {point.Seconds} was given up, and the store would have taken it");
                }

                refused.Add(point);
            }
        }

        return refused;
    }

    private static string Describe(Point point) =>
        $"readings {Number(point, "readings", 0)} power {Number(point, "power_mean_w", 3)} {Number(point, "power_min_w", 3)} {Number(point, "power_max_w", 3)}"
        + $" hash rate {Number(point, "hashrate_mean_ths", 6)} efficiency {Number(point, "efficiency_j_th", 3)}";

    private static string Describe(ModelWindow window) =>
        $"readings {window.Readings} power {window.PowerMean} {window.PowerMin} {window.PowerMax} hash rate {window.HashRateMean} efficiency {window.Efficiency}";

    private static string DescribeEnergy(Point point) => $" energy {Number(point, "energy_wh", 6) ?? 0} estimated {Number(point, "estimated_wh", 6) ?? 0}";

    private static string Describe(ModelEnergy after, ModelEnergy before) => $" energy {after.Total - before.Total} estimated {after.Estimated - before.Estimated}";

    private static BigInteger? Sum(IEnumerable<Point> points, string field, int decimals) => points
        .Select(point => Number(point, field, decimals)).Aggregate((BigInteger?)null, (sum, value) => value is null ? sum : (sum ?? 0) + value);

    /// <summary>A field in units of 10^-<paramref name="decimals"/>; null where the point has none.</summary>
    private static BigInteger? Number(Point point, string field, int decimals)
    {
        if (!point.Fields.TryGetValue(field, out string? text))
        {
            return null;
        }

        string[] parts = text.TrimEnd('i').Split('.');
        BigInteger fraction = parts.Length > 1 ? BigInteger.Parse(parts[1].PadRight(decimals, '0'), CultureInfo.InvariantCulture) : 0;
        BigInteger whole = BigInteger.Abs(BigInteger.Parse(parts[0], CultureInfo.InvariantCulture));
        return (text[0] == '-' ? -1 : 1) * ((whole * PowersOfTen[decimals]) + fraction);
    }
}
