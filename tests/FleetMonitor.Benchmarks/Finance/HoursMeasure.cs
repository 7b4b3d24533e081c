using System.Globalization;
using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Evidence;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Sources;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetMonitor.Benchmarks.Finance;

/// <summary>What kept readings take on the disk, and the hours that stay of them: ten rigs with a noisy draw and a register of 0.1 Wh.</summary>
internal static class HoursMeasure
{
    private const int Rigs = 10;
    private const int Interval = 10;
    private static readonly DateTimeOffset Start = new(2026, 7, 1, 0, 0, 0, TimeSpan.FromHours(5));

    public static async Task<string> RunAsync(int days)
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("fleetmonitor-benchmark-");
        try
        {
            Settings settings = SettingsFile.Read(new ConfigurationBuilder()
                .AddInMemoryCollection([KeyValuePair.Create("Ledger:Directory", (string?)root.FullName)]).Build()).Settings;
            var files = new SiteFiles(FleetSnapshot.Empty, ProfileSet.Shipped, RateSchedule.Kazakhstan);
            await using Engine engine = Engine.Open(settings, files, clockFromMessages: true, TimeProvider.System, NullLogger.Instance);
            await engine.StartAsync();
            long readings = await FeedAsync(engine, days);
            await engine.Loop.AskAsync(decider =>
            {
                foreach (var device in decider.Shards.Devices)
                {
                    decider.Shards.ShardOf(device).MustCheckpoint(device);
                }

                return true;
            });
            (long Blocks, long Bytes) kept = Evidence(engine);
            var keeper = new EvidenceKeeper(engine, settings.Ledger with { KeepReadings = TimeSpan.Zero });
            await keeper.TurnAsync(Instant.From(Start.AddDays(days + 2)), CancellationToken.None);
            (long hours, long bytes) = Hours(settings.Ledger.Directory);
            await engine.Loop.StopAsync();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Evidence of rigs that report power and register every {Interval} s: {(double)kept.Bytes / (readings - Rest(engine, readings)):F1} bytes a reading while kept; "
                + $"{(double)bytes / hours:F1} bytes a device-hour after that (register endpoint with its time, energy by quality), "
                + $"so 55,000 devices for 5 years take {bytes * 55_000.0 * 24 * 365.25 * 5 / hours / 1e9:F0} GB.");
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static async Task<long> FeedAsync(Engine engine, int days)
    {
        var random = new Random(7);
        var registers = new double[Rigs];
        long readings = 0;
        for (int second = 0; second < days * 86_400; second += Interval)
        {
            var batch = new RawBatch("benchmark", null, 64 * 1024);
            DateTimeOffset at = Start.AddSeconds(second);
            for (int rig = 0; rig < Rigs; rig++)
            {
                double power = 3_250 + (random.NextDouble() * 120) - 60;
                registers[rig] += power * Interval / 3600;
                byte[] payload = Encoding.UTF8.GetBytes(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"ts\":{at.ToUnixTimeMilliseconds() + random.Next(400)},\"power_w\":{power:F1},\"energy_wh\":{registers[rig]:F1}}}"));
                batch.Add(Encoding.UTF8.GetBytes($"fleet/site-1/rig-{rig}/telemetry"), payload, Instant.From(at.AddSeconds(1)), deliveredAsRetained: false);
                readings++;
            }

            await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        }

        return readings;
    }

    /// <summary>Readings in the devices' buffers, which are in no block yet.</summary>
    private static long Rest(Engine engine, long readings) =>
        Math.Min(readings, engine.Decider.Shards.Devices.Sum(device => (long)device.Meter.Count));

    private static (long Blocks, long Bytes) Evidence(Engine engine)
    {
        using LedgerReader reader = LedgerReader.Open(engine.Ledger.Files);
        return reader.EvidenceSize();
    }

    private static (long Hours, long Bytes) Hours(string directory)
    {
        var files = new LedgerFiles(directory);
        using LedgerReader reader = LedgerReader.Open(files);
        long hours = Enumerable.Range(0, Rigs).Sum(device => reader.Hours(device, DateOnly.MinValue, DateOnly.MaxValue).Sum(day => (long)day.Hours.Count));
        using var connection = new SqliteConnection($"Data Source={files.Database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        // A row's keys and lengths take about eight bytes beside it.
        command.CommandText = "SELECT sum(length(hours) + 8) FROM device_hours";
        return (hours, (long)command.ExecuteScalar()!);
    }
}
