using System.Diagnostics;
using System.Globalization;
using System.Text;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetMonitor.Benchmarks.Finance;

/// <summary>
/// <c>finance [--devices N] [--days N] [--output FILE] [--migration]</c>: totals over a quarter, posting and closing it, verifying and backing
/// up; for the number of devices given, a quarter and a sixteenth of it, so that one sees how they grow; and what kept readings and hours take,
/// over so many days. With <c>--migration</c>, only how long an older ledger takes to be brought up to date.
/// </summary>
internal static class FinanceBenchmark
{
    private const int Repeats = 9;

    public static async Task<int> RunAsync(string[] options)
    {
        int devices = 55_000;
        int days = 3;
        string? output = null;
        bool migrationOnly = options.Contains("--migration");
        options = [.. options.Where(option => option != "--migration")];
        string machine = Machine.Describe();
        for (int i = 0; i + 1 < options.Length; i += 2)
        {
            switch (options[i])
            {
                case "--devices":
                    devices = int.Parse(options[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "--days":
                    days = int.Parse(options[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "--output":
                    output = options[i + 1];
                    break;
                default:
                    Console.Error.WriteLine($"{options[i]}: there are --devices, --days, --output and --migration.");
                    return 2;
            }
        }

        if (migrationOnly)
        {
            Console.Write(MigrationMeasure.Run(devices));
            return 0;
        }

        var report = new StringBuilder(
            "# Finance\n\nA ledger of one quarter (92 days), a device-day for each device and day, ten tenants. Made with\n"
            + $"`dotnet run -c Release --project tests/FleetMonitor.Benchmarks -- finance`. Machine, at the start:\n"
            + $"{machine}.\n"
            + "Totals: the median of 9 on an open view; *by device*: once, with the check of every device-day's seal that a view makes before it first reads\n"
            + "them. *Close, nothing posted*: of a ledger that was only replayed; *close, all posted*: every day was posted when it was over, as in a\n"
            + "running service.\n\n"
            + "| Devices | Device-days | Totals of the quarter | by tenant and day | by device | Close, nothing posted | Longest commit | Close, all posted | Verify | Backup | Ledger |\n"
            + "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (int count in (int[])[devices / 16, devices / 4, devices])
        {
            string row = await RowAsync(count);
            Console.Error.WriteLine(row);
            report.Append(row).Append('\n');
        }

        report.Append('\n').Append(await HoursMeasure.RunAsync(days)).Append('\n').Append('\n').Append(MigrationMeasure.Run(devices));
        if (output is not null)
        {
            await File.WriteAllTextAsync(output, report.ToString());
        }
        else
        {
            Console.Write(report);
        }

        return 0;
    }

    private static async Task<string> RowAsync(int devices)
    {
        using var big = new BigBooks(devices);
        var now = Instant.From(new DateTimeOffset(2026, 10, 2, 0, 0, 0, TimeSpan.Zero));
        (double totals, double byTenant, double byDevice) = Totals(big, now);
        double posted;
        using (var other = new BigBooks(devices))
        {
            (posted, _) = await CloseAsync(other, postFirst: true);
        }

        (double close, double longest) = await CloseAsync(big, postFirst: false);
        var files = new LedgerFiles(big.Settings.Ledger.Directory);
        double verify = Seconds(() =>
        {
            using LedgerReader reader = LedgerReader.Open(files);
            VerificationStep? fault = new LedgerVerification(reader, files.Anchors.Read(), null).Run().FirstOrDefault(step => step.Fault is { } text
                && !text.Contains("differ from its kept readings", StringComparison.Ordinal));
            if (fault is not null)
            {
                throw new InvalidOperationException(fault.Fault);
            }
        });
        double backup = Seconds(() => LedgerBackup.Make(files, Path.Combine(files.Directory, "copy.db")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {devices:N0} | {devices * 92:N0} | {totals * 1000:F1} ms | {byTenant * 1000:F1} ms | {byDevice:F2} s | {close:F1} s | {longest * 1000:F0} ms "
            + $"| {posted:F2} s | {verify:F1} s | {backup:F1} s | {big.Bytes / 1e6:F0} MB |");
    }

    private static (double Totals, double ByTenant, double ByDevice) Totals(BigBooks big, Instant now)
    {
        using BooksView books = BooksView.OpenReadOnly(big.Settings, big.Files, now);
        var quarter = new TotalsQuery { From = BigBooks.Period.FirstDay, To = BigBooks.Period.End };
        return (
            Median(() => books.Totals(quarter, null)),
            Median(() => books.Totals(quarter with { Group = TotalsGroup.Tenant | TotalsGroup.Day }, null)),
            Seconds(() => books.Totals(quarter with { Group = TotalsGroup.Device }, null)));
    }

    /// <returns>Seconds of the close, and of the longest commit.</returns>
    private static async Task<(double Close, double Longest)> CloseAsync(BigBooks big, bool postFirst)
    {
        var time = new QuarterIsOver();
        await using Engine engine = Engine.Open(big.Settings, big.Files, clockFromMessages: false, time, NullLogger.Instance);
        await engine.StartAsync();
        using var bookkeeper = new Bookkeeper(engine, time, NullLogger.Instance);
        if (postFirst)
        {
            await bookkeeper.PostSettledAsync(CancellationToken.None);
        }

        var watch = Stopwatch.StartNew();
        CloseResult closed = await bookkeeper.CloseAsync(new CloseRequest("site-1", BigBooks.Period, "A. Person"), CancellationToken.None);
        double close = watch.Elapsed.TotalSeconds;
        if (closed.Filing is null || StatementReader.ReadStatement(closed.Filing.Content).Head.Count != big.Devices * 92L)
        {
            throw new InvalidOperationException($"not all was posted: {closed.Why}");
        }

        await engine.Loop.StopAsync();
        return (close, engine.Counters.LongestCommitSeconds);
    }

    private static double Median(Action action) =>
        Enumerable.Range(0, Repeats).Select(_ => Seconds(action)).Order().ElementAt(Repeats / 2);

    private static double Seconds(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Runs on from the second day after the quarter.</summary>
    private sealed class QuarterIsOver : TimeProvider
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 10, 2, 0, 0, 0, TimeSpan.Zero) + _watch.Elapsed;
    }
}
