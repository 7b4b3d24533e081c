using System.CommandLine;
using System.Globalization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Influx;
using Polly;
using Polly.CircuitBreaker;

namespace FleetMonitor.Service.Commands;

/// <summary><c>fleetmonitor influx</c>: makes what the store needs, and points again from what is kept.</summary>
internal static class InfluxCommand
{
    public static Command Create(CommonOptions common, TimeProvider time) => new("influx", "The time-series store.")
    {
        Setup(common),
        Refill(common, time),
    };

    private static Command Setup(CommonOptions common)
    {
        Option<int> keep = Arguments.Integer(
            "--keep-days", 0, 0, 36_500, "Days that points are kept; 0 leaves it as it is, which in a new bucket is forever.");
        var command = new Command("setup", "Makes bucket, retention and the mapping for InfluxQL; safe to run twice.") { keep };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (common.Read(parsed) is not { } settings || !HasStore(settings))
            {
                return ExitCode.WrongUsage;
            }

            TimeSpan? retention = parsed.GetValue(keep) is > 0 and var days ? TimeSpan.FromDays(days) : null;
            using HttpClient http = InfluxClient.CreateHttp(settings.Influx);
            try
            {
                foreach (string done in await new StoreSetup(settings.Influx, http).RunAsync(retention, cancellation))
                {
                    Console.Error.WriteLine(done);
                }

                return ExitCode.Done;
            }
            catch (StoreSetupException e)
            {
                Console.Error.WriteLine(e.Message);
            }
            catch (HttpRequestException e)
            {
                Console.Error.WriteLine($"{settings.Influx.Url} is out of reach: {e.Message}");
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                Console.Error.WriteLine($"{settings.Influx.Url} does not answer.");
            }

            return ExitCode.Failed;
        });
        return command;
    }

    private static Command Refill(CommonOptions common, TimeProvider time)
    {
        Option<DateOnly?> from = Arguments.Date("--from", "First local day.");
        from.Required = true;
        Option<DateOnly?> to = Arguments.Date("--to", "The day after the last local day; up to now without it.");
        var site = new Option<string?>("--site") { Description = "Only this site." };
        var command = new Command("refill", "Makes the points of these days again from kept readings, and sends them.") { from, to, site };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (common.ReadWithFiles(parsed) is not var (settings, files) || !HasStore(settings))
            {
                return ExitCode.WrongUsage;
            }

            try
            {
                using LedgerReader ledger = LedgerReader.Open(new LedgerFiles(settings.Ledger.Directory));
                var refill = new Refill(settings, files, ledger, Instant.From(time.GetUtcNow()));
                return await SendAsync(
                    refill.Lines(parsed.GetValue(from)!.Value, parsed.GetValue(to), parsed.GetValue(site)), settings.Influx, time, cancellation);
            }
            catch (LedgerException e)
            {
                Console.Error.WriteLine(e.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }

    private static async Task<int> SendAsync(IEnumerable<byte[]> batches, InfluxSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        IPointSink sink = Clients.Sink(settings, time);
        using IDisposable? connections = sink as IDisposable;
        ResiliencePipeline<PointAnswer> retries = Retries.Create(time);
        long sent = 0;
        long refused = 0;
        await using ProgressLine? progress = ProgressLine.Start(time, () => string.Create(CultureInfo.InvariantCulture, $"{sent} points"));
        foreach (byte[] batch in batches)
        {
            var delivery = new Delivery(async (lines, token) => await retries.ExecuteAsync(async inner => await sink.WriteAsync(lines, inner), token));
            DeliveryResult result;
            try
            {
                result = await delivery.RunAsync(batch, cancellation);
            }
            catch (BrokenCircuitException)
            {
                result = new DeliveryResult(new PointAnswer(PointVerdict.Unavailable, $"{settings.Url} is out of reach"), new Dictionary<string, List<ReadOnlyMemory<byte>>>());
            }

            if (result.Stopped is { } answer)
            {
                Console.Error.WriteLine(answer.Reason);
                return ExitCode.Failed;
            }

            foreach ((string reason, List<ReadOnlyMemory<byte>> lines) in result.Refused)
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lines.Count} points were refused: {reason}"));
                refused += lines.Count;
            }

            sent += Delivery.Split(batch).Count;
        }

        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent - refused} points were sent, {refused} refused"));
        return refused == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static bool HasStore(Settings settings)
    {
        if (settings.Influx.Url is null)
        {
            Console.Error.WriteLine("Influx:Url: set the address of the store, such as http://127.0.0.1:8086");
        }

        return settings.Influx.Url is not null;
    }
}
