using System.Globalization;
using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Sources;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetMonitor.Benchmarks.Store;

/// <summary>What kept readings take in their blocks: rigs with a noisy draw, hash rate and temperature, and a clock that jitters.</summary>
internal sealed record EvidenceSize(int Rigs, long Readings, double BytesPerReading, double PayloadBytesPerReading)
{
    private const int Interval = 10_000;
    private const int Jitter = 50;
    private const double Noise = 0.01;
    private static readonly DateTimeOffset Start = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task<EvidenceSize> MeasureAsync(int rigs, TimeSpan duration)
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("fleetmonitor-bench-");
        try
        {
            Settings settings = SettingsFile.Read(new ConfigurationBuilder()
                .AddInMemoryCollection([KeyValuePair.Create("Ledger:Directory", (string?)root.FullName)]).Build()).Settings;
            var files = new SiteFiles(FleetSnapshot.Empty, ProfileSet.Shipped, RateSchedule.Kazakhstan);
            double payloadBytes;
            LedgerFiles ledger;
            await using (Engine engine = Engine.Open(settings, files, clockFromMessages: true, TimeProvider.System, NullLogger.Instance))
            {
                await engine.StartAsync();
                payloadBytes = await FeedAsync(engine, rigs, (int)(duration.TotalMilliseconds / Interval));
                await engine.Loop.StopAsync();
                ledger = engine.Ledger.Files;
            }

            using LedgerReader reader = LedgerReader.Open(ledger);
            long readings = ReadingsInBlocks(ledger);
            return new EvidenceSize(rigs, readings, (double)reader.EvidenceSize().Bytes / readings, payloadBytes);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    /// <returns>Bytes a payload, on average.</returns>
    private static async Task<double> FeedAsync(Engine engine, int rigs, int rounds)
    {
        var random = new Random(11);
        double[] registers = [.. Enumerable.Range(0, rigs).Select(rig => 1e6 * rig)];
        long bytes = 0;
        for (int round = 0; round < rounds; round++)
        {
            var batch = new RawBatch("benchmark", null, rigs * 256);
            for (int rig = 0; rig < rigs; rig++)
            {
                long at = Start.ToUnixTimeMilliseconds() + ((long)round * Interval) + random.Next(-Jitter, Jitter + 1);
                double power = Noisy(random, 3_250);
                registers[rig] += power * Interval / 3_600_000;
                byte[] payload = Encoding.UTF8.GetBytes(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"ts\":{at},\"power_w\":{power:F1},\"energy_wh\":{registers[rig]:F1},\"hashrate_ths\":{Noisy(random, 110):F1},\"temp_c\":{Noisy(random, 62):F1}}}"));
                bytes += payload.Length;
                batch.Add(Encoding.UTF8.GetBytes($"fleet/site-1/rig-{rig}/telemetry"), payload, new Instant(at + 1_000));
            }

            await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        }

        return (double)bytes / rigs / rounds;
    }

    /// <summary>Normal noise, by Box and Muller.</summary>
    private static double Noisy(Random random, double value) =>
        value * (1 + (Noise * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));

    private static long ReadingsInBlocks(LedgerFiles ledger)
    {
        using var connection = new SqliteConnection($"Data Source={ledger.Database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT sum(count) FROM evidence";
        return (long)command.ExecuteScalar()!;
    }
}
