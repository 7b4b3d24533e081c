using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Simulator;

namespace FleetMonitor.Benchmarks.Load;

/// <summary>Native telemetry of a rig of about 3.25 kW that is a function of rig and time alone: it takes next to nothing to make.</summary>
internal sealed class RigPayload
{
    public const int MaxBytes = TelemetryPayload.MaxBytes;

    // Of a steady 3.25 kW, since a time long gone; each rig began elsewhere.
    private const long MicrowattHoursPerNineMilliseconds = 8_125;
    private const long Since = 1_700_000_000_000;

    private readonly TelemetryPayload _encoder = new();

    public static byte[] Topic(int device) => Encoding.UTF8.GetBytes(TelemetryPayload.Topic("site-1", $"rig-{device + 1}"));

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
