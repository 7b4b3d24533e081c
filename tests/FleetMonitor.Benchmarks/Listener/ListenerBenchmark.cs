using FleetMonitor.Benchmarks.Load;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Benchmarks.Reporting;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.Listener;

/// <summary>One side of the comparison, after all of its phases.</summary>
/// <param name="BytesPerConnection">Resident memory that came with the connections.</param>
internal sealed record ListenerOutcome(
    int Connections,
    double BytesPerConnection,
    double PeakMegabytes,
    IReadOnlyList<ListenerPhase> Paced,
    IReadOnlyList<ListenerPhase> OneByOne,
    IReadOnlyList<ListenerPhase> Flood);

/// <param name="CpuSecondsPerMillion">Of each process that takes part.</param>
internal sealed record ListenerPhase(LoadResult Load, IReadOnlyDictionary<string, double> CpuSecondsPerMillion)
{
    public double CpuTotal => CpuSecondsPerMillion.Values.Sum();
}

/// <summary>
/// <c>listener</c>: a connection for each rig, as many as descriptors allow; the service's listener beside mosquitto with mosquitto_sub, and beside
/// servers that do nothing but acknowledge, and make durable before.
/// </summary>
internal static class ListenerBenchmark
{
    /// <summary>Descriptors of a process that are no connections: its files, libraries, pipes.</summary>
    private const int OtherDescriptors = 300;
    private const int MostConnections = 100_000;
    private const int IntervalSeconds = 10;

    /// <summary>Publishes that a client has under way before it waits: of mosquitto's clients, unless they are told otherwise.</summary>
    private const int Window = 20;

    /// <summary>Of what mosquitto and mosquitto_sub take together.</summary>
    private const double Share = 0.25;

    /// <summary>A reading settles after a minute and its window is complete after up to two; the code for both has been compiled by then.</summary>
    private const int ServiceSettlesSeconds = 130;

