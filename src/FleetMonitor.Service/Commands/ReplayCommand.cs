using System.CommandLine;
using System.Globalization;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Capture;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Commands;

/// <summary>
/// <c>fleetmonitor replay</c>: captures through the same pipeline into the ledger, as fast as it can. A capture replayed twice changes nothing.
/// </summary>
internal static class ReplayCommand
{
    private const int BatchMessages = 1_024;

    public static Command Create(CommonOptions common, TimeProvider time)
    {
        var input = new Option<FileInfo[]>("--input")
        {
            Description = "Captures: one JSON object a line.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        input.AcceptExistingOnly();
        var command = new Command("replay", "Feeds captures through the pipeline into the ledger.") { input };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (common.ReadWithFiles(parsed) is not var (settings, files))
            {
                return ExitCode.WrongUsage;
            }

            try
            {
                return await ReplayAsync(settings, files, parsed.GetValue(input)!, time, cancellation);
            }
            catch (Exception e) when (e is LedgerException or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(e.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }

    private static async Task<int> ReplayAsync(
        Settings settings, SiteFiles files, FileInfo[] inputs, TimeProvider time, CancellationToken cancellation)
    {
        using ILoggerFactory logging = Logging.CreateFactory(settings.Log);
        await using Engine engine = Engine.Open(
            settings,
            files,
            clockFromMessages: true,
            time,
            logging.CreateLogger("FleetMonitor.Replay"));
        await engine.Check.FinishAsync();
        await engine.StartAsync();
        long badLines = 0;
        await using (ProgressLine.Start(time, () => Describe(engine.Counters, badLines)))
        {
            foreach (FileInfo file in inputs)
            {
                badLines += await FeedAsync(file, engine.Loop, cancellation);
            }

            await engine.Loop.StopAsync();
        }

        Console.Error.WriteLine(Describe(engine.Counters, badLines));
        return badLines == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    /// <returns>How many lines were no captured message, but for a last one that breaks off; each was named on stderr.</returns>
    private static async Task<long> FeedAsync(FileInfo file, IMessageReceiver receiver, CancellationToken cancellation)
    {
        long badLines = 0;
        var entries = new List<CaptureEntry>(BatchMessages);
        await using FileStream stream = file.OpenRead();
        foreach (CaptureLine line in CaptureFile.Read(stream))
        {
            cancellation.ThrowIfCancellationRequested();
            if (line.Entry is not { } entry)
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}:{line.Number}: {line.Problem}"));
                // A kill in the middle of a line is to be expected, and what it tore was acknowledged to nobody.
                badLines += line.IsTorn ? 0 : 1;
                continue;
            }

            entries.Add(entry);
            if (entries.Count == BatchMessages)
            {
                await HandOverAsync(entries, receiver, cancellation);
            }
        }

        await HandOverAsync(entries, receiver, cancellation);
        return badLines;
    }

    private static async ValueTask HandOverAsync(List<CaptureEntry> entries, IMessageReceiver receiver, CancellationToken cancellation)
    {
        var batch = new RawBatch("replay", null, entries.Sum(entry => entry.Topic.Length + entry.Payload.Length));
        foreach (CaptureEntry entry in entries)
        {
            batch.Add(entry.Topic.Span, entry.Payload.Span, entry.At, deliveredAsRetained: entry.Retain);
        }

        entries.Clear();
        await receiver.ReceiveAsync(batch, cancellation);
    }

    /// <summary>Every message is in one of the counts; those that are seldom anything stand there where they are.</summary>
    private static string Describe(PipelineCounters counters, long badLines) => string.Create(
        CultureInfo.InvariantCulture,
        $"{counters.Messages} messages: {counters.Readings} readings, {counters.Duplicates} duplicates, {counters.Late} late, "
        + $"{counters.RefusedTotal} quarantined, {counters.NoProfile} of no profile, {counters.Retained} retained, "
        + $"{Where(counters.NoMeasurement, "without a measurement")}{Where(counters.Presence, "of presence")}{badLines} bad lines");

    private static string Where(long count, string what) => count == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"{count} {what}, ");
}
