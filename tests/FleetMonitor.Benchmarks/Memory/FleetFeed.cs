using System.Globalization;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Benchmarks.Memory;

/// <summary>
/// Messages of a fleet that remembers nothing of its devices, so that what grows is the service's: four fields, 1 % noise, ±50 ms jitter, a
/// register in tenths of a watt-hour. Devices take their turns within an interval; a message is made from who and when alone.
/// </summary>
internal sealed class FleetFeed(int devices, TimeSpan interval)
{
    /// <summary>Without a fleet file a site has no more room than 100,000.</summary>
    private const int DevicesPerSite = 50_000;

    /// <summary>A prime, so that every device has its turn.</summary>
    private const int Stride = 15_485_863;

    private readonly byte[] _memory = new byte[1024 * 1024];
    private readonly List<RawMessage> _messages = [];

    public static Instant Start { get; } = Instant.From(new DateTimeOffset(2026, 11, 20, 3, 0, 0, TimeSpan.Zero));

    /// <summary>The messages of some devices in one round of the interval, in no order that memory is in; theirs until the next call.</summary>
    public IReadOnlyList<RawMessage> Of(int round, int firstTurn, int count)
    {
        _messages.Clear();
        int used = 0;
        for (int turn = firstTurn; turn < firstTurn + count; turn++)
        {
            int device = (int)((long)turn * Stride % devices);
            int topic = Topic(device, _memory.AsSpan(used));
            int payload = Payload(device, At(round, turn), round, _memory.AsSpan(used + topic));
            _messages.Add(new RawMessage(
                _memory.AsMemory(used, topic), _memory.AsMemory(used + topic, payload), At(round, turn), 1, Redelivered: false, DeliveredAsRetained: false));
            used += topic + payload;
        }

        return _messages;
    }

    private Instant At(int round, int turn) =>
        Start.Plus(TimeSpan.FromTicks((interval.Ticks * round) + (interval.Ticks / devices * turn)));

    private static int Topic(int device, Span<byte> into)
    {
        Utf8Write(into, out int written, $"fleet/site-{device / DevicesPerSite}/rig-{device:000000}/telemetry");
        return written;
    }

    private int Payload(int device, Instant turn, int round, Span<byte> into)
    {
        ulong noise = Mix(((ulong)device << 32) | (uint)round);
        long at = turn.UnixMilliseconds - 50 + (long)(noise % 101);
        double power = 3250 * Share(noise, 8);
        double energy = (device * 1000.0) + (3250 * interval.TotalHours * (round + (Share(noise, 18) / 100)));
        double hash = 110 * Share(noise, 28);
        double degrees = 61 * Share(noise, 38);
        Utf8Write(
            into, out int written, $$"""{"ts":{{at}},"power_w":{{power:F1}},"energy_wh":{{energy:F1}},"hashrate_ths":{{hash:F1}},"temp_c":{{degrees:F1}}}""");
        return written;
    }

    /// <summary>One, and up to a hundredth more or less.</summary>
    private static double Share(ulong noise, int shift) => 0.99 + (((noise >> shift) & 1023) / 51_150.0);

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    private static void Utf8Write(
        Span<byte> into, out int written, [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument("into")] ref System.Text.Unicode.Utf8.TryWriteInterpolatedStringHandler text)
    {
        if (!System.Text.Unicode.Utf8.TryWrite(into, CultureInfo.InvariantCulture, ref text, out written))
        {
            throw new InvalidOperationException("A message is longer than its buffer.");
        }
    }
}