    public static async Task<Markdown> RunAsync(BenchmarkOptions options)
    {
        var report = new Markdown("Listener: a connection for each rig", "listener", options);
        int connections = options.Size(Math.Min(MostConnections, Machine.DescriptorLimit() - OtherDescriptors), 100);
        BenchmarkOptions.Say($"  the service's listener with {connections} connections");
        ListenerOutcome ours = await ServiceAsync(options, connections);
        BenchmarkOptions.Say($"  mosquitto and mosquitto_sub with {connections} connections");
        ListenerOutcome theirs = await BrokerAsync(options, connections);
        BenchmarkOptions.Say($"  a server that only acknowledges with {connections} connections");
        ListenerOutcome least = await LeastAsync(options, connections, isDurable: false);
        BenchmarkOptions.Say($"  one that syncs a file before, with {connections} connections");
        ListenerOutcome leastDurable = await LeastAsync(options, connections, isDurable: true);

        AddGoal("every 10 s", outcome => outcome.Paced);
        AddGoal("one by one, as fast as each is answered", outcome => outcome.OneByOne);
        AddGoal($"{Window} under way on each, as fast as the machine takes them", outcome => outcome.Flood);
        report.Line("");
        report.Line($"{connections:N0} MQTT connections on several addresses of 127/8, as many as a process may have descriptors here ({Machine.DescriptorLimit():N0}), from a client in a process of its own; a rig");
        report.Line($"on each, QoS 1. First a reading every {IntervalSeconds} s of each rig; then each rig sends the next as soon as the last is acknowledged; then each has {Window}");
        report.Line("under way, as mosquitto's clients do, and sends on as they are acknowledged, which is as fast as the machine takes them. The client's share of");
        report.Line("the cores is in those rates. The service takes, decides and commits; mosquitto hands on to one mosquitto_sub, which throws away. What is only");
        report.Line("acknowledged is what the system takes for a read and a write of each reading, here over the loopback device: a process that answers what a");
        report.Line("look at all connections brought and does nothing else, at the service's pace; made durable, the same with all of it written to a file and");
        report.Line($"synced before, once a look. The service takes readings for {ServiceSettlesSeconds} s before, so that they settle, their windows are complete, and");
        report.Line("both are in what is measured. Median of the slices, in parentheses the least and the greatest.");
        report.Line("");
        report.Columns("CPU per reading, as a share of mosquitto with mosquitto_sub", "the service", "receiving and acknowledging alone", "the same, made durable");
        AddShares("every 10 s", outcome => outcome.Paced);
        AddShares("one by one, as fast as each is answered", outcome => outcome.OneByOne);
        AddShares($"{Window} under way on each, as fast as the machine takes them", outcome => outcome.Flood);
        Write(report, "A reading every 10 s of each", [ours.Paced, theirs.Paced, least.Paced, leastDurable.Paced], PacedSeconds(options));
        Write(report, "One by one, as fast as each is answered", [ours.OneByOne, theirs.OneByOne, least.OneByOne, leastDurable.OneByOne], FloodSeconds(options));
        Write(report, "As fast as the machine takes them", [ours.Flood, theirs.Flood, least.Flood, leastDurable.Flood], FloodSeconds(options));
        report.Heading("Memory");
        report.Columns("", "connections", "resident bytes per connection, before the first reading", "peak memory, MB");
        report.Row("service", FormattableString.Invariant($"{ours.Connections:N0}"), FormattableString.Invariant($"{ours.BytesPerConnection:N0}"), FormattableString.Invariant($"{ours.PeakMegabytes:N0}"));
        report.Row("mosquitto", FormattableString.Invariant($"{theirs.Connections:N0}"), FormattableString.Invariant($"{theirs.BytesPerConnection:N0}"), FormattableString.Invariant($"{theirs.PeakMegabytes:N0}"));
        return report;

        void AddGoal(string when, Func<ListenerOutcome, IReadOnlyList<ListenerPhase>> phases) => report.Goals.Add(new Goal(
            FormattableString.Invariant($"{connections:N0} connections, {when}: CPU per reading, as a share of mosquitto with mosquitto_sub"),
            ShareOf(phases(ours), phases(theirs)),
            Share,
            "",
            "F2"));

        void AddShares(string when, Func<ListenerOutcome, IReadOnlyList<ListenerPhase>> phases) => report.Row(
            when,
            FormattableString.Invariant($"{ShareOf(phases(ours), phases(theirs)):F2}"),
            FormattableString.Invariant($"{ShareOf(phases(least), phases(theirs)):F2}"),
            FormattableString.Invariant($"{ShareOf(phases(leastDurable), phases(theirs)):F2}"));
    }

    private static double ShareOf(IReadOnlyList<ListenerPhase> phases, IReadOnlyList<ListenerPhase> of) =>
        Spread.Of(phases, phase => phase.CpuTotal).Median / Spread.Of(of, phase => phase.CpuTotal).Median;

    /// <param name="sides">The phases of each; its first process is the one that answers.</param>
    private static void Write(Markdown report, string title, IReadOnlyList<IReadOnlyList<ListenerPhase>> sides, int sliceSeconds)
    {
        report.Heading(title);
        report.Line($"{sides[0].Count} slices of {sliceSeconds} s.");
        report.Line("");
        report.Columns("", "CPU seconds per million readings", "readings per second", "publish to acknowledgement, median, ms", "99 %, ms");
        foreach (IReadOnlyList<ListenerPhase> phases in sides)
        {
            foreach ((string process, bool answers) in phases[0].CpuSecondsPerMillion.Keys.Select((name, place) => (name, place == 0)))
            {
                report.Row(
                    process,
                    Spread.Of(phases, phase => phase.CpuSecondsPerMillion[process]).Text("F2"),
                    answers ? Spread.Of(phases, phase => phase.Load.PerSecond).Text("N0") : "",
                    answers ? Spread.Of(phases, phase => phase.Load.Median).Text("F2") : "",
                    answers ? Spread.Of(phases, phase => phase.Load.Percentile99).Text("F1") : "");
            }
        }
    }

