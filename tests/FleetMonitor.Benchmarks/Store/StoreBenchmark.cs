using FleetMonitor.Benchmarks.InProcess;
using FleetMonitor.Benchmarks.Load;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Benchmarks.Reporting;

namespace FleetMonitor.Benchmarks.Store;

/// <summary><c>store</c>: what a reading takes on the disk, how often the disk is asked to sync, and how soon the service is back after a crash.</summary>
internal static class StoreBenchmark
{
    private const int Site = 55_000;
    private const int Interval = 10;
    private const int Hour = 3_600;
    private const double MostEvidenceBytes = 6;
    private const double MostStartSeconds = 3;

    public static async Task<Markdown> RunAsync(BenchmarkOptions options)
    {
        var report = new Markdown("Store: bytes, syncs, start", "store", options);
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            await WriteSyncsAsync(report, options, folder);
            BenchmarkOptions.Say("  bytes of kept readings");
            EvidenceSize evidence = await EvidenceSize.MeasureAsync(options.Size(40, 5), TimeSpan.FromHours(options.Size(8, 1)));
            Write(report, evidence);
            await WriteStartAsync(report, options, folder);
            return report;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task WriteSyncsAsync(Markdown report, BenchmarkOptions options, string folder)
    {
        report.Heading("Bytes and syncs as readings come");
        if (SyncTrace.WhyNot() is { } why)
        {
            report.Line($"Not measured: {why}.");
            return;
        }

        int devices = options.Size(Site, 500);
        int seconds = options.Size(10, 1);
        double rate = (double)devices / Interval;
        report.Line($"{devices:N0} devices on 50 connections to the listener; slices of {seconds} s. Syncs are the service's calls of fsync and fdatasync, as strace counts them;");
        report.Line("bytes are what the kernel wrote to the disk for it (`/proc`). Checkpoints are in it, at the pace at which devices become due for one: each once in five minutes.");
        report.Line("");
        report.Columns("", "readings per second", "readings per commit", "syncs per million readings", "syncs per commit", "bytes written per reading");
        await using var trace = new SyncTrace(folder);
        await using ServiceProcess service = await ServiceProcess.StartAsync($"{folder}/traced", null, under: trace.Command);
        await using LoadProcess client = await LoadProcess.StartAsync(service.ListenerPort, 50, devices, 500);
        await client.RoundAsync();
        await client.FloodAsync(seconds);
        await RowAsync(FormattableString.Invariant($"{rate:N0} readings/s"), () => client.PaceAsync(rate, seconds));
        await RowAsync("flat out", () => client.FloodAsync(seconds));

        async Task RowAsync(string name, Func<Task<LoadResult>> phase)
        {
            var slices = new List<(double PerSecond, double PerCommit, double Syncs, double SyncsPerCommit, double Bytes)>();
            for (int slice = 0; slice < options.Size(3, 1); slice++)
            {
                BenchmarkOptions.Say($"  syncs, {name}, slice {slice + 1}");
                (double syncs, double bytes, double commits) = (trace.Count(), ProcessUsage.WrittenBytes(service.Id), (await service.MetricsAsync()).Commits);
                LoadResult load = await phase();
                commits = (await service.MetricsAsync()).Commits - commits;
                syncs = trace.Count() - syncs;
                slices.Add((
                    load.PerSecond,
                    load.Published / commits,
                    syncs * 1_000_000 / load.Published,
                    syncs / commits,
                    (ProcessUsage.WrittenBytes(service.Id) - bytes) / load.Published));
            }

            report.Row(
                name,
                Spread.Of(slices, slice => slice.PerSecond).Text("N0"),
                Spread.Of(slices, slice => slice.PerCommit).Text("N0"),
                Spread.Of(slices, slice => slice.Syncs).Text("N0"),
                Spread.Of(slices, slice => slice.SyncsPerCommit).Text("F2"),
                Spread.Of(slices, slice => slice.Bytes).Text("N0"));
        }
    }

    private static void Write(Markdown report, EvidenceSize evidence)
    {
        report.Heading("Kept readings");
        report.Line($"{evidence.Rigs} rigs, {evidence.Readings:N0} readings {Interval} s apart with ±50 ms of jitter: power, register, hash rate and temperature, normal noise of 1 % on each but the");
        report.Line($"register, which follows the power; printed with one digit after the point. In compressed blocks, with where metering stood before each: **{evidence.BytesPerReading:F2} bytes** a reading.");
        report.Line($"The same values in the payloads take {evidence.PayloadBytesPerReading:F0} bytes a reading, and as plain columns (five of eight bytes) 40.");
        report.Goals.Add(new Goal("evidence, bytes per reading (four fields, 1 % noise, ±50 ms jitter)", evidence.BytesPerReading, MostEvidenceBytes, "B", "F2"));
    }

    private static async Task WriteStartAsync(Markdown report, BenchmarkOptions options, string folder)
    {
        int devices = options.Size(Site, 500);
        int rounds = options.Size(Hour, 300) / Interval;
        BenchmarkOptions.Say($"  an hour of {devices} devices, for the start after a crash");
        EngineResult hour;
        await using (EngineProcess engine = await EngineProcess.StartAsync(
            $"{folder}/hour", devices, DateTimeOffset.UtcNow.AddSeconds(-rounds * Interval)))
        {
            hour = await engine.RoundsAsync(rounds, Interval);
        }

        var full = new List<double>();
        var empty = new List<double>();
        for (int start = 0; start < options.Size(5, 1); start++)
        {
            BenchmarkOptions.Say($"  start {start + 1}");
            full.Add(await StartTime.MeasureAsync($"{folder}/hour"));
            empty.Add(await StartTime.MeasureAsync($"{folder}/empty-{start}"));
        }

        Spread spread = Spread.Of(full);
        report.Goals.Add(new Goal(
            FormattableString.Invariant($"start with {devices:N0} devices after kill -9, {rounds * Interval / 60} minutes of readings behind it"), spread.Median, MostStartSeconds, "s", "F2"));
        report.Heading("Start after a crash");
        report.Line($"{devices:N0} devices reported every {Interval} s for {rounds * Interval / 60} minutes (by a clock that goes by the readings; {hour.Readings:N0} readings), then kill -9: nothing was put in order. From the");
        report.Line("start of the process to the moment at which it serves, each time killed again; the ledger's files are in the system's cache.");
        report.Line("");
        report.Columns("", "seconds");
        report.Row("with these devices", spread.Text("F2"));
        report.Row("with an empty ledger", Spread.Of(empty).Text("F2"));
        report.Line("");
        report.Line($"That hour, with journal, checkpoints and kept readings, wrote {hour.WrittenBytes / hour.Readings:F0} bytes to the disk a reading, in commits of {hour.Readings / hour.Commits:N0};");
        report.Line($"the ledger then takes {StartTime.Bytes($"{folder}/hour") / 1e6:N0} MB.");
    }
}
