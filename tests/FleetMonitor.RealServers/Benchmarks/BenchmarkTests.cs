using System.Xml.Linq;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Benchmarks;

/// <summary>That the one command still runs everything it promises. What it measures here means nothing, and nothing is asserted of it.</summary>
[Collection(PatientCollection.Name)]
public sealed class BenchmarkTests : IDisposable
{
    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(10);

    private static readonly string[] Parts = ["end-to-end", "listener", "store", "influx", "baselines", "scale", "finance", "anomalies"];

    private readonly DirectoryInfo _results = Directory.CreateTempSubdirectory("fleetmonitor-results-");

    [RealServerFact(MosquittoServer.Program, "mosquitto_sub", InfluxdServer.Program, "strace")]
    public async Task All_TriedOut_RunsEveryPartAndWritesItsReport()
    {
        ChildResult run = await RunAsync("--quick", "--output", _results.FullName);

        Assert.True(run.ExitCode == 0, run.Errors);
        string overview = await File.ReadAllTextAsync(Report("README.md"));
        foreach (string part in Parts)
        {
            Assert.Contains($"[{part}]({part}.md)", overview, StringComparison.Ordinal);
            string report = await File.ReadAllTextAsync(Report($"{part}.md"));
            Assert.Contains($"`dotnet run -c Release --project tests/FleetMonitor.Benchmarks -- {part}`", report, StringComparison.Ordinal);
            Assert.Contains("Machine, at the start:", report, StringComparison.Ordinal);
            Assert.Matches(@"\| [\d,.]+", report);
            Assert.Matches(@"It took [\d.]+ minutes\.\n$", report);
        }

        XElement picture = XElement.Load(Report("scale.svg"));
        Assert.NotEmpty(picture.Descendants(picture.Name.Namespace + "polyline"));
    }

    [Fact]
    public async Task Part_ThatThereIsNot_IsWrongUsageAndNamesThoseThereAre()
    {
        ChildResult run = await RunAsync("everything");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("end-to-end", run.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _results.Delete(recursive: true);

    private string Report(string name) => Path.Combine(_results.FullName, name);

    /// <summary>The benchmark stands beside the tests, built as they are.</summary>
    private static Task<ChildResult> RunAsync(params string[] arguments) => ChildProcess.RunAsync(
        Path.Combine(AppContext.BaseDirectory.Replace("FleetMonitor.RealServers", "FleetMonitor.Benchmarks", StringComparison.Ordinal), "FleetMonitor.Benchmarks"),
        arguments,
        AtMost);
}
