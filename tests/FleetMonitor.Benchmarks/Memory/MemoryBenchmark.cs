using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace FleetMonitor.Benchmarks.Memory;

/// <summary>
/// <c>memory [--devices N,N…] [--interval S] [--minutes M] [--points] [--output FILE]</c>: what a device costs in memory and a reading in
/// processor time, without sockets; each size in a process of its own.
/// </summary>
internal static class MemoryBenchmark
{
    public const string Command = "memory";

    /// <summary>Says that it is the process to measure in.</summary>
    public const string Here = "--here";

    private const int Census = 1_000;

    public static async Task<int> RunAsync(string[] options)
    {
        int[] sizes = [Census, 55_000, 1_000_000];
        double? interval = null;
        double? minutes = null;
        bool points = false;
        bool here = false;
        string? output = null;
        for (int i = 0; i < options.Length; i++)
        {
            switch (options[i])
            {
                case "--devices":
                    sizes = [.. options[++i].Split(',').Select(size => int.Parse(size, CultureInfo.InvariantCulture))];
                    break;
                case "--interval":
                    interval = double.Parse(options[++i], CultureInfo.InvariantCulture);
                    break;
                case "--minutes":
                    minutes = double.Parse(options[++i], CultureInfo.InvariantCulture);
                    break;
                case "--points":
                    points = true;
                    break;
                case Here:
                    here = true;
                    break;
                case "--output":
                    output = options[++i];
                    break;
                default:
                    Console.Error.WriteLine($"{options[i]}: there are --devices, --interval, --minutes, --points and --output.");
                    return 2;
            }
        }

        // A million devices every ten seconds for an hour are 360 million readings: a minute between them shows the same.
        MemoryCase[] cases =
        [
            .. sizes.Select(size => new MemoryCase(
                size, TimeSpan.FromSeconds(interval ?? (size > 100_000 ? 60 : 10)), TimeSpan.FromMinutes(minutes ?? 40), points)),
        ];
        if (here)
        {
            Console.WriteLine(JsonSerializer.Serialize(await MemoryRun.OfAsync(cases[0]), JsonOptions));
            return 0;
        }

        var outcomes = new List<(MemoryCase Case, MemoryOutcome Outcome)>();
        foreach (MemoryCase size in cases)
        {
            outcomes.Add((size, await InOwnProcessAsync(size)));
            Console.Error.WriteLine(Row(outcomes[^1].Case, outcomes[^1].Outcome));
        }

        string report = Report(outcomes);
        Console.Write(report);
        if (output is not null)
        {
            await File.WriteAllTextAsync(output, report);
        }

        return 0;
    }

    private static readonly JsonSerializerOptions JsonOptions = new() { IncludeFields = true };

    private static async Task<MemoryOutcome> InOwnProcessAsync(MemoryCase of)
    {
        string program = typeof(MemoryBenchmark).Assembly.Location;
        string[] arguments =
        [
            program, Command, Here,
            "--devices", of.Devices.ToString(CultureInfo.InvariantCulture),
            "--interval", of.Interval.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            "--minutes", of.Span.TotalMinutes.ToString(CultureInfo.InvariantCulture),
            .. of.WithPoints ? (string[])["--points"] : [],
        ];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<MemoryOutcome>(said, JsonOptions)!
            : throw new InvalidOperationException($"Measuring {of.Devices} devices failed.");
    }

    private static string Report(List<(MemoryCase Case, MemoryOutcome Outcome)> outcomes)
    {
        var text = new StringBuilder(
            $"""
            # Memory and processor time a device and a reading

            Made with `dotnet run -c Release --project tests/FleetMonitor.Benchmarks -- memory` on {Environment.ProcessorCount} cores, beside other
            work. In process: messages of native JSON with four fields go through decoder, shards and a real ledger with its fsyncs, 1,000 a
            commit; no sockets, no HTTP. *Managed*: the heap after full collections over the second half, less what was there before the first
            device, mean and most. *Resident*: the whole process at the end, and before the first device. *Decide*: decode, find, admit, meter,
            watch, checkpoint; *commit*: SQLite with its fsync; both as processor time a reading, over the second half.

            | Devices | Interval, s | Readings each | Managed a device, B | at most, B | Resident, MB | before, MB | Resident a device, B | Decide, µs | Commit, µs | Allocated a reading, B |
            |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|

            """);
        foreach ((MemoryCase of, MemoryOutcome outcome) in outcomes)
        {
            text.Append(Row(of, outcome)).Append('\n');
        }

        if (outcomes.FirstOrDefault(row => row.Outcome.ByType.Count > 0) is { Outcome: { } small, Case: { } smallCase })
        {
            text.Append(CultureInfo.InvariantCulture, $"\nBy type, of {smallCase.Devices:N0} devices, everything that the pipeline holds:\n\n| Type | B a device |\n|---|--:|\n");
            foreach ((string type, double bytes) in small.ByType)
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{type}` | {bytes:N0} |\n");
            }
        }

        return text.ToString();
    }

    private static string Row(MemoryCase of, MemoryOutcome outcome) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {of.Devices:N0} | {of.Interval.TotalSeconds} | {of.Span / of.Interval:N0} | {outcome.ManagedPerDevice:N0} | {outcome.MostManagedPerDevice:N0} | "
        + $"{outcome.Resident / 1e6:N0} | {outcome.ResidentBase / 1e6:N0} | {(outcome.Resident - outcome.ResidentBase) / (double)of.Devices:N0} | "
        + $"{outcome.DecideMicroseconds:N2} | {outcome.CommitMicroseconds:N2} | {outcome.AllocatedPerReading:N0} |");
}
