using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Commands;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Mqtt;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Service.Simulator;

namespace FleetMonitor.Service.Demo;

/// <summary>
/// <c>fleetmonitor demo</c>: the service and a simulated fleet that publishes to it over real MQTT, with faults now and then. Needs nothing
/// else, and leaves nothing behind unless a ledger directory is set.
/// </summary>
internal static class DemoCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UntilStopped = TimeSpan.FromHours(12);

    public static Command Create(CommonOptions common, TimeProvider time)
    {
        Option<int> rigs = Arguments.Integer("--rigs", 200, 1, 100_000, "How many simulated rigs.");
        Option<TimeSpan?> duration = Arguments.OptionalDuration("--duration", $"How long, {DurationText.Forms}; without it, until Ctrl-C.");
        var command = new Command("demo", "Runs the service with a simulated fleet, to look at. No other server needed.") { rigs, duration };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var directory = new ScratchDirectory();
            if (common.ReadWithFiles(parsed, Overrides(directory)) is not var (settings, files))
            {
                return ExitCode.WrongUsage;
            }

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            try
            {
                bool published = false;
                int code = await ServiceHost.RunAsync(
                    settings,
                    files,
                    time,
                    async (context, token) => published = await ShowAsync(context, parsed.GetValue(rigs), parsed.GetValue(duration), stop, token),
                    stop.Token);
                return code == ExitCode.Done && !published ? ExitCode.Failed : code;
            }
            catch (LedgerException e)
            {
                Console.Error.WriteLine(e.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }

    /// <summary>A newcomer has minutes, not hours: alarms come sooner than on a site, and taken ports are no reason not to start.</summary>
    private static Dictionary<string, string?> Overrides(ScratchDirectory directory) => new()
    {
        ["Ledger:Directory"] = directory.Path,
        ["Mqtt:Listener:Enabled"] = "true",
        ["Mqtt:Listener:Port"] = FreePort(1883).ToString(CultureInfo.InvariantCulture),
        ["Http:Url"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort(8080)}"),
        ["Fleet:StaleAfter"] = "10s",
        ["Fleet:OfflineAfter"] = "30s",
        ["Anomalies:WarmUp"] = "15s",
        ["Alerts:HoldBack"] = "5s",
        ["Log:Level"] = "Warning",
    };

    /// <returns>False where the fleet could not publish.</returns>
    private static async Task<bool> ShowAsync(
        ServiceContext context, int rigs, TimeSpan? duration, CancellationTokenSource stop, CancellationToken cancellation)
    {
        Instant start = Instant.From(context.Time.GetUtcNow());
        var fleet = new SimulatedFleet(new SimulatedFleetOptions
        {
            Rigs = rigs,
            Start = start,
            Site = context.Settings.Fleet.DefaultSite,
            TimeZone = context.Settings.Fleet.DefaultTimeZone,
            Faults = FaultsNowAndThen.Make(rigs, seed: 1, start, duration ?? UntilStopped),
        });
        var options = new SimulatorOptions
        {
            Broker = new BrokerAddress(context.Settings.Listener.Address.ToString(), context.Settings.Listener.Port, Tls: false),
            Interval = Interval,
            Duration = duration,
            ClientIdPrefix = "demo",
        };
        var runner = new SimulatorRunner(fleet, options, context.Time, Console.Error.WriteLine);
        Welcome(context, rigs, duration);
        string line = "";
        using var refresh = new PeriodicTimer(TimeSpan.FromSeconds(1), context.Time);
        Task<SimulatorSummary> running = runner.RunAsync(cancellation);
        await using (ProgressLine.Start(context.Time, () => line))
        {
            while (!running.IsCompleted)
            {
                Task<bool> tick = refresh.WaitForNextTickAsync(CancellationToken.None).AsTask();
                await Task.WhenAny(running, tick);
                line = await DescribeAsync(context);
            }
        }

        SimulatorSummary summary = await running;
        Console.Error.WriteLine(summary.Failure ?? await DescribeAsync(context));
        await stop.CancelAsync();
        return summary.Failure is null;
    }

    private static void Welcome(ServiceContext context, int rigs, TimeSpan? duration)
    {
        string url = context.Settings.Http.Url.ToString();
        int port = context.Settings.Listener.Port;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            FleetMonitor demo: {rigs} simulated rigs publish every {Interval.TotalSeconds:0} s over MQTT, and something breaks now and then.

              Open   {url}
              Watch  mosquitto_sub -p {port} -t 'fleet/#'
              Ask    curl {url}api/v1/levy/totals
              Stop   {(duration is null ? "Ctrl-C" : $"by itself after {duration:c}, or Ctrl-C")}

            """));
    }

    private static async Task<string> DescribeAsync(ServiceContext context)
    {
        (long milliwatts, long megahashes, int heard) = await context.Engine.Loop.AskAsync(decider => (
            decider.Shards.Devices.Sum(device => device.Last is { HasPower: true } last ? last.Power.Milliwatts : 0),
            decider.Shards.Devices.Sum(device => device.Last is { HasHashRate: true } last ? last.HashRate.MegahashesPerSecond : 0),
            decider.Shards.Devices.Count));
        using BooksView books = await context.OpenBooksAsync();
        TotalsRow[] rows = [.. books.Totals(new TotalsQuery(), site: null)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{heard} rigs · {milliwatts / 1e6:0.0} kW · {megahashes / 1e9:0.0} PH/s · {rows.Sum(row => row.Energy.Total.KilowattHours):0.000} kWh metered"
            + $" · levy {rows.Sum(row => row.Amount?.Amount ?? 0m):0.00} {rows.FirstOrDefault()?.Currency}"
            + $" · {context.Engine.Counters.AnomaliesRaised} anomalies");
    }

    private static int FreePort(int preferred)
    {
        foreach (int port in (int[])[preferred, 0])
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken: the next candidate is whichever is free.
            }
        }

        return preferred;
    }

    /// <summary>A directory that goes when the demo does.</summary>
    private sealed class ScratchDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("fleetmonitor-demo-").FullName;

        public void Dispose()
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException)
            {
                // What a temporary directory still holds, the system clears away.
            }
        }
    }
}