    /// <summary>Each rig has its turn once.</summary>
    private static int PacedSeconds(BenchmarkOptions options) => options.Size(IntervalSeconds, 1);

    private static int FloodSeconds(BenchmarkOptions options) => options.Size(8, 1);

    private static async Task<ListenerOutcome> ServiceAsync(BenchmarkOptions options, int connections)
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            await using ServiceProcess service = await ServiceProcess.StartAsync($"{folder}/ledger", null);
            return await MeasureAsync(options, connections, service.ListenerPort, [("service", service.Id)], options.Size(ServiceSettlesSeconds, 1));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<ListenerOutcome> BrokerAsync(BenchmarkOptions options, int connections)
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            await using MosquittoServer broker = await MosquittoServer.StartAsync(folder);
            await using ChildProcess subscriber = ChildProcess.Start(
                "/bin/sh", ["-c", $"exec mosquitto_sub -h 127.0.0.1 -p {broker.Port} -q 1 -c -i beside -t 'fleet/#' >/dev/null"]);
            await Task.Delay(500);
            return await MeasureAsync(options, connections, broker.Port, [("mosquitto", broker.ProcessId), ("mosquitto_sub > /dev/null", subscriber.Id)]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<ListenerOutcome> LeastAsync(BenchmarkOptions options, int connections, bool isDurable)
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            await using AcknowledgeProcess server = await AcknowledgeProcess.StartAsync(isDurable ? $"{folder}/readings" : null);
            return await MeasureAsync(options, connections, server.Port, [(isDurable ? "acknowledged once durable" : "acknowledged only", server.Id)]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<ListenerOutcome> MeasureAsync(
        BenchmarkOptions options, int connections, int port, IReadOnlyList<(string Name, int Id)> processes, int secondsBefore = 0)
    {
        int server = processes[0].Id;
        double before = ProcessUsage.Living(server).ResidentMegabytes;
        await using LoadProcess client = await LoadProcess.StartAsync(port, connections, connections, Window);
        double perConnection = (ProcessUsage.Living(server).ResidentMegabytes - before) * 1_048_576 / connections;

        // Compiling, and the first sight of each device.
        await client.RoundAsync();
        await client.FloodAsync(FloodSeconds(options), window: 1);
        await client.PaceAsync((double)connections / IntervalSeconds, secondsBefore);
        IReadOnlyList<ListenerPhase> paced = await SlicesAsync(() => client.PaceAsync((double)connections / IntervalSeconds, PacedSeconds(options)));
        IReadOnlyList<ListenerPhase> oneByOne = await SlicesAsync(() => client.FloodAsync(FloodSeconds(options), window: 1));
        IReadOnlyList<ListenerPhase> flood = await SlicesAsync(() => client.FloodAsync(FloodSeconds(options)));
        return new ListenerOutcome(connections, perConnection, ProcessUsage.Living(server).PeakMegabytes, paced, oneByOne, flood);

        async Task<IReadOnlyList<ListenerPhase>> SlicesAsync(Func<Task<LoadResult>> phase)
        {
            List<ListenerPhase> slices = [];
            while (slices.Count < options.Size(3, 1))
            {
                slices.Add(await PhaseAsync(processes, phase));
            }

            return slices;
        }
    }

    private static async Task<ListenerPhase> PhaseAsync(IReadOnlyList<(string Name, int Id)> processes, Func<Task<LoadResult>> phase)
    {
        int[] ids = [.. processes.Select(process => process.Id)];
        double[] before = await Quiet.WaitAsync(ids);
        LoadResult load = await phase();
        double[] after = await Quiet.WaitAsync(ids);
        return new ListenerPhase(load, processes.Select((process, i) => (process.Name, Cpu: (after[i] - before[i]) * 1_000_000 / load.Published))
            .ToDictionary(process => process.Name, process => process.Cpu));
    }
}
