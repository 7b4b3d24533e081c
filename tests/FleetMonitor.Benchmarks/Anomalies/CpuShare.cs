using System.Diagnostics;
using System.Globalization;
using System.Text;
using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>
/// What watching costs of what the service costs: the same readings once through the whole flow, from payload bytes to the commit with its
/// points, and once through watches and alert book alone. Broker, HTTP and sending of points are left out of the whole, so the share is rather too
/// high.
/// </summary>
internal sealed class CpuShare(int devices)
{
    private const int Batch = 500;
    private const int WarmUpRounds = 6;
    private const int Rounds = 24;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Half = Interval / 2;

    private readonly byte[][] _topics = [.. Enumerable.Range(0, devices).Select(i => Encoding.UTF8.GetBytes($"fleet/site-1/rig-{i}/telemetry"))];
    private readonly Clock _clock = new();

    public static async Task<string> RunAsync(int devices)
    {
        var run = new CpuShare(devices);
        TimeSpan whole = await run.WholeAsync() - run.Payloads();
        TimeSpan watching = run.Watching();
        double perReading = watching.TotalMicroseconds / devices / Rounds;
        double ofACore = watching / (Rounds * Interval);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {devices:N0} devices, a reading every {Interval.TotalSeconds:0} s for {(Rounds * Interval).TotalMinutes:0} minutes, with a look at every device every {Half.TotalSeconds:0} s:

            | | CPU seconds | µs a reading |
            | --- | --- | --- |
            | whole flow, from payload bytes to the commit with its points | {whole.TotalSeconds:0.00} | {whole.TotalMicroseconds / devices / Rounds:0.00} |
            | watches and alert book alone | {watching.TotalSeconds:0.00} | {perReading:0.00} |

            Watching is **{watching / whole:P1}** of the whole, {ofACore:P1} of one core at that load.

            """);
    }

    /// <summary>CPU of the process while the flow takes the rounds.</summary>
    private async Task<TimeSpan> WholeAsync()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("fleetmonitor-cpu-");
        try
        {
            Settings settings = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Ledger:Directory"] = directory.FullName,
                ["Influx:Url"] = "http://127.0.0.1:1",
            }).Build()).Settings;
            await using Engine engine = Engine.Open(settings, SiteFiles.Load(settings).Files!, clockFromMessages: false, _clock, NullLogger.Instance);
            await engine.StartAsync();
            TimeSpan before = default;
            for (int round = -WarmUpRounds; round < Rounds; round++)
            {
                if (round == 0)
                {
                    before = Environment.CpuUsage.TotalTime;
                }

                await RoundAsync(engine, round + WarmUpRounds);
            }

            TimeSpan cpu = Environment.CpuUsage.TotalTime - before;
            await engine.Loop.StopAsync();
            return cpu;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private async Task RoundAsync(Engine engine, int round)
    {
        for (int first = 0; first < devices; first += Batch)
        {
            var batch = new RawBatch("benchmark", null, Batch * 200);
            for (int device = first; device < Math.Min(devices, first + Batch); device++)
            {
                Reading reading = ReadingOf(device, round);
                batch.Add(_topics[device], Payload(reading), reading.At);
            }

            await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        }

        for (int half = 0; half < 2; half++)
        {
            _clock.Now += Half;
            await engine.Loop.AskAsync(decider =>
            {
                decider.Tick(Instant.From(_clock.Now));
                return true;
            });
        }
    }

    private static byte[] Payload(in Reading reading) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"ts":"{{reading.At}}","power_w":{{reading.Power.Milliwatts / 1000.0}},"energy_wh":{{reading.Register.MicrowattHours / 1e6}},"hashrate_ths":{{reading.HashRate.MegahashesPerSecond / 1e6}},"temp_c":{{reading.Temperature.Millicelsius / 1000.0}}}"""));

    /// <summary>What writing the payloads costs, which is no part of the service.</summary>
    private TimeSpan Payloads()
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long bytes = 0;
        for (int round = 0; round < Rounds; round++)
        {
            for (int device = 0; device < devices; device++)
            {
                bytes += Payload(ReadingOf(device, WarmUpRounds + round)).Length;
            }
        }

        GC.KeepAlive(bytes);
        return Environment.CpuUsage.TotalTime - before;
    }

    /// <summary>The same readings through the watches alone, on one thread.</summary>
    private TimeSpan Watching()
    {
        DeviceWatch[] watches = [.. Enumerable.Range(0, devices).Select(_ => new DeviceWatch())];
        WatchedDevice[] watched =
            [.. Enumerable.Range(0, devices).Select(i => new WatchedDevice(new DeviceKey("site-1", $"rig-{i}"), new WatchedFacts { LevyPerKwh = 2m }))];
        var context = new WatchContext(new AnomalyOptions());
        var book = new AlertBook("site-1", new AlertOptions { Levels = new StakeLevels() }, []);
        var roster = new NoGroups(devices);
        List<AnomalyChange> found = [];
        List<AlertChange> changes = [];
        TimeSpan before = default;
        for (int round = 0; round < WarmUpRounds + Rounds; round++)
        {
            if (round == WarmUpRounds)
            {
                before = Environment.CpuUsage.TotalTime;
            }

            for (int device = 0; device < devices; device++)
            {
                Reading reading = ReadingOf(device, round);
                watches[device].Observe(reading, reading.At, watched[device], context, found);
            }

            for (int half = 1; half <= 2; half++)
            {
                Instant now = Clock.Start.Plus((round * Interval) + (half * Half));
                for (int device = 0; device < devices; device++)
                {
                    watches[device].Tick(now, watched[device], context, found);
                }

                foreach (AnomalyChange change in found)
                {
                    book.Apply(change, changes);
                }

                book.Tick(now, roster, changes);
                found.Clear();
                changes.Clear();
            }
        }

        return Environment.CpuUsage.TotalTime - before;
    }

    private static Reading ReadingOf(int device, int round)
    {
        int wave = ((device * 31) + (round * 17)) % 101;
        return new Reading(
            Clock.Start.Plus(round * Interval),
            ReadingFields.Power | ReadingFields.Register | ReadingFields.HashRate | ReadingFields.Temperature,
            new Power(3_200_000 + (wave * 500)),
            new Energy((1_000_000_000_000L * (device % 7)) + (round * 8_900_000L)),
            new HashRate(110_000_000 + (wave * 20_000)),
            new Temperature(61_000 + (wave * 10)));
    }

    private sealed class NoGroups(int devices) : ISiteRoster
    {
        int ISiteRoster.Devices => devices;

        public bool Counts(string device) => true;

        public IEnumerable<DeviceGroup> GroupsOf(string device) => [];

        public int CountOf(DeviceGroup group) => 0;
    }

    private sealed class Clock : TimeProvider
    {
        public static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero));

        public DateTimeOffset Now { get; set; } = Start.ToDateTimeOffset();

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
