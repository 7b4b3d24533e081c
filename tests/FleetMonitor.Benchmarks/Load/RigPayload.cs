using System.Globalization;
using System.Text.Unicode;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Simulator;

namespace FleetMonitor.Benchmarks.Load;

/// <summary>Native telemetry of a rig of about 3.25 kW that is a function of rig and time alone: it takes next to nothing to make.</summary>
internal sealed class RigPayload
{
    public const int MaxBytes = TelemetryPayload.MaxBytes;
    public const int MaxTopicBytes = 64;

    // Of a steady 3.25 kW, since a time long gone; each rig began elsewhere.
    private const long MicrowattHoursPerNineMilliseconds = 8_125;
    private const long Since = 1_700_000_000_000;

    private readonly TelemetryPayload _encoder = new();

    public static byte[] Topic(int device)
    {
        Span<byte> topic = stackalloc byte[MaxTopicBytes];
        return topic[..WriteTopic(device, topic)].ToArray();
    }

    /// <returns>The number of bytes written.</returns>
    public static int WriteTopic(int device, Span<byte> target) =>
        Utf8.TryWrite(target, CultureInfo.InvariantCulture, $"fleet/site-1/rig-{device + 1}/telemetry", out int written)
            ? written
            : throw new ArgumentException("A topic needs more room.", nameof(target));

    /// <returns>The number of bytes written.</returns>
    public int Write(int device, Instant at, Span<byte> target)
    {
        // A wave without a period worth mentioning, so that no two readings are the same.
        long wave = ((device * 31L) + (at.UnixMilliseconds * 17)) % 1_009;
        var sample = new SimulatedSample
        {
            Device = device,
            SampledAt = at,
            Timestamp = at,
            Power = new Power(3_200_000 + (wave * 100)),
            Register = new Energy((device * 1_000_000L) + ((at.UnixMilliseconds - Since) * MicrowattHoursPerNineMilliseconds / 9)),
            HashRate = new HashRate(110_000_000 + (wave * 2_000)),
            Temperature = new Temperature(61_000 + (int)wave),
            Mining = true,
            DrawnMilliwattMilliseconds = 0,
        };
        return _encoder.Write(sample, target);
    }
}
