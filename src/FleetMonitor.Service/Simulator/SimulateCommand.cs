using System.CommandLine;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Commands;

namespace FleetMonitor.Service.Simulator;

/// <summary><c>fleetmonitor simulate</c>: publishes a simulated fleet to any broker, and says what the books should then hold.</summary>
public static class SimulateCommand
{
    public static Command Create(TimeProvider time)
    {
        var broker = new BrokerOptions();
        Option<int> rigs = Arguments.Integer("--rigs", 100, 1, 1_000_000, "How many rigs: rig-1 to rig-N.");
        Option<TimeSpan> interval = Arguments.Duration(
            "--interval", TimeSpan.FromSeconds(10), "Seconds between readings of a rig, or a duration such as 500ms; 0 is as fast as the broker takes them.");
        Option<int> connections = Arguments.Integer("--connections", 4, 1, 10_000, "MQTT connections that the rigs share.");
        var seed = new Option<ulong>("--seed") { Description = "The same seed gives the same fleet.", DefaultValueFactory = _ => 1 };
        Option<TimeSpan?> duration = Arguments.OptionalDuration("--duration", $"How long to publish, {DurationText.Forms}; without it, until Ctrl-C.");
        var truth = new Option<FileInfo?>("--truth")
        {
            Description = "CSV of the true energy by local day, from each rig's first acknowledged reading to its last.",
        };
        var faults = new Option<FileInfo?>("--faults") { Description = "What goes wrong and when, one JSON object a line." };
        Option<string> site = Arguments.Identifier("--site", SimulatedFleetOptions.DefaultSite, "The site in the topic.");
        Option<TimeZoneInfo> zone = Arguments.TimeZone(
            "--time-zone", SimulatedFleetOptions.DefaultTimeZone, "Whose local days the truth is counted in.");

        var command = new Command("simulate", "Publishes a simulated fleet over MQTT.")
        {
            rigs, interval, connections, seed, duration, truth, faults, site, zone,
        };
        broker.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            Instant start = Instant.From(time.GetUtcNow());
            int count = parsed.GetValue(rigs);
            if (!broker.TryTls(parsed, out Func<SslClientAuthenticationOptions>? tls)
                || !TryReadFaults(parsed.GetValue(faults), count, start, out IReadOnlyList<Fault> planned))
            {
                return ExitCode.WrongUsage;
            }

            var fleet = new SimulatedFleet(new SimulatedFleetOptions
            {
                Rigs = count,
                Seed = parsed.GetValue(seed),
                Start = start,
                Site = parsed.GetValue(site)!,
                TimeZone = parsed.GetValue(zone)!,
                Faults = planned,
            });
            var options = new SimulatorOptions
            {
                Broker = broker.Address(parsed),
                Tls = tls,
                Interval = parsed.GetValue(interval),
                Connections = parsed.GetValue(connections),
                Duration = parsed.GetValue(duration),
                ClientIdPrefix = "fleetmonitor-simulate-" + RandomNumberGenerator.GetHexString(8, lowercase: true),
                UserName = broker.UserName(parsed),
                Password = broker.Password(parsed),
            };
            return await RunAsync(fleet, options, parsed.GetValue(truth), time, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        SimulatedFleet fleet, SimulatorOptions options, FileInfo? truth, TimeProvider time, CancellationToken cancellation)
    {
        // Opened first: a path that cannot be written to is told before hours of publishing.
        StreamWriter? truthWriter;
        try
        {
            truthWriter = truth?.CreateText();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"--truth: {exception.Message}");
            return ExitCode.WrongUsage;
        }

        await using (truthWriter)
        {
            var runner = new SimulatorRunner(fleet, options, time, Console.Error.WriteLine);
            SimulatorSummary summary;
            await using (ProgressLine.Start(time, () => Describe(runner.Progress())))
            {
                summary = await runner.RunAsync(cancellation);
            }

            if (truthWriter is not null)
            {
                runner.Truth.Write(truthWriter);
            }

            Console.Error.WriteLine(Describe(summary));
            if (summary.Failure is not null)
            {
                Console.Error.WriteLine(summary.Failure);
            }

            return summary.IsComplete ? ExitCode.Done : ExitCode.Failed;
        }
    }

    private static bool TryReadFaults(FileInfo? file, int rigs, Instant start, out IReadOnlyList<Fault> faults)
    {
        faults = [];
        if (file is null)
        {
            return true;
        }

        try
        {
            FaultFileResult result = FaultFile.Parse(File.ReadLines(file.FullName), file.Name, rigs, start);
            foreach (string problem in result.Problems)
            {
                Console.Error.WriteLine(problem);
            }

            faults = result.Faults;
            return result.Problems.Count == 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"--faults: {exception.Message}");
            return false;
        }
    }

    private static string Describe(SimulatorSummary summary)
    {
        double rate = summary.Elapsed > TimeSpan.Zero ? summary.Acknowledged / summary.Elapsed.TotalSeconds : 0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Messages} messages, {summary.Acknowledged} acknowledged, {summary.Refused} refused, {summary.Resent} sent again, "
            + $"{summary.Skipped} readings skipped; {summary.Elapsed.TotalSeconds:0.0} s, {rate:0} messages/s");
    }
}
