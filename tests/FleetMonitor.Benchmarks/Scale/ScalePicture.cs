using FleetMonitor.Benchmarks.Reporting;

namespace FleetMonitor.Benchmarks.Scale;

/// <summary>The curve as a picture: cost, memory and commit latency by number of devices.</summary>
internal static class ScalePicture
{
    private static readonly (string Name, string Colour, bool IsDashed, Func<ScalePoint, bool> Is)[] Curves =
    [
        ("5,000 readings/s, through mosquitto", "#1b6ca8", false, point => point is { Mode: ScaleMode.FixedRate, ThroughBroker: true }),
        ("5,000 readings/s, in process", "#1b6ca8", true, point => point is { Mode: ScaleMode.FixedRate, ThroughBroker: false }),
        ("every 10 s, through mosquitto", "#c2571a", false, point => point is { Mode: ScaleMode.FixedInterval, ThroughBroker: true }),
        ("every 10 s, in process", "#c2571a", true, point => point is { Mode: ScaleMode.FixedInterval, ThroughBroker: false }),
    ];

    public static string Draw(IReadOnlyList<ScalePoint> points)
    {
        var cpu = new Panel("CPU seconds per million readings", [.. Of(points, point => point.Cpu.Median), Subscriber(points)]);
        var memory = new Panel("resident memory, MB", Of(points, point => point.ResidentMegabytes));
        var commit = new Panel("commit, mean, ms", Of(points, point => point.CommitMilliseconds.Median));
        return LineChart.Draw("From a thousand to a million devices", "devices", [cpu, memory, commit]);
    }

    private static Curve[] Of(IReadOnlyList<ScalePoint> points, Func<ScalePoint, double> figure) =>
    [
        .. Curves.Select(curve => new Curve(
            curve.Name, curve.Colour, curve.IsDashed, [.. points.Where(curve.Is).Select(point => (point.Devices, figure(point)))])),
    ];

    private static Curve Subscriber(IReadOnlyList<ScalePoint> points) => new(
        "mosquitto_sub beside it, 5,000 readings/s",
        "#777777",
        false,
        [.. points.Where(point => point is { Mode: ScaleMode.FixedRate, SubscriberCpu: not null }).Select(point => ((double)point.Devices, point.SubscriberCpu!.Value.Median))]);
}
