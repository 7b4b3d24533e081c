using FleetMonitor.Benchmarks.InProcess;
using FleetMonitor.Benchmarks.Load;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Benchmarks.Baselines;

/// <summary>What decoding one message takes: processor time and allocation of the thread that does it.</summary>
internal sealed record DecodeCost(double Nanoseconds, double Bytes);

/// <summary>The same messages through the service's decoder and through a naive one, in turns.</summary>
internal sealed class DecodeComparison
{
    private readonly byte[][] _topics;
    private readonly byte[][] _payloads;
    private readonly Instant _now = new(1_763_719_200_000);
    private readonly TelemetryDecoder _decoder = new(
        ProfileSet.Shipped, () => FleetSnapshot.Empty, new DecodeOptions { DefaultTimeZone = TimeZoneInfo.Utc });

    public DecodeComparison(int messages)
    {
        var rig = new RigPayload();
        byte[] bytes = new byte[RigPayload.MaxBytes];
        _topics = [.. Enumerable.Range(0, messages).Select(RigPayload.Topic)];
        _payloads = [.. Enumerable.Range(0, messages).Select(device => bytes[..rig.Write(device, new Instant(_now.UnixMilliseconds - device), bytes)])];
    }

    public double PayloadBytes => _payloads.Average(payload => payload.Length);

    /// <summary>Decodes each message by both. The first turns, in which code is compiled, do not count.</summary>
    public (IReadOnlyList<DecodeCost> Ours, IReadOnlyList<DecodeCost> Naive) Measure(int turns, int warmUp)
    {
        List<DecodeCost> ours = [];
        List<DecodeCost> naive = [];
        for (int turn = -warmUp; turn < turns; turn++)
        {
            DecodeCost one = Measure(i => Ours(i).Reading.Power.Milliwatts);
            DecodeCost other = Measure(i => NaiveDecoder.Decode(_topics[i], _payloads[i]).Reading.Power.Milliwatts);
            if (turn >= 0)
            {
                ours.Add(one);
                naive.Add(other);
            }
        }

        return (ours, naive);
    }

    /// <summary>The comparison is of the same work only where both find the same.</summary>
    /// <exception cref="InvalidOperationException">They do not.</exception>
    public void Check()
    {
        for (int i = 0; i < _payloads.Length; i++)
        {
            DecodedMessage message = Ours(i);
            if (NaiveDecoder.Decode(_topics[i], _payloads[i]) != (message.Site, message.Device, message.Reading))
            {
                throw new InvalidOperationException($"The decoders differ: {System.Text.Encoding.UTF8.GetString(_payloads[i])}");
            }
        }
    }

    private DecodedMessage Ours(int i) => _decoder.Decode(_topics[i], _payloads[i], _now, out DecodedMessage message) == DecodeOutcome.Reading
        ? message
        : throw new InvalidOperationException(message.Refusal?.ToString());

    private DecodeCost Measure(Func<int, long> decode)
    {
        long sum = 0;
        (double cpu, long bytes) = (ThreadCpu.Seconds(), GC.GetAllocatedBytesForCurrentThread());
        for (int i = 0; i < _payloads.Length; i++)
        {
            sum += decode(i);
        }

        (cpu, bytes) = (ThreadCpu.Seconds() - cpu, GC.GetAllocatedBytesForCurrentThread() - bytes);
        GC.KeepAlive(sum);
        return new DecodeCost(cpu * 1e9 / _payloads.Length, (double)bytes / _payloads.Length);
    }
}
