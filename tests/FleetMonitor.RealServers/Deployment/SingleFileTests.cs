using System.Net;
using System.Runtime.InteropServices;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Deployment;

/// <summary>The program as one file, published as README says, on a machine without .NET as far as it can tell.</summary>
[Collection(BusyCollection.Name)]
public sealed class SingleFileTests
{
    private static readonly TimeSpan PublishPatience = TimeSpan.FromMinutes(10);

    [RealServerFact("dotnet")]
    public async Task OneFile_ChecksInstallsAndServes_WithASQLiteOfItsOwn()
    {
        using var folder = new TemporaryFolder();
        string profile = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";
        ChildResult published = await ChildProcess.RunAsync(
            Programs.Require("dotnet"),
            [
                "publish", Repository.File("src/FleetMonitor.Service"), $"-p:PublishProfile={profile}", "-p:RunAnalyzers=false", "-m:1", "-nodeReuse:false",
                "--artifacts-path", folder.File("artifacts"), "-o", folder.File("program"),
            ],
            PublishPatience);
        Assert.True(published.ExitCode == 0, published.Output);
        Assert.Equal(["fleetmonitor"], Directory.EnumerateFiles(folder.File("program"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));

        // Alone, and with nothing to fall back on.
        string program = folder.File("alone/fleetmonitor");
        Directory.CreateDirectory(folder.File("alone"));
        File.Copy(folder.File("program/fleetmonitor"), program);
        var environment = new Dictionary<string, string> { ["DOTNET_ROOT"] = folder.File("nowhere"), ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = folder.File("cache") };
        ChildResult check = await ChildProcess.RunAsync(program, ["check"], Tool.Patience, environment);
        Assert.True(check.ExitCode == 0, check.Errors);

        ChildResult installed = await ChildProcess.RunAsync(program, ["install", "--root", folder.File("root")], Tool.Patience, environment);
        Assert.True(installed.ExitCode == 0, installed.Errors);
        string there = folder.File("root/opt/fleetmonitor/fleetmonitor");
        Assert.Equal(new FileInfo(program).Length, new FileInfo(there).Length);

        int http = LoopbackPort.Free();
        await using ChildProcess service = ChildProcess.Start(
            there,
            [
                "run", "--config", folder.File("root/etc/fleetmonitor/fleetmonitor.json"), "--set", $"Ledger:Directory={folder.File("ledger")}",
                "--set", $"Http:Url=http://127.0.0.1:{http}", "--set", $"Mqtt:Listener:Port={LoopbackPort.Free()}",
            ],
            environment);
        await service.WaitForAsync("FleetMonitor serves", Tool.Patience);
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri($"http://127.0.0.1:{http}/readyz"))).StatusCode);
        Assert.Equal(0, (await service.TerminateAsync()).ExitCode);
        ChildResult verified = await ChildProcess.RunAsync(there, ["ledger", "verify", "--set", $"Ledger:Directory={folder.File("ledger")}"], Tool.Patience, environment);
        Assert.True(verified.ExitCode == 0, verified.Errors + verified.Output);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fleetmonitor-single-");

        public string File(string name) => Path.Combine(_folder.FullName, name);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
