using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace FleetMonitor.Tests.Commands;

/// <summary>The program, typed: what it printed where, and how it ended.</summary>
internal sealed record Typed(int Code, string Output, string Messages)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static Task<Typed> RunAsync(params string[] arguments) => RunAsync([], arguments);

    public static async Task<Typed> RunAsync((string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "fleetmonitor"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> messages = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"fleetmonitor {string.Join(' ', arguments)} did not end within {Patience.TotalSeconds} s.");
        }

        return new Typed(process.ExitCode, await output, await messages);
    }

    /// <summary>A port of the loopback that nobody listens on.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
