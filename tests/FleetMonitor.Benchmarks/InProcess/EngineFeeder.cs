using System.Diagnostics;
using FleetMonitor.Benchmarks.Load;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Benchmarks.InProcess;

/// <summary>
/// Hands readings to the pipeline of a running service in batches as its sources do, from one thread, and knows what processor time it took
/// itself. It remembers nothing of the devices: what memory they take is the service's.
/// </summary>
internal sealed class EngineFeeder(Engine engine, SteppedClock? clock, int devices)
{
    // What fits into the 64 KiB that a source reads at once.
    private const int MostInBatch = 320;
    private const int BatchesBetweenLooks = 16;

    /// <summary>As long as a broker's connection lets messages gather.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    private readonly RigPayload _payload = new();
    private readonly byte[] _bytes = new byte[RigPayload.MaxBytes];
    private readonly byte[] _topic = new byte[RigPayload.MaxTopicBytes];
    private int _next;

    /// <summary>Processor seconds of <c>ReceiveAsync</c> on this thread, which are the service's and not the feeder's.</summary>
    public double Received { get; private set; }

    private static Instant RealNow => Instant.From(DateTimeOffset.UtcNow);

    /// <summary>Rounds over all devices as fast as they are committed; with a stepped clock they are <paramref name="step"/> apart, and time passes
    /// in steps of at most five seconds.</summary>
    public void Rounds(int count, TimeSpan step)
    {
        for (int round = 0; round < count; round++)
        {
            Instant at = clock is null ? RealNow : Instant.From(clock.Now);
            for (int first = 0, batches = 1; first < devices; first += MostInBatch, batches++)
            {
                Hand(Math.Min(MostInBatch, devices - first), at);
                if (batches % BatchesBetweenLooks == 0)
                {
                    WaitUntilCommitted();
                }
            }

            WaitUntilCommitted();
            for (TimeSpan left = step; clock is not null && left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(5))
            {
                clock.Now += left < TimeSpan.FromSeconds(5) ? left : TimeSpan.FromSeconds(5);
                Ask(decider => decider.Tick(Instant.From(clock.Now)));
            }
        }
    }

    /// <summary>Evenly in real time, as a broker's connection brings them: what has gathered meanwhile, ten times a second.</summary>
    public void Pace(double rate, double seconds)
    {
        long began = Stopwatch.GetTimestamp();
        long all = (long)(rate * seconds);
        for (long done = 0; done < all;)
        {
            long due = Math.Min(all, (long)(Stopwatch.GetElapsedTime(began).TotalSeconds * rate) + 1);
            while (done < due)
            {
                int count = (int)Math.Min(MostInBatch, due - done);
                Hand(count, RealNow);
                done += count;
            }

            Thread.Sleep(Breath);
        }

        WaitUntilCommitted();
    }

    /// <summary>For some seconds each reading committed before the next one comes.</summary>
    public void OneByOne(double seconds)
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            Hand(1, RealNow);
            WaitUntilCommitted();
        }
    }

    private void Hand(int count, Instant at)
    {
        var batch = new RawBatch("in-process", NoAnswer.Instance, count * (RigPayload.MaxBytes + 64));
        for (int i = 0; i < count; i++)
        {
            int length = _payload.Write(_next, at, _bytes);
            batch.Add(_topic.AsSpan(0, RigPayload.WriteTopic(_next, _topic)), _bytes.AsSpan(0, length), at, (ushort)(i + 1));
            _next = (_next + 1) % devices;
        }

        double before = ThreadCpu.Seconds();
        ValueTask taken = engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        if (!taken.IsCompletedSuccessfully)
        {
            taken.AsTask().GetAwaiter().GetResult();
        }

        Received += ThreadCpu.Seconds() - before;
    }

    private void WaitUntilCommitted() => Ask(_ => { });

    private void Ask(Action<Decider> question)
    {
        double before = ThreadCpu.Seconds();
        engine.Loop.AskAsync(decider =>
        {
            question(decider);
            return true;
        }).GetAwaiter().GetResult();
        Received += ThreadCpu.Seconds() - before;
    }

    private sealed class NoAnswer : IAcknowledger
    {
        public static readonly NoAnswer Instance = new();

        public void Acknowledge(ReadOnlySpan<ushort> packetIds)
        {
        }
    }
}
